"""What a product costs against what it is worth: energy beside error, accuracy and robustness, unit by unit.

Energies come from a result of ``axmac ppa``, the rest from a study of units (``axmac study catalog``). A unit is on the
front where no other one costs at most as much and is at least as good, and better in one of the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, percent, unit_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["GOALS", "PARETO", "draw_pareto", "on_front", "pareto_points", "pareto_table"]

PARETO = "pareto"
"""The name of the picture."""
GOALS = ("mred", "accuracy", "robust")
"""What a unit is worth: mean relative error (less is better), and shares of images classified right, clean and under
the strongest PGD of the study (more is better)."""
_TITLES = ("mean relative error", "test images right, %", "not fooled by PGD aimed at the unit, %")
_LESS = frozenset({"mred"})


def pareto_points(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The units of which both energy and worth are known, by energy: unit, operands, energy in pJ, and `GOALS`.

    Of several results the last one that has a unit is taken. The energy is that of the operands of the study's network
    where it was measured, else of uniform ones. ``robust`` is for the smallest eps of the study, and the stronger of
    the backward passes.
    """
    costs: dict[str, dict[str, Any]] = {}
    worth: dict[str, tuple[str, dict[str, float]]] = {}
    for result in results:
        if result["kind"] == "ppa":
            costs |= {row["unit"]: row["energy"] for row in result["rows"] if "energy" in row and row["part"] == "core"}
        elif result["kind"] == "study" and result["study"]["form"] == "units":
            net = result["study"]["nets"][0]["net"]
            worth |= {row["unit"]: (net, _worth(row)) for row in result["rows"] if row["layers"] == "conv"}
    points = []
    for unit, (net, found) in worth.items():
        if unit in costs:
            operands = net if net in costs[unit] else "uniform"
            points.append({"unit": unit, "operands": operands, "energy": costs[unit][operands]["total"], **found})
    return sorted(points, key=lambda point: (point["energy"], point["unit"]))


def on_front(points: Sequence[Mapping[str, Any]], goal: str) -> list[bool]:
    """Of each point whether no other one is at least as good in ``energy`` and ``goal``, and better in one of them."""
    sign = 1 if goal in _LESS else -1
    pairs = [(point["energy"], sign * point[goal]) for point in points]
    return [
        not any(e <= energy and v <= value and (e, v) != (energy, value) for e, v in pairs) for energy, value in pairs
    ]


def pareto_table(points: Sequence[Mapping[str, Any]]) -> Table:
    """A row a unit; a star marks what is on the front against energy."""
    fronts = {goal: on_front(points, goal) for goal in GOALS}
    rows = [
        [
            unit_name(point["unit"]),
            f"{point['energy']:.2f}",
            *(
                f"{point[goal]:.3g}" + " *" * fronts[goal][place]
                if goal in _LESS
                else percent(point[goal], 2) + " *" * fronts[goal][place]
                for goal in GOALS
            ),
        ]
        for place, point in enumerate(points)
    ]
    operands = " and ".join(dict.fromkeys(point["operands"] for point in points))
    title = f"Energy against error, accuracy and robustness; * on the front; operands: {operands}"
    return title, ["unit", "energy, pJ a product", *_TITLES], rows


def draw_pareto(points: Sequence[Mapping[str, Any]], figure: "Figure") -> None:
    """Three panels, energy on a logarithmic axis: the front filled and joined; it and units with an alias are named."""
    figure.set_size_inches(15, 5.5)
    units = [point["unit"] for point in points]
    for axis, goal, title in zip(figure.subplots(1, 3), GOALS, _TITLES, strict=True):
        scale = 1 if goal in _LESS else 100
        energies, values = [point["energy"] for point in points], [scale * point[goal] for point in points]
        front = on_front(points, goal)
        axis.scatter(energies, values, s=25, facecolors="none", edgecolors="tab:gray")
        chosen = [place for place, best in enumerate(front) if best]
        axis.plot([energies[place] for place in chosen], [values[place] for place in chosen], "o-", label="front")
        named = [place for place, unit in enumerate(units) if front[place] or unit_name(unit) != unit]
        for count, place in enumerate(named):
            up = count % 2 == 0  # neighbours do not cover each other
            where = {"xytext": (3, 5 if up else -5), "rotation": 35 if up else -35, "va": "bottom" if up else "top"}
            style = {"fontsize": 7, "color": "black" if front[place] else "tab:gray", "textcoords": "offset points"}
            axis.annotate(unit_name(units[place]), (energies[place], values[place]), **where, **style)
        axis.set_xscale("log")
        axis.set_xlabel("energy, pJ a product")
        axis.set_ylabel(title)
        axis.grid(alpha=0.3)
        if goal in _LESS and min(values) > 0:
            axis.set_yscale("log")
        axis.margins(x=0.12, y=0.15)
    operands = " and ".join(dict.fromkeys(point["operands"] for point in points))
    figure.suptitle(f"LeNet-5 with units in its convolutions; operands of the energies: {operands}", fontsize=10)


def _worth(row: Mapping[str, Any]) -> dict[str, float]:
    aimed = next(iter(row["white_box"].values()))
    fooled = max(found["rate"] or 0 for found in aimed.values())
    return {"mred": row["mred"], "accuracy": row["accuracy"]["rate"], "robust": 1 - fooled}
