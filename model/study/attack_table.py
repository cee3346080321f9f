"""Tables of attack success, as the Ax-FPM paper has them: crafted on float32, shown to approximate arithmetic.

Beside the paper's column stand other units, float32 with the mean gain of Ax-FPM, and a second float32 network from
another seed, without which "does not transfer" means nothing; fixed budgets; margins around the smallest perturbations;
and the same attacks on Ax-FPM itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from statistics import median
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import rate
from axmac.model.study.variants import exact, gained, named, on_unit

__all__ = ["AttackTable"]

_HEAVY = ("cw", "lsa", "boundary", "hopskipjump")
_IMAGES = {"quick": (100, 20), "full": (1000, 200)}
"""Test images for the cheap and for the query-heavy attacks."""
_BLOCK = {False: 50, True: 10}
_MARGINS = (1, 1.05, 1.1, 1.25, 1.5)
_BUDGETS = (0.1, 0.2, 0.3)
_WITH_BUDGETS = ("fgsm", "pgd")
_FUNCTION = "axmac.model.study.transfers:attacked"


@dataclass(frozen=True)
class AttackTable:
    """A table of the paper: its ``title``, ``net``, ``unit`` (in the convolutions), and its rates in percent by attack.

    Tables of one network share their shards: what one has computed, the other finds.
    """

    title: str
    net: str
    unit: str
    paper: Mapping[str, int]
    seeds: tuple[int, int] = (0, 1)

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"attacks-{self.net}"

    def plan(self, setting: Setting) -> list[Shard]:
        """For each attack and block of images: minimal on float32, minimal on Ax-FPM, and budgets where it has them."""
        variants = _Variants(setting)
        return [
            Shard(
                f"{attack}/{name}/{first}",
                _FUNCTION,
                {
                    **way,
                    "dataset": setting.dataset,
                    "seed": setting.seed,
                    "attack": attack,
                    "settings": asdict(settings_of(attack, quick=setting.quick)),
                    "first": first,
                    "last": last,
                },
            )
            for attack in self.paper
            for name, way in _ways(variants, attack).items()
            for first, last in blocks(_images(setting, attack), _BLOCK[attack in _HEAVY])
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an attack: the paper's rate; ours by protocol, target and margin; L2; success on Ax-FPM itself."""
        return [self._row(setting, _Variants(setting), attack, results) for attack in self.paper]

    def _row(self, setting: Setting, variants: "_Variants", attack: str, results: Mapping[str, Any]) -> dict[str, Any]:
        unit = named(on_unit(variants.net, self.unit, "conv"))
        others = [name for name in map(named, variants.targets) if name != unit]
        crafted, white = _of(results, f"{attack}/minimal"), _of(results, f"{attack}/white-box")
        budgets = {f"{eps:g}": _of(results, f"{attack}/budget {eps:g}") for eps in _BUDGETS if attack in _WITH_BUDGETS}
        return {
            "attack": attack,
            "images": _images(setting, attack),
            "settings": asdict(settings_of(attack, quick=setting.quick)),
            "published_settings": asdict(settings_of(attack)),
            "paper": self.paper[attack] / 100,
            "minimal": rate(crafted, unit),
            "controls": {other: rate(crafted, other) for other in others},
            "margins": {f"{margin:g}": rate(crafted, unit, margin) for margin in _MARGINS},
            "budgets": {eps: rate(shards, unit) for eps, shards in budgets.items()},
            "white_box": rate(white, "source"),
            "l2": {"float32": _median(crafted), "ax_fpm": _median(white)},
            "queries": {"forward": _queries(crafted, "forward"), "backward": _queries(crafted, "backward")},
        }


@dataclass(frozen=True)
class _Variants:
    """The networks of the tables: ``net`` is a checkpoint, ``targets`` are those that images are shown to."""

    setting: Setting

    @property
    def net(self) -> dict[str, Any]:
        return self.setting.nets[0]

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        units = [on_unit(self.net, unit, layers) for unit, layers in (("ax_fpm", "conv"), ("ax_fpm", "all"))]
        units += [on_unit(self.net, unit, "conv") for unit in ("heap", "bf16_booth")]
        return [*units, gained(self.net, "ax_fpm", "conv"), exact(self.setting.nets[1])]


def _ways(variants: _Variants, attack: str) -> dict[str, dict[str, Any]]:
    net, unit = exact(variants.net), variants.targets[0]
    shown = {"source": net, "targets": variants.targets}
    ways = {
        "minimal": {**shown, "protocol": "minimal", "eps": None, "margins": _MARGINS},
        "white-box": {"source": unit, "targets": [net], "protocol": "minimal", "eps": None, "margins": (1,)},
    }
    if attack in _WITH_BUDGETS:
        ways |= {f"budget {eps:g}": {**shown, "protocol": "budget", "eps": eps, "margins": (1,)} for eps in _BUDGETS}
    return ways


def _images(setting: Setting, attack: str) -> int:
    return _IMAGES["quick" if setting.quick else "full"][attack in _HEAVY]


def _of(results: Mapping[str, Any], way: str) -> list[Mapping[str, Any]]:
    return [result for name, result in results.items() if name.rpartition("/")[0] == way]


def _median(shards: Iterable[Mapping[str, Any]]) -> float | None:
    """The median L2 distance of the images that fool the network they were crafted on."""
    found = [
        distance
        for shard in shards
        if shard["indices"]
        for distance, fooled in zip(shard["l2"], shard["fooled"]["1"]["source"], strict=True)
        if fooled
    ]
    return median(found) if found else None


def _queries(shards: Sequence[Mapping[str, Any]], kind: str) -> float:
    """Queries an attacked image."""
    return sum(shard[f"{kind}_images"] for shard in shards) / max(1, sum(len(shard["indices"]) for shard in shards))
