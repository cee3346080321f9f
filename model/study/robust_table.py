"""Robust accuracy of integer units against eps: images made on an accurate network, and on each unit's own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch

from axmac.model.attack.audit import CLEAR_P, CLEAR_SHARE
from axmac.model.attack.craft import settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.attack.statistics import holm, mcnemar
from axmac.model.study.planning import Need, Setting, Study, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way
from axmac.model.study.variants import exact, named, on_unit

__all__ = ["Claim", "Images", "Method", "RobustTable"]

_FLOAT, _INT8, _WHITE, _ALL = "float32", "int8", "white-box", "strongest"
_SOURCES = (_FLOAT, _INT8, _WHITE, _ALL)
"""What images are made on: the float network, the exact int8 network, each network itself; and whichever fools it."""


class Images(NamedTuple):
    """Test images ``shown`` to all networks, made on an accurate one, and ``aimed`` at each; ``block`` in a shard."""

    shown: int
    aimed: int
    block: int = 250


_FULL, _QUICK = Images(1000, 200), Images(50, 16)


@dataclass(frozen=True)
class Method:
    """An attack of the paper in one norm: its module, and the paper's ``settings`` of it."""

    label: str
    norm: str
    attack: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Claim:
    """What the paper says of a unit at an eps: its robust accuracy less that of the accurate one, in points."""

    unit: str
    label: str
    norm: str
    eps: float
    points: float


@dataclass(frozen=True)
class RobustTable(Study):
    """A figure of the paper: ``layers`` of ``net`` in int8 on ``units`` (by label), of which the first is exact.

    ``percentile``: see `on_unit`. ``sizes`` are eps, 0 first. Images are made on float32 and on the exact int8 network
    and shown to all, and made on each int8 network for itself.
    """

    title: str
    net: str
    units: Mapping[str, str]
    methods: Sequence[Method]
    sizes: tuple[float, ...]
    claims: Sequence[Claim]
    layers: str = "all"
    percentile: float | None = None
    full: Images = _FULL
    quick: Images = _QUICK
    form = "robustness"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"robust-{self.net}"

    def needs(self, quick: bool) -> list[Need]:
        """The network, the same in the quick study."""
        del quick
        return [Need(self.net)]

    def plan(self, setting: Setting) -> list[Shard]:
        """For each way and attack blocks of images, at all eps."""
        return [
            Shard(
                f"{way}/{method.attack}/{first}",
                "axmac.model.study.robust:moved_and_shown",
                {
                    **how,
                    "dataset": setting.data(Need(self.net)),
                    "first": first,
                    "last": last,
                    "attack": method.attack,
                    "settings": self._settings(method),
                    "sizes": self.sizes,
                    "seed": setting.seed,
                },
            )
            for way, how, images in self._ways(setting)
            for method in self.methods
            for first, last in blocks(images, self._images(setting).block)
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row for each source and attack.

        Source ``white-box``: images made on each network itself; ``strongest``: of the images that all sources have,
        those count as right that a network has right from every source. ``eps``, ``n`` images, ``settings``, and by
        label ``curves``: at each eps the images ``right``, the 95 % ``interval`` of their share, and, of approximate
        units above eps 0, against exact int8 on the same images, ``gained`` and ``lost`` ones, ``p`` of McNemar's test
        and ``p_holm``, corrected over all tests of the source; else None. ``claims`` are the paper's of that attack,
        ``paper`` in points.
        """
        rows = [
            self._row(method, source, self._judged(setting, method, source, results))
            for source in _SOURCES
            for method in self.methods
        ]
        for source in _SOURCES:
            curves = [curve for row in rows if row["source"] == source for curve in row["curves"].values()]
            tested = [(curve, place) for curve in curves for place, p in enumerate(curve["p"]) if p is not None]
            adjusted = holm([curve["p"][place] for curve, place in tested])
            for (curve, place), p in zip(tested, adjusted, strict=True):
                curve["p_holm"][place] = p
        return rows

    def alarms(self, results: Mapping[str, Any]) -> list[str]:
        """A line where images made on an accurate network clearly fool a unit more often than those aimed at it.

        On the images of both, the largest lead of each unit and attack: then its white-box figures are no bound.
        """
        lines = []
        for label, unit in list(self.units.items())[1:]:
            for method in self.methods:
                leads = []
                for source in (_FLOAT, _INT8):
                    name = f"{unit} ({self.layers})"
                    shown = _flags(of_way(results, f"{source}/{method.attack}"), name)
                    aimed = _flags(of_way(results, f"{_WHITE} {unit}/{method.attack}"), name)
                    for eps in self.sizes[1:]:
                        own = aimed[f"{eps:g}"]
                        paired = mcnemar(own, shown[f"{eps:g}"][: len(own)])
                        lead = (paired.only_first - paired.only_second) / max(paired.n, 1)
                        if lead > CLEAR_SHARE and paired.p <= CLEAR_P:
                            leads.append((lead, source, eps, paired))
                if leads:
                    _, source, eps, paired = max(leads, key=lambda found: found[0])
                    lines.append(
                        f"{label}, {method.label} in {method.norm}, eps {eps:g}: of {paired.n} images, "
                        f"{paired.only_first} fall to the image of {source} alone, {paired.only_second} to the one "
                        f"aimed at it alone (p {paired.p:.2g})"
                    )
        return lines

    def _settings(self, method: Method) -> dict[str, Any]:
        return asdict(settings_of(method.attack, method.settings))

    def _ways(self, setting: Setting) -> list[tuple[str, dict[str, Any], int]]:
        """Names of shards, source and targets, and the number of images."""
        net, images = setting.nets[Need(self.net)], self._images(setting)
        units = [on_unit(net, unit, self.layers, percentile=self.percentile) for unit in self.units.values()]
        shown = [(_FLOAT, {"source": exact(net), "targets": units}, images.shown)]
        shown.append((_INT8, {"source": units[0], "targets": units[1:]}, images.shown))
        return shown + [(f"{_WHITE} {unit['unit']}", {"source": unit, "targets": []}, images.aimed) for unit in units]

    def _images(self, setting: Setting) -> Images:
        return self.quick if setting.quick else self.full

    def _judged(
        self, setting: Setting, method: Method, source: str, results: Mapping[str, Any]
    ) -> dict[str, dict[str, torch.Tensor]]:
        """By label and eps, which images are right; float32 too where images were made on it."""
        if source == _ALL:
            shown, also, own = (self._judged(setting, method, one, results) for one in _SOURCES[:3])
            return {
                label: {
                    eps: found & shown[label][eps][: len(found)] & also[label][eps][: len(found)]
                    for eps, found in own[label].items()
                }
                for label in self.units
            }
        net = setting.nets[Need(self.net)]
        names = {label: named(on_unit(net, unit, self.layers)) for label, unit in self.units.items()}
        if source == _WHITE:
            ways = {label: f"{_WHITE} {unit}/{method.attack}" for label, unit in self.units.items()}
            return {label: _flags(of_way(results, ways[label]), name) for label, name in names.items()}
        if source == _FLOAT:
            names = {_FLOAT: named(exact(net)), **names}
        return {label: _flags(of_way(results, f"{source}/{method.attack}"), name) for label, name in names.items()}

    def _row(self, method: Method, source: str, judged: Mapping[str, Mapping[str, torch.Tensor]]) -> dict[str, Any]:
        accurate = next(iter(self.units))
        return {
            "source": source,
            "attack": method.label,
            "norm": method.norm,
            "method": method.attack,
            "settings": self._settings(method),
            "accurate": accurate,
            "eps": list(self.sizes),
            "n": len(judged[accurate]["0"]),
            "curves": {
                label: self._curve(flags, judged[accurate], label not in (accurate, _FLOAT))
                for label, flags in judged.items()
            },
            "claims": [
                {"unit": claim.unit, "eps": claim.eps, "paper": claim.points}
                for claim in self.claims
                if (claim.label, claim.norm) == (method.label, method.norm)
            ],
        }

    def _curve(
        self, own: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor], tested: bool
    ) -> dict[str, Any]:
        found = {name: [] for name in ("right", "interval", "gained", "lost", "p", "p_holm")}
        for eps in self.sizes:
            flags, reference = own[f"{eps:g}"], other[f"{eps:g}"]
            right = int(flags.sum())
            paired = mcnemar(flags, reference) if tested and eps > 0 else None
            found["right"].append(right)
            found["interval"].append(wilson(right, len(flags)))
            found["gained"].append(paired and paired.only_first)
            found["lost"].append(paired and paired.only_second)
            found["p"].append(paired and paired.p)
            found["p_holm"].append(None)
        return found


def _flags(shards: Sequence[Mapping[str, Any]], name: str) -> dict[str, torch.Tensor]:
    """By eps bool [n]: which images, over all shards, the network has right."""
    return {
        eps: torch.tensor([flag == "1" for shard in shards for flag in shard["right"][eps][name]], dtype=torch.bool)
        for eps in shards[0]["right"]
    }
