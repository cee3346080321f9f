"""Tables of black-box attacks, as the Ax-FPM paper has them: crafted on a substitute, shown to the victim it imitates.

The victims are a float32 network and the same weights on a unit; each has a substitute of its own, made in the same
way from the same images, and meets the same attacks. So the one column says what the other one's rate is worth.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from axmac.model.attack.craft import settings_of
from axmac.model.attack.statistics import holm, mcnemar
from axmac.model.attack.substitute import Settings
from axmac.model.study.extent import MARGINS, WITH_BUDGETS, asked, attacked_blocks, attacked_images
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import median_l2, of_way, rate
from axmac.model.study.variants import exact, named, on_unit

__all__ = ["BlackBoxTable"]

_COMPARED = {"quick": 100, "full": 1000}
"""Test images on which a substitute and its victim are compared."""
_LEARNING = {"quick": {"images": 150, "settings": {"rounds": 5}}, "full": {"images": 150, "settings": {}}}
"""How a substitute is made: seed images, and what is not as published."""


@dataclass(frozen=True)
class BlackBoxTable(Study):
    """A table of the paper: its ``title``, ``net``, ``unit`` (in the convolutions) and rates in percent by attack.

    ``paper`` has the rate on float32 and that on the unit; ``budgets`` are eps in L-inf. ``substitute`` names the
    architecture of the substitutes; None is one that is not the victim's.
    """

    title: str
    net: str
    unit: str
    paper: Mapping[str, tuple[int, int]]
    budgets: tuple[float, ...]
    substitute: str | None = None
    form = "black_box"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"black-box-{self.net}"

    def needs(self, quick: bool) -> list[Need]:
        """The network whose weights both victims have."""
        del quick
        return [Need(self.net)]

    def plan(self, setting: Setting) -> list[Shard]:
        """For each victim its substitute; for each attack and block of images: minimal, and within budgets."""
        return [
            shard
            for victim in self._victims(setting)
            for shard in (self._imitation(setting, victim), *self._attacks(setting, victim))
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an attack.

        By victim: the paper's rate, ours by protocol and margin, distances, queries and the substitute; and a test
        of both victims on the same images, corrected over the table.
        """
        names = [named(victim) for victim in self._victims(setting)]
        rows = [self._row(setting, names, attack, results) for attack in self.paper]
        adjusted = holm([row["paired"]["p"] for row in rows])
        for row, p in zip(rows, adjusted, strict=True):
            row["paired"]["p_holm"] = p
        return rows

    def _victims(self, setting: Setting) -> list[dict[str, Any]]:
        net = setting.nets[Need(self.net)]
        return [exact(net), on_unit(net, self.unit, "conv")]

    def _common(self, setting: Setting, victim: Mapping[str, Any]) -> dict[str, Any]:
        chosen = _LEARNING[_size(setting)]
        learning = {"net": self.substitute, "images": chosen["images"], "seed": setting.seed}
        learning["settings"] = asdict(Settings(**chosen["settings"]))
        return {"victim": victim, "dataset": setting.data(Need(self.net)), "learning": learning}

    def _imitation(self, setting: Setting, victim: Mapping[str, Any]) -> Shard:
        compared = {"images": _COMPARED[_size(setting)]}
        function = "axmac.model.study.black_box:imitated"
        return Shard(f"substitute/{named(victim)}", function, self._common(setting, victim) | compared)

    def _attacks(self, setting: Setting, victim: Mapping[str, Any]) -> list[Shard]:
        return [
            Shard(
                f"{attack}/{name}/{named(victim)}/{first}",
                "axmac.model.study.black_box:attacked_blind",
                {
                    **self._common(setting, victim),
                    **way,
                    **asked(setting, attack, first, last),
                },
            )
            for attack in self.paper
            for name, way in self._ways(attack).items()
            for first, last in attacked_blocks(attack, attacked_images(setting, attack))
        ]

    def _ways(self, attack: str) -> dict[str, dict[str, Any]]:
        ways = {"minimal": {"protocol": "minimal", "eps": None, "margins": MARGINS}}
        for eps in self.budgets if attack in WITH_BUDGETS else ():
            ways[f"budget {eps:.3g}"] = {"protocol": "budget", "eps": eps, "margins": (1,)}
        return ways

    def _row(self, setting: Setting, names: list[str], attack: str, results: Mapping[str, Any]) -> dict[str, Any]:
        victims = {}
        for name, paper in zip(names, self.paper[attack], strict=True):
            shards = {way: of_way(results, f"{attack}/{way}/{name}") for way in self._ways(attack)}
            crafted = shards.pop("minimal")
            victims[name] = {
                "paper": paper / 100,
                "minimal": rate(crafted, name),
                "margins": {f"{margin:g}": rate(crafted, name, margin) for margin in MARGINS},
                "budgets": {way.removeprefix("budget "): rate(found, name) for way, found in shards.items()},
                "l2": median_l2(crafted),
                "queries": sum(shard["forward_images"] for shard in crafted),
                "substitute": results[f"substitute/{name}"],
            }
        return {
            "attack": attack,
            "images": attacked_images(setting, attack),
            "settings": asdict(settings_of(attack, quick=setting.quick)),
            "published_settings": asdict(settings_of(attack)),
            "victims": victims,
            "paired": _paired(*(_outcomes(of_way(results, f"{attack}/minimal/{name}"), name) for name in names)),
        }


def _size(setting: Setting) -> str:
    return "quick" if setting.quick else "full"


def _outcomes(shards: Iterable[Mapping[str, Any]], victim: str) -> dict[int, bool]:
    """Whether the victim is fooled, by index of the images that it and its substitute classify right."""
    return {
        index: bool(fooled)
        for shard in shards
        if shard["indices"]
        for index, right, fooled in zip(
            shard["indices"], shard["right"][victim], shard["fooled"]["1"][victim], strict=True
        )
        if right
    }


def _paired(one: Mapping[int, bool], other: Mapping[int, bool]) -> dict[str, Any]:
    """McNemar's test of two victims on the images that count for both; each met the image made for its substitute."""
    both = sorted(set(one) & set(other))
    return asdict(mcnemar(*(torch.tensor([found[i] for i in both], dtype=torch.bool) for found in (one, other))))
