"""Approximate arithmetic beside defensive quantisation: examples crafted on float32, shown to both.

Quantised networks have weights of their own, Ax-FPM has those of the source; so a second float32 network, trained from
another seed, stands beside them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.attack.statistics import holm
from axmac.model.study.extent import MARGINS, asked, attacked_blocks, attacked_images
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way, paired, rate
from axmac.model.study.variants import exact, named, on_unit

__all__ = ["APPROXIMATE", "QuantisedTable"]

APPROXIMATE = "Ax-FPM"
"""The column with which the others are compared."""
_OTHER = "float32, other seed"


@dataclass(frozen=True)
class QuantisedTable(Study):
    """A table of the paper: rates in percent by attack and by column, where it has them.

    ``net`` and the networks of the columns ``quantised`` are named for the full and for the quick study; the column
    `APPROXIMATE` is ``net`` with its convolutions on ``unit``.
    """

    title: str
    net: tuple[str, str]
    unit: str
    quantised: Mapping[str, tuple[str, str]]
    paper: Mapping[str, Mapping[str, int]]
    form = "quantisation"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"quantised-{self.net[0]}"

    def needs(self, quick: bool) -> list[Need]:
        """The network from two seeds, and the quantised ones."""
        return [
            *(Need(self.net[quick], seed) for seed in (0, 1)),
            *(Need(net[quick]) for net in self.quantised.values()),
        ]

    def plan(self, setting: Setting) -> list[Shard]:
        """For each attack and block of images, the smallest perturbations shown to every column."""
        source = self.needs(setting.quick)[0]
        common = {
            "source": exact(setting.nets[source]),
            "targets": list(self._columns(setting).values()),
            "dataset": setting.data(source),
            "protocol": "minimal",
            "eps": None,
            "margins": MARGINS,
        }
        return [
            Shard(
                f"{attack}/{first}",
                "axmac.model.study.transfers:attacked",
                {**common, **asked(setting, attack, first, last)},
            )
            for attack in self.paper
            for first, last in attacked_blocks(attack, attacked_images(setting, attack))
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an attack: by column the paper's rate, ours, and ours by margin; and how the column differs.

        ``paired`` are McNemar's tests of `APPROXIMATE` against the others, corrected over all of the table.
        """
        rows = [self._row(setting, attack, results) for attack in self.paper]
        tests = [test for row in rows for test in row["paired"].values()]
        for test, adjusted in zip(tests, holm([test["p"] for test in tests]), strict=True):
            test["p_holm"] = adjusted
        return rows

    def _columns(self, setting: Setting) -> dict[str, dict[str, Any]]:
        """The variant of each column."""
        source, other, *quantised = (setting.nets[need] for need in self.needs(setting.quick))
        columns = {APPROXIMATE: on_unit(source, self.unit, "conv")}
        columns |= {name: exact(net, name) for name, net in zip(self.quantised, quantised, strict=True)}
        return columns | {_OTHER: exact(other)}

    def _row(self, setting: Setting, attack: str, results: Mapping[str, Any]) -> dict[str, Any]:
        crafted = of_way(results, attack)
        names = {column: named(variant) for column, variant in self._columns(setting).items()}
        own = names[APPROXIMATE]
        return {
            "attack": attack,
            "images": attacked_images(setting, attack),
            "settings": asdict(settings_of(attack, quick=setting.quick)),
            "published_settings": asdict(settings_of(attack)),
            "paper": {column: share / 100 for column, share in self.paper[attack].items()},
            "minimal": {column: rate(crafted, name) for column, name in names.items()},
            "margins": {
                column: {f"{margin:g}": rate(crafted, name, margin)["rate"] for margin in MARGINS}
                for column, name in names.items()
            },
            "paired": {column: paired(crafted, own, name) for column, name in names.items() if name != own},
        }
