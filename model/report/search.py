"""Searches for a unit for each layer: what each assignment is worth, which was chosen, and whether mixing pays."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from axmac.model.report.pareto import on_front
from axmac.model.report.words import Table, interval, percent, unit_name
from axmac.model.spec import catalog

if TYPE_CHECKING:
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
    cheaper = [row for row in mixed if row["meets"] and row["energy"] < best["energy"]]
    beaten = [row["homogeneous"] for row in alike if any(_beats(other, row) for other in mixed)]
    if cheaper:
        least = min(cheaper, key=lambda row: row["energy"])
        saved = percent(1 - least["energy"] / best["energy"])
        said = f"a mixed assignment ({_figures(least)}) takes {saved} less energy than the best homogeneous one"
    else:
        said = "no mixed assignment takes less energy than the best homogeneous one"
    how = f"rule: {about['rule']}, on the images that were searched on"
    count = (
        f"a mixed one beats {len(beaten)} of {len(alike)} homogeneous assignments in energy, accuracy and robustness"
    )
    return (
        f"{result['net']['name']} on {result['data']['name']}: {said}, {_figures(best)} ({how}). On the final images "
        f"{count} (no worse in any, better in one, intervals aside). Chosen: {_figures(chosen)}."
    )


def draw_search(result: dict[str, Any], figure: "Figure") -> None:
    """Energy against accuracy and against robust accuracy, with their intervals; homogeneous assignments are named."""
    figure.set_size_inches(13, 5.5)
    rows = result["rows"]
    titles = (
        "images right, %",
        f"right after {result['attack']['name']}, eps {result['attack']['params']['eps']:g}, %",
    )
    for axis, goal, title in zip(figure.subplots(1, 2), _GOALS, titles, strict=True):
        points = [{"energy": row["energy"] * _MICRO, goal: 100 * row[goal]["rate"]} for row in rows]
        best = sorted(
            (point["energy"], point[goal]) for point, on in zip(points, on_front(points, goal), strict=True) if on
        )
        axis.plot([x for x, _ in best], [y for _, y in best], "-", color="tab:gray", lw=1, label="front of this panel")
        for same, style, name in ((False, "o", "mixed"), (True, "s", "homogeneous")):
            kept = [
                (row, point)
                for row, point in zip(rows, points, strict=True)
                if (row["homogeneous"] is not None) == same
            ]
            values = [point[goal] for _, point in kept]
            low = [max(0, value - 100 * row[goal]["interval"][0]) for value, (row, _) in zip(values, kept, strict=True)]
            high = [
                max(0, 100 * row[goal]["interval"][1] - value) for value, (row, _) in zip(values, kept, strict=True)
            ]
            energies = [point["energy"] for _, point in kept]
            axis.errorbar(energies, values, [low, high], fmt=style, ms=5, lw=0.6, label=name)
            for row, point in kept if same else ():
                where = {"xytext": (4, 4), "textcoords": "offset points", "fontsize": 7, "rotation": 20}
                axis.annotate(unit_name(row["homogeneous"]), (point["energy"], point[goal]), **where)
        chosen = next(point for row, point in zip(rows, points, strict=True) if row["chosen"])
        axis.plot([chosen["energy"]], [chosen[goal]], "k*", ms=12, label="chosen", zorder=5)
        axis.set_xlabel("energy of the multipliers, uJ an image")
        axis.set_ylabel(title)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8, loc="lower right")
    figure.suptitle(_title(result), fontsize=8, wrap=True)


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


def _beats(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """No worse in energy, accuracy and robustness, and better in one of them."""
    own, others = ((-row["energy"], *(row[goal]["rate"] for goal in _GOALS)) for row in (one, other))
    return own != others and all(a >= b for a, b in zip(own, others, strict=True))
