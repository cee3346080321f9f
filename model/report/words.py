"""Numbers as tables and sentences have them."""

from collections.abc import Mapping, Sequence
from typing import Any

from axmac.model.spec import InputError, catalog

__all__ = [
    "Table",
    "conditions",
    "counted",
    "interval",
    "number",
    "p_value",
    "percent",
    "points",
    "span",
    "steps",
    "study_title",
    "unit_name",
]

Table = tuple[str, list[str], list[list[str]]]
"""Title, heads, rows."""


def percent(share: float | None, digits: int = 1) -> str:
    """A share in percent; n/a for None."""
    return "n/a" if share is None else f"{100 * share:.{digits}f} %"


def interval(bounds: Sequence[float] | None) -> str:
    """An interval of shares in percent; n/a for None."""
    return "n/a" if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f} %"


def counted(found: Mapping[str, Any]) -> str:
    """A rate of transfer in percent with its counts, k2 of k1."""
    return "n/a" if found["rate"] is None else f"{percent(found['rate'])} ({found['k2']} of {found['k1']})"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign; n/a for None."""
    return "n/a" if share is None else f"{100 * share:+.2f}"


def number(value: float | None) -> str:
    """Three digits; n/a for None."""
    return "n/a" if value is None else f"{value:.3g}"


def p_value(p: float) -> str:
    """Two digits, or that it is below .0001."""
    return "< .0001" if p < 1e-4 else f"{p:.2g}"


def span(shares: Sequence[float]) -> str:
    """The least and the largest of some shares in percent; n/a where there is none."""
    if not shares:
        return "n/a"
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"{low} to {high}"


def steps(row: Mapping[str, Any]) -> str:
    """The main count of an attack in a row of a study, and that of the paper's library."""
    for name in ("steps", "scan", "rounds"):
        if name in row["settings"]:
            return f"{row['settings'][name]}, {row['published_settings'][name]}"
    return ""


def study_title(result: Mapping[str, Any]) -> str:
    """The title of a study's result with its conditions."""
    return f"{result['study']['title']}{' (quick)' if result['study']['quick'] else ''}, {_where(result)}"


def conditions(result: Mapping[str, Any]) -> str:
    """Whether a study is the quick or the full one, its data sets, and its seed."""
    return f"{'quick' if result['study']['quick'] else 'full'}, {_where(result)}"


def _where(result: Mapping[str, Any]) -> str:
    datasets = dict.fromkeys(net["data"]["name"] for net in result["study"]["nets"])
    if result["data"] is not None:
        datasets[result["data"]["name"].partition("/")[0]] = None
    return ", ".join([*datasets, f"seed {result['seed']}"])


def unit_name(unit: str | None) -> str:
    """The shortest name of a unit: its first alias, or its id; float32 for None."""
    if unit is None:
        return "float32"
    try:
        return next(iter(catalog.design(unit).aliases), unit)
    except InputError:
        return unit
