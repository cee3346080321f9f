"""Searches for a unit for each layer: what each assignment is worth, which was chosen, and whether mixing pays."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from axmac.model.report.pareto import on_front
from axmac.model.report.words import Table, interval, percent, unit_name
from axmac.model.spec import catalog

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_search", "search_sentence", "search_table"]

_FEW = 8
"""Layers up to which an assignment is written out."""
_MICRO = 1e-6
"""From pJ to uJ."""
_GOALS = ("accuracy", "robust")


def search_table(result: dict[str, Any]) -> Table:
    """A row an assignment, by energy, with its place in the result for ``--pick``."""
    heads = ["#", "units", "energy, uJ an image", "accuracy", "95 % interval", "after the attack", "95 % interval", ""]
    rows = []
    for place, row in enumerate(result["rows"], start=1):
        shares = [cell for goal in _GOALS for cell in (percent(row[goal]["rate"], 2), interval(row[goal]["interval"]))]
        words = [word for word in ("front", "meets", "chosen") if row[word]]
        rows.append([str(place), _units(row), f"{row['energy'] * _MICRO:.2f}", *shares, ", ".join(words)])
    return _title(result), heads, rows


def search_sentence(result: dict[str, Any]) -> str:
    """Whether a mixed assignment beats the best homogeneous one, from the rows alone."""
    rows, about = result["rows"], result["search"]
    chosen = next(row for row in rows if row["chosen"])
    alike, mixed = ([row for row in rows if (row["homogeneous"] is not None) == same] for same in (True, False))
    best = min((row for row in alike if row["meets"]), key=lambda row: row["energy"])
    cheaper = [row for row in mixed if row["meets"] and row["energy"] < best["energy"] and not _below(row, best)]
    beaten = [row["homogeneous"] for row in alike if any(_beats(other, row) for other in mixed)]
    if cheaper:
        least = min(cheaper, key=lambda row: row["energy"])
        saved = percent(1 - least["energy"] / best["energy"])
        said = f"a mixed assignment ({_figures(least)}) takes {saved} less energy than the best homogeneous one"
    else:
        said = "no mixed assignment that is as accurate takes less energy than the best homogeneous one"
    exact = next(row for row in rows if row["homogeneous"] == about["accurate"])
    how = (
        f"rule: {about['rule']}, on the images that were searched on; as accurate: intervals overlap on the final ones"
    )
    count = (
        f"a mixed one beats {len(beaten)} of {len(alike)} homogeneous assignments in energy, accuracy and robustness"
    )
    return (
        f"{result['net']['name']} on {result['data']['name']}: {said}, {_figures(best)} ({how}). On the final images "
        f"{count} (no worse in any, better in one, intervals aside). Chosen: {_figures(chosen)}; there "
        f"its accuracy is {'below that' if _below(chosen, exact) else 'not told apart from that'} of {_figures(exact)}."
    )


def draw_search(result: dict[str, Any], figure: "Figure") -> None:
    """Energy against accuracy and against robust accuracy, with their intervals; homogeneous assignments are named.

    What lies far below everything that meets the rule is left out, and counted.
    """
    figure.set_size_inches(13, 5.8)
    rows = result["rows"]
    attack = f"{result['attack']['name']}, eps {result['attack']['params']['eps']:g}"
    titles = ("images right, %", f"images right after {attack}, %")
    for axis, goal, title in zip(figure.subplots(1, 2), _GOALS, titles, strict=True):
        points = [{"energy": row["energy"] * _MICRO, goal: 100 * row[goal]["rate"]} for row in rows]
        best = [point for point, on in zip(points, on_front(points, goal), strict=True) if on]
        axis.plot(
            *([point[key] for point in best] for key in ("energy", goal)), color="tab:gray", lw=1, label="front here"
        )
        for style, alike in (("o", False), ("s", True)):
            kept = [place for place, row in enumerate(rows) if (row["homogeneous"] is not None) == alike]
            _scatter(axis, [points[place] for place in kept], [rows[place] for place in kept], goal, style)
        chosen = next(point for row, point in zip(rows, points, strict=True) if row["chosen"])
        axis.plot([chosen["energy"]], [chosen[goal]], "k*", ms=12, label="chosen", zorder=5)
        floor = _floor(rows, points, goal)
        below = sum(point[goal] < floor for point in points)
        top = 100 * max(row[goal]["interval"][1] for row in rows)
        axis.set_ylim(floor, top + (top - floor) / 10)
        axis.margins(x=0.12)
        axis.set_xlabel("energy of the multipliers, uJ an image" + f"; {below} below the picture" * bool(below))
        axis.set_ylabel(title)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8, loc="lower right")
    figure.suptitle(_title(result), fontsize=8, wrap=True)


def _scatter(axis: "Axes", points: list[dict[str, float]], rows: list[dict[str, Any]], goal: str, style: str) -> None:
    """Points with the intervals of their rows, and the names of units that stand in all layers."""
    values = [point[goal] for point in points]
    bounds = [[100 * edge for edge in row[goal]["interval"]] for row in rows]
    low = [max(0, value - edge) for value, (edge, _) in zip(values, bounds, strict=True)]
    high = [max(0, edge - value) for value, (_, edge) in zip(values, bounds, strict=True)]
    name = "one unit in all layers" if style == "s" else "mixed"
    axis.errorbar([point["energy"] for point in points], values, [low, high], fmt=style, ms=5, lw=0.6, label=name)
    for place, (row, point) in enumerate(zip(rows, points, strict=True)):
        if row["homogeneous"] is not None:
            up = place % 2 == 0  # neighbours do not cover each other
            where = {"xytext": (3, 4 if up else -4), "rotation": 30 if up else -30, "va": "bottom" if up else "top"}
            style_of_text = {"fontsize": 7, "textcoords": "offset points"}
            axis.annotate(unit_name(row["homogeneous"]), (point["energy"], point[goal]), **where, **style_of_text)


def _floor(rows: list[dict[str, Any]], points: list[dict[str, float]], goal: str) -> float:
    """Where the axis begins: one span of what meets the rule below it, and at least 2 points."""
    meeting = [point[goal] for row, point in zip(rows, points, strict=True) if row["meets"]]
    return max(0.0, min(meeting) - max(2.0, max(meeting) - min(meeting)))


def _title(result: dict[str, Any]) -> str:
    about, attack = result["search"], result["attack"]
    notes = dict.fromkeys(getattr(catalog[unit], "note", "") for unit in about["energies"])
    words = [
        f"{result['net']['name']} in int8 on {result['data']['name']}, {about['evaluated']:,} of {about['possible']:,} "
        f"assignments of {len(about['energies'])} units to {len(about['products'])} layers, seed {result['seed']}",
        f"searched on images {about['indices']}, figures of images {result['data']['indices']}",
        f"{attack['name']}, eps {attack['params']['eps']:g}, crafted on {attack['source']}",
        f"energy of the multipliers, operands {about['operands']}",
        *filter(None, notes),
    ]
    return "; ".join(words)


def _units(row: Mapping[str, Any]) -> str:
    if row["homogeneous"] is not None:
        return f"{unit_name(row['homogeneous'])} in all layers"
    if len(row["units"]) <= _FEW:
        return ", ".join(f"{layer} {unit_name(unit)}" for layer, unit in row["units"].items())
    counts = Counter(row["units"].values()).most_common()
    return ", ".join(f"{unit_name(unit)} in {count} layers" for unit, count in counts)


def _figures(row: Mapping[str, Any]) -> str:
    shares = ", ".join(
        f"{percent(row[goal]['rate'], 2)} {word}" for goal, word in zip(_GOALS, ("right", "robust"), strict=True)
    )
    return f"{_units(row)}: {row['energy'] * _MICRO:.2f} uJ, {shares}"


def _below(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the interval of one accuracy lies below that of the other."""
    return one["accuracy"]["interval"][1] < other["accuracy"]["interval"][0]


def _beats(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """No worse in energy, accuracy and robustness, and better in one of them."""
    own, others = ((-row["energy"], *(row[goal]["rate"] for goal in _GOALS)) for row in (one, other))
    return own != others and all(a >= b for a, b in zip(own, others, strict=True))
