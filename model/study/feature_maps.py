"""What the last convolution of a network gives out for the same images on different arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.study.measures import correlation
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import test_images
from axmac.model.study.variants import build, exact, named, on_unit

__all__ = ["FeatureMaps", "mapped"]

_IMAGES = {True: 100, False: 1000}
_DRAWN = 3


@dataclass(frozen=True)
class FeatureMaps(OneNet):
    """Maps of float32 and of each of ``units`` in the convolutions, for the first images, each with its mean output."""

    title: str
    units: Sequence[str]
    form = "feature_maps"
    folder = "feature-maps"

    def plan(self, setting: Setting) -> list[Shard]:
        """A shard each arithmetic."""
        return [
            Shard(
                named(variant),
                f"{__name__}:mapped",
                {
                    "variant": variant,
                    "reference": exact(self.net(setting)),
                    "dataset": self.dataset(setting),
                    "images": _IMAGES[setting.quick],
                    "kept": _DRAWN,
                },
            )
            for variant in self._variants(setting)
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an arithmetic, as `mapped` has it."""
        return [
            {"unit": variant["unit"], "images": _IMAGES[setting.quick]} | results[named(variant)]
            for variant in self._variants(setting)
        ]

    def _variants(self, setting: Setting) -> list[dict[str, Any]]:
        net = self.net(setting)
        return [exact(net), *(on_unit(net, unit, "conv") for unit in self.units)]


def mapped(
    *,
    variant: Mapping[str, Any],
    reference: Mapping[str, Any],
    dataset: Mapping[str, str],
    images: int,
    kept: int,
) -> dict[str, Any]:
    """The output of the last convolution, after ReLU, averaged over its channels, for the first ``images`` test images.

    ``mean`` and ``largest`` (mean over images) of these maps; ``gain``, the mean over that of the reference;
    ``correlation`` with the reference's maps, over all their values; ``maps`` and ``inputs`` of the first ``kept``
    images, [kept][height][width].
    """
    shown = test_images(dataset, 0, images).images
    own, other = (_maps(build(net), shown) for net in (variant, reference))
    return {
        "mean": float(own.mean()),
        "largest": float(own.flatten(1).amax(1).mean()),
        "gain": float(own.mean() / other.mean()),
        "correlation": correlation(own.flatten(), other.flatten()),
        "maps": own[:kept].tolist(),
        "inputs": shown[:kept, 0].tolist(),
    }


def _maps(module: nn.Module, images: Tensor) -> Tensor:
    """float64 [n, height, width]."""
    last = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)][-1]
    outputs: list[Tensor] = []
    handle = last.register_forward_hook(lambda _layer, _inputs, out: outputs.append(out))
    try:
        with torch.no_grad():
            for part in images.split(100):
                module(part)
    finally:
        handle.remove()
    return torch.cat(outputs).double().relu().mean(1)
