"""Ablation: what a network is worth when a share of a layer's units is clamped to zero (Panda 2020, figure 1b).

A unit is a whole feature map, as in the study of single directions that the paper follows (Morcos et al., ICLR 2018).
It is clamped behind the batch normalisation of its layer, so that the ReLU passes zero on; in a residual block it adds
nothing to the sum.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.craft import craft
from axmac.model.attack.victim import Goal
from axmac.model.nn.evaluate import predict
from axmac.model.nn.hooks import watching
from axmac.model.nn.hybrid import quantisable
from axmac.model.study.quanos.evaluation import loaded
from axmac.model.study.transfers import SEEDS, test_images

__all__ = ["ablated", "ablations", "clamped"]

_BATCH = 250
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def ablations(
    *,
    model: Mapping[str, str],
    dataset: Mapping[str, str],
    images: int,
    layers: Sequence[str],
    shares: Sequence[float],
    draws: int,
    eps: float,
    seed: int,
) -> dict[str, Any]:
    """Ablates ``layers`` (by name) of the checkpoint ``model`` {path, sha256} in turn; `ablated` says how.

    Returns ``n`` test images, how many are right ``intact``, and, by layer, ``right`` [share][draw].
    """
    block = test_images(dataset, 0, images)
    module = loaded(model)
    moved = craft(module, "fgsm", block.images, Goal(block.labels), eps=eps, seed=seed).images
    intact = int((predict(module, moved, batch_size=_BATCH) == block.labels).sum())
    right = {
        name: ablated(module, name, moved, block.labels, shares, draws, seed * SEEDS + place * draws)
        for place, name in enumerate(quantisable(module, tuple(moved.shape[1:])))
        if name in layers
    }
    return {"n": len(block), "intact": intact, "right": right}


def ablated(
    module: nn.Module, layer: str, images: Tensor, labels: Tensor, shares: Sequence[float], draws: int, seed: int
) -> list[list[int]]:
    """How many images float32 [n, C, H, W] are right as each share of the units of a layer is clamped to zero.

    ``draws`` times for each share, [share][draw]; the units of a draw come from its seed, those of a larger share
    include those of a smaller one. Images stay those that were made on the intact network.
    """
    units = module.get_submodule(layer).weight.shape[0]
    orders = [torch.randperm(units, generator=torch.Generator().manual_seed(seed + draw)) for draw in range(draws)]
    counts = []
    for share in shares:
        found = []
        for order in orders:
            with clamped(module, layer, images[:1], order[: round(share * units)]):
                found.append(int((predict(module, images, batch_size=_BATCH) == labels).sum()))
        counts.append(found)
    return counts


@contextmanager
def clamped(module: nn.Module, layer: str, image: Tensor, units: Tensor) -> Iterator[None]:
    """While open, the ``units`` (int64) of a layer put out zero; ``image`` [1, C, H, W] shows what follows it."""

    def clamp(_module: nn.Module, _inputs: tuple, out: Tensor) -> Tensor:
        out = out.clone()
        out[:, units] = 0
        return out

    handle = module.get_submodule(_last(module, layer, image)).register_forward_hook(clamp)
    try:
        yield
    finally:
        handle.remove()


def _last(module: nn.Module, layer: str, image: Tensor) -> str:
    """The name of the batch normalisation that runs right after a layer, else of the layer itself."""
    order: list[str] = []
    leaves = {name: part for name, part in module.named_modules() if not any(part.children())}
    with watching(leaves, lambda name, *_: order.append(name)), torch.no_grad():
        module(image)
    after = order[order.index(layer) + 1 :][:1]
    return after[0] if after and isinstance(module.get_submodule(after[0]), _NORMS) else layer
