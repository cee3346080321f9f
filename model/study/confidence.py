"""How sure a network is: the probability that it gives the true class, and by how much that leads, image by image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from axmac.model.study.measures import share
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way, test_images
from axmac.model.study.variants import build, exact, gained, named, on_unit

__all__ = ["Confidence", "class_leads", "classified", "scores"]

_IMAGES = {True: 1000, False: 10000}
_BLOCK = 500
_BATCH = 100
_SURE = 0.8
_STEPS = 100


@dataclass(frozen=True)
class Confidence(OneNet):
    """The distribution of confidence with each of ``units`` in the convolutions, on float32, and with the mean gain.

    ``gain_of``: the unit whose mean gain float32 is given. ``paper``: the share of images above .8, by unit, with
    "float32" for the exact network.
    """

    title: str
    units: Sequence[str]
    gain_of: str
    paper: Mapping[str, float]
    form = "confidence"
    folder = "confidence"

    def plan(self, setting: Setting) -> list[Shard]:
        """For each arithmetic blocks of test images."""
        return [
            Shard(
                f"{named(variant)}/{first}",
                f"{__name__}:classified",
                {"variant": variant, "dataset": self.dataset(setting), "first": first, "last": last},
            )
            for variant in self._variants(setting)
            for first, last in blocks(_IMAGES[setting.quick], _BLOCK)
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an arithmetic.

        The accuracy; of ``lead`` and ``probability`` (see `classified`): the share of images above .8 (see `share`),
        and the shares at or below -1, -.99, ..., 1; the paper's share, which is one of leads.
        """
        rows = []
        for variant in self._variants(setting):
            shards = of_way(results, named(variant))
            found = {name: [value for shard in shards for value in shard[name]] for name in ("lead", "probability")}
            right = sum(sum(shard["right"]) for shard in shards)
            n = len(found["lead"])
            rows.append(
                {
                    "name": named(variant),
                    "n": n,
                    "accuracy": right / n,
                    "paper": self.paper.get(variant["unit"] or variant["name"]),
                    **{name: _spread(values) for name, values in found.items()},
                }
            )
        return rows

    def _variants(self, setting: Setting) -> list[dict[str, Any]]:
        net = self.net(setting)
        return [exact(net), *(on_unit(net, unit, "conv") for unit in self.units), gained(net, self.gain_of, "conv")]


def classified(*, variant: Mapping[str, Any], dataset: Mapping[str, str], first: int, last: int) -> dict[str, Any]:
    """Shows a network the test images ``first`` to ``last`` - 1.

    Returns a list each: ``right``, 1 where the true class has the highest score; ``probability``, the softmax of the
    true class; ``lead``, that less the highest softmax of another class: the paper's definition of confidence.
    """
    block = test_images(dataset, first, last)
    logits = scores(build(variant), block.images)
    softmax = logits.double().softmax(1)
    return {
        "right": (logits.argmax(1) == block.labels).int().tolist(),
        "probability": softmax.gather(1, block.labels[:, None])[:, 0].tolist(),
        "lead": class_leads(softmax, block.labels).tolist(),
    }


def scores(module: torch.nn.Module, images: Tensor) -> Tensor:
    """Logits float32 [n, classes] of images [n, C, H, W], without gradients."""
    with torch.no_grad():
        return torch.cat([module(part) for part in images.split(_BATCH)])


def class_leads(values: Tensor, labels: Tensor) -> Tensor:
    """By how much the value of the true class is above the highest other one: values [n, classes], labels [n]."""
    own = values.gather(1, labels[:, None])[:, 0]
    return own - values.scatter(1, labels[:, None], -torch.inf).amax(1)


def _spread(values: Iterable[float]) -> dict[str, Any]:
    ordered = torch.tensor(sorted(values), dtype=torch.float64)
    steps = torch.arange(-_STEPS, _STEPS + 1, dtype=torch.float64) / _STEPS
    above = int((ordered > _SURE).sum())
    at_or_below = torch.searchsorted(ordered, steps, right=True) / len(ordered)
    return share(above, len(ordered)) | {"at_or_below": at_or_below.tolist()}
