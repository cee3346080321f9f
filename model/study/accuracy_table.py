"""Tables of accuracy, as papers have them: the same images on different arithmetic, and errors of the units.

Beside the paper's values stand the number of images, an interval, and a paired test against the exact row on those
images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axmac.model.attack.statistics import holm
from axmac.model.study.accuracies import accuracy, compared
from axmac.model.study.planning import Need, Setting, Study, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way
from axmac.model.study.variants import exact, named, on_unit

__all__ = ["AccuracyTable", "Entry"]

_IMAGES = {"quick": 1_000, "full": 10_000}
_BLOCK = 250
_PAIRS = {"quick": 500_000, "full": 10_000_000}
_EXACT = "fp32_ieee"
"""The unit whose errors stand in the row of float32."""


@dataclass(frozen=True)
class Entry:
    """A row: ``net`` for the full and for the quick study, as it is or with ``layers`` on ``unit``.

    ``paper`` is its accuracy in percent, ``paper_errors`` MRED and NMED of its unit, which are measured where they are
    given; None where the paper has none. An ``optional`` network is not trained by the study. ``percentile``: see
    `on_unit`.
    """

    label: str
    net: tuple[str, str]
    unit: str | None = None
    layers: str | None = None
    paper: float | None = None
    paper_errors: tuple[float, float] | None = None
    optional: bool = False
    percentile: float | None = None


@dataclass(frozen=True)
class AccuracyTable(Study):
    """A table of the paper: its ``title`` and rows.

    The first row of a data set, or where ``by_net`` of a network, is what the others of it are compared with.
    """

    title: str
    entries: tuple[Entry, ...]
    by_net: bool = False
    form = "accuracies"
    folder = "accuracies"

    def needs(self, quick: bool) -> list[Need]:
        """The networks of the rows, each once."""
        return list(dict.fromkeys(Need(entry.net[quick], optional=entry.optional) for entry in self.entries))

    def plan(self, setting: Setting) -> list[Shard]:
        """For each row its blocks of images, and the errors of its unit."""
        size = "quick" if setting.quick else "full"
        shards = []
        for entry in self._there(setting):
            variant, data = _variant(setting, entry), setting.data(_need(setting, entry))
            for first, last in blocks(_IMAGES[size], _BLOCK):
                arguments = {"variant": variant, "dataset": data, "first": first, "last": last}
                name = f"{_name(setting, entry)}/{first}"
                shards.append(Shard(name, "axmac.model.study.accuracies:classified", arguments))
            if entry.paper_errors is not None:
                arguments = {"unit": entry.unit or _EXACT, "pairs": _PAIRS[size], "seed": setting.seed}
                name = f"errors/{entry.unit or _EXACT}"
                shards.append(Shard(name, "axmac.model.study.unit_errors:measured", arguments))
        return shards

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an entry.

        ``change`` and ``paper_change`` are accuracies less those of the row that it is compared with; ``paired`` is
        McNemar's test of the two, corrected over the table; all None for that row itself. ``errors`` are the figures
        of the unit beside the paper's. Networks that are not trained have no rows.
        """
        references: dict[str, Entry] = {}
        entries = self._there(setting)
        for entry in entries:
            references.setdefault(self._group(setting, entry), entry)
        rows = [self._row(setting, entry, references[self._group(setting, entry)], results) for entry in entries]
        tests = [row["paired"] for row in rows if row["paired"] is not None]
        for test, adjusted in zip(tests, holm([test["p"] for test in tests]), strict=True):
            test["p_holm"] = adjusted
        return rows

    def _there(self, setting: Setting) -> list[Entry]:
        return [entry for entry in self.entries if _need(setting, entry) in setting.nets]

    def _group(self, setting: Setting, entry: Entry) -> str:
        """What the rows that are compared with one another have in common."""
        return entry.net[setting.quick] if self.by_net else _data(setting, entry)

    def _row(self, setting: Setting, entry: Entry, other: Entry, results: Mapping[str, Any]) -> dict[str, Any]:
        own, reference = (_blocks_of(setting, one, results) for one in (entry, other))
        found, base = accuracy(own), accuracy(reference)
        papers = (entry.paper, other.paper)
        return {
            "label": entry.label,
            "data": _data(setting, entry),
            "net": entry.net[setting.quick],
            "arithmetic": named(_variant(setting, entry)),
            "paper": None if entry.paper is None else entry.paper / 100,
            **found,
            "change": None if entry is other or not base["n"] else found["accuracy"] - base["accuracy"],
            "paper_change": None if entry is other or None in papers else (entry.paper - other.paper) / 100,
            "paired": None if entry is other else compared(reference, own),
            "errors": _errors(entry, results),
        }


def _need(setting: Setting, entry: Entry) -> Need:
    return Need(entry.net[setting.quick], optional=entry.optional)


def _data(setting: Setting, entry: Entry) -> str:
    return setting.data(_need(setting, entry))["name"]


def _variant(setting: Setting, entry: Entry) -> dict[str, Any]:
    net = setting.nets[_need(setting, entry)]
    return exact(net) if entry.unit is None else on_unit(net, entry.unit, entry.layers, percentile=entry.percentile)


def _name(setting: Setting, entry: Entry) -> str:
    """What the shards of a row are called before their blocks."""
    return f"{entry.net[setting.quick]}/{named(_variant(setting, entry))}"


def _blocks_of(setting: Setting, entry: Entry, results: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return of_way(results, _name(setting, entry))


def _errors(entry: Entry, results: Mapping[str, Any]) -> dict[str, Any] | None:
    if entry.paper_errors is None:
        return None
    mred, nmed = entry.paper_errors
    return {**results[f"errors/{entry.unit or _EXACT}"], "paper_mred": mred, "paper_nmed": nmed}
