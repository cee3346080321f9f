"""Tables of time: one evaluation of networks on integer units, as ratios to native float32 within one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard

__all__ = ["Timed", "TimingTable"]

_REPEATS = {"quick": 3, "full": 5}
_TEST_SET = 10_000
"""Images of one evaluation."""


@dataclass(frozen=True)
class Timed:
    """A network, the ``layers`` that are on the units, images of a batch (full and quick), the paper's seconds."""

    net: str
    layers: str
    images: tuple[int, int]
    paper: float


@dataclass(frozen=True)
class TimingTable(Study):
    """A table of the paper: the time of each network on each unit (by label)."""

    title: str
    nets: Sequence[Timed]
    units: Mapping[str, str]
    form = "timings"
    folder = "timings"

    def needs(self, quick: bool) -> list[Need]:
        """No trained network: the time does not depend on the weights."""
        del quick
        return []

    def plan(self, setting: Setting) -> list[Shard]:
        """One shard, so that nothing else of the study runs beside it."""
        nets = [{"net": one.net, "layers": one.layers, "images": one.images[setting.quick]} for one in self.nets]
        arguments = {"nets": nets, "units": list(self.units.values()), "seed": setting.seed}
        arguments["repeats"] = _REPEATS["quick" if setting.quick else "full"]
        return [Shard("seconds", "axmac.model.study.timings:timed", arguments)]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row a network: ``images`` of a batch, float32 and each unit in ``seconds`` of it and as a ``ratio``.

        ``paper``: its seconds of one evaluation; ``evaluation``: seconds of 10,000 images at the speed measured.
        """
        rows = []
        for one, found in zip(self.nets, results["seconds"], strict=True):
            native, *others = found["seconds"]
            images = one.images[setting.quick]
            seconds = {"float32": native, **dict(zip(self.units, others, strict=True))}
            rows.append(
                {
                    "net": one.net,
                    "layers": one.layers,
                    "images": images,
                    "paper": one.paper,
                    "seconds": seconds,
                    "ratio": {label: taken / native for label, taken in seconds.items()},
                    "evaluation": {label: taken * _TEST_SET / images for label, taken in seconds.items()},
                }
            )
        return rows
