"""Ranges of the inputs of layers, measured on images: the step of symmetric quantisation to +-127."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import torch
from torch import Tensor, nn

from axmac.model.nn.modes import evaluating
from axmac.model.spec import InputError

__all__ = ["LARGEST", "USUAL_IMAGES", "USUAL_PERCENTILE", "input_scales"]

LARGEST = 127
"""Integers of quantised tensors are -127 to 127; -128 is not used."""

USUAL_IMAGES, USUAL_PERCENTILE = 512, 100.0
"""What verbs and studies calibrate with unless told otherwise: the first training images, and min-max."""


def input_scales(
    module: nn.Module, layers: dict[str, nn.Module], images: Tensor, percentile: float = 100.0, batch_size: int = 64
) -> dict[str, float]:
    """By name the step of each layer's input: a percentile of its absolute values on images [n, ...], over 127.

    The percentile is that of the nearest rank: of N values the ceil(percentile / 100 * N)-th smallest; 100 is the
    largest (min-max). It is exact, whatever the batches. An input that is 0 everywhere has step 1. The module computes
    in evaluation mode and without gradients, and is left as it was.
    Raises ``InputError`` for no images, a percentile outside (0, 100], values that are not finite, and a layer that
    the module does not call.
    """
    if not isinstance(images, Tensor) or images.ndim < 1 or len(images) == 0 or images.dtype != torch.float32:
        what = f"{images.dtype} {list(images.shape)}" if isinstance(images, Tensor) else type(images).__name__
        raise InputError(f"calibration must be float32 images [n, ...], at least one, not {what}")
    if not isinstance(percentile, int | float) or not 0 < percentile <= 100:
        raise InputError(f"percentile must be above 0 and at most 100, not {percentile!r}")
    sizes = dict.fromkeys(layers, 0)

    def count(name: str, x: Tensor) -> None:
        sizes[name] += x.numel()

    with _observed(module, layers, count):
        module(images[:1])
    missing = [name for name, size in sizes.items() if not size]
    if missing:
        raise InputError(f"layer {missing[0]!r} is not called by the module: name the layers that are")
    share = Fraction(str(percentile)) / 100
    totals = {name: size * len(images) for name, size in sizes.items()}
    kept = {name: torch.empty(0) for name in layers}

    def keep(name: str, x: Tensor) -> None:
        wanted = totals[name] - math.ceil(share * totals[name]) + 1  # so many of the largest; the least of them counts
        values = torch.cat([kept[name], x.abs().flatten()])
        kept[name] = values.topk(min(wanted, len(values))).values

    with _observed(module, layers, keep):
        for batch in images.split(batch_size):
            module(batch)
    found = {}
    for name, values in kept.items():
        if not bool(torch.isfinite(values).all()):
            raise InputError(f"layer {name!r} sees values that are not finite: use other weights or images")
        found[name] = float(values.min()) / LARGEST or 1.0
    return found


@contextmanager
def _observed(module: nn.Module, layers: dict[str, nn.Module], see) -> Iterator[None]:
    """While open, ``see(name, input)`` is called before each layer; evaluation mode, no gradients."""
    handles = [
        layer.register_forward_pre_hook(lambda _layer, inputs, name=name: see(name, inputs[0].detach()))
        for name, layer in layers.items()
    ]
    try:
        with evaluating(module), torch.no_grad():
            yield
    finally:
        for handle in handles:
            handle.remove()
