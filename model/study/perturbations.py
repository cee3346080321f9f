"""How far an attack must move images of a network on float32 and, the same images, on a unit that it knows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log10, prod
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.study.extent import asked
from axmac.model.study.measures import compared
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way
from axmac.model.study.variants import exact, gained, named, on_unit

__all__ = ["Perturbations", "measure"]

_IMAGES = {"deepfool": (1000, 100), "cw": (200, 20)}
"""Test images of the full and of the quick study."""
_BLOCK = {"deepfool": 50, "cw": 20}
_PIXELS = prod((1, 28, 28))


@dataclass(frozen=True)
class Perturbations(OneNet):
    """A figure of the paper: smallest perturbations by ``attack`` in the measures ``l2``, or ``mse`` and ``psnr``.

    ``paper``: by measure, what the paper prints for Ax-FPM against float32: {"difference": ..} or {"ratio": ..}.
    Figures of one attack share their shards.
    """

    title: str
    attack: str
    unit: str
    paper: Mapping[str, Mapping[str, float]]
    form = "perturbations"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"perturbations-{self.attack}"

    def plan(self, setting: Setting) -> list[Shard]:
        """For each network blocks of images, attacked with full knowledge."""
        return [
            Shard(
                f"{named(source)}/{first}",
                "axmac.model.study.transfers:attacked",
                {
                    "source": source,
                    "targets": [],
                    "dataset": self.dataset(setting),
                    **asked(setting, self.attack, first, last),
                    "protocol": "minimal",
                    "eps": None,
                    "margins": [1],
                },
            )
            for source in self._sources(setting)
            for first, last in blocks(self._images(setting), _BLOCK[self.attack])
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row for each network beside float32.

        Images shown, and of those that both networks classify right, how many the attack fooled each with; for each
        measure the pairs' means, difference and ratio (see `compared`), and the values of each image that fooled both.
        """
        first, *others = self._sources(setting)
        reference = _by_image(results, named(first))
        return [self._row(setting, reference, named(other), _by_image(results, named(other))) for other in others]

    def _row(
        self, setting: Setting, reference: Mapping[int, float | None], name: str, found: Mapping[int, float | None]
    ) -> dict[str, Any]:
        both = sorted(reference.keys() & found.keys())
        images = [index for index in both if reference[index] is not None and found[index] is not None]
        row = {
            "name": name,
            "attack": self.attack,
            "settings": asdict(settings_of(self.attack, quick=setting.quick)),
            "shown": self._images(setting),
            "right": len(both),
            "fooled": [sum(each[index] is not None for index in both) for each in (reference, found)],
            "images": images,
            "measures": {},
        }
        for which in self.paper:
            values = [[measure(which, each[index]) for index in images] for each in (reference, found)]
            row["measures"][which] = {**compared(*values), "values": values, "paper": self.paper[which]}
        return row

    def _sources(self, setting: Setting) -> list[dict[str, Any]]:
        net = self.net(setting)
        units = [on_unit(net, self.unit, "conv", gradient) for gradient in ("exact", "unit")]
        return [exact(net), *units, gained(net, self.unit, "conv")]

    def _images(self, setting: Setting) -> int:
        return _IMAGES[self.attack][setting.quick]


def measure(which: str, l2: float) -> float:
    """The measure of a perturbation of this L2 norm of an image of 28 x 28 values from 0 to 1.

    ``l2`` itself; ``mse``, the mean squared change; ``psnr`` in dB, 20 log10(1 / sqrt(mse)).
    """
    mse = l2 * l2 / _PIXELS
    return {"l2": lambda: l2, "mse": lambda: mse, "psnr": lambda: -10 * log10(mse)}[which]()


def _by_image(results: Mapping[str, Any], name: str) -> dict[int, float | None]:
    """L2 of each image that the network classifies right; None where the attack found nothing."""
    return {
        index: distance if fooled else None
        for shard in of_way(results, name)
        if shard["indices"]
        for index, distance, fooled in zip(shard["indices"], shard["l2"], shard["fooled"]["1"]["source"], strict=True)
    }
