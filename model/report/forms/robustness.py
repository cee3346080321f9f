"""Studies of robust accuracy against eps: approximate integer units beside the exact one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, interval, p_value, percent, points, study_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "short", "tables"]

_LEVEL = 0.05
_NORMS = {"linf": "L-inf", "l2": "L2"}
_SOURCES = {
    "float32": "made on float32",
    "int8": "made on exact int8",
    "white-box": "made on each network itself",
    "strongest": "the strongest of the three",
}
_DRAWN = ("float32", "white-box", "strongest")
"""Those made on exact int8 look like those made on float32."""


def tables(result: dict[str, Any]) -> list[Table]:
    """What came of it, the paper's claims, and the curves of every attack with their intervals."""
    return [*short(result), *map(_curves, result["rows"])]


def short(result: dict[str, Any]) -> list[Table]:
    """The tables that fit on a page: units by source, and the paper's claims beside ours."""
    return [_units(result), _claims(result)]


def sentence(result: dict[str, Any]) -> str:
    """For each source how often a unit is better and worse than exact int8, beyond chance."""
    said = []
    for source in _sources(result):
        tests = [test for row in _of(result, source) for label in _approximate(row) for test in _tests(row, label)]
        better, worse = (sum(test["p"] < _LEVEL and sign * test["change"] > 0 for test in tests) for sign in (1, -1))
        most, least = (choose(tests, key=lambda test: test["change"]) for choose in (max, min))
        n = _of(result, source)[0]["n"]
        said.append(
            f"{_SOURCES[source]} ({n} images): of {len(tests)} comparisons with exact int8 {better} are better and "
            f"{worse} worse (McNemar, Holm, p < .05), at most {_at(most)}, at least {_at(least)}"
        )
    kept = [_held(row, claim) for row in result["rows"] for claim in row["claims"]]
    found = (
        f"of the differences that the paper names, tried on each kind of images, {sum(kept)} of {len(kept)} are there"
    )
    return f"{result['study']['title']}: {'; '.join(said)}; {found} beyond chance."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Robust accuracy against eps, a line each unit: attacks across, norms and sources down; exact int8 in black.

    The band is its 95 % interval.
    """
    groups = [(source, norm) for source in _DRAWN for norm in _NORMS]
    labels = list(result["rows"][0]["curves"])
    attacks = list(dict.fromkeys(row["attack"] for row in result["rows"]))
    figure.set_size_inches(4.4 * len(attacks), 2.9 * len(groups))
    axes = figure.subplots(len(groups), len(attacks), squeeze=False, sharex=True, sharey=True)
    for line, (source, norm) in zip(axes, groups, strict=True):
        for row in _of(result, source):
            if row["norm"] == norm:
                axis = line[attacks.index(row["attack"])]
                _draw_curves(axis, row, labels)
                axis.set_title(f"{row['attack']}, {_NORMS[norm]}, {_SOURCES[source]}", fontsize=9)
        line[0].set_ylabel("images classified right, %", fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("eps")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=8, fontsize=9)
    figure.suptitle(study_title(result), fontsize=11)


def _draw_curves(axis: "Axes", row: dict[str, Any], labels: list[str]) -> None:
    sizes = row["eps"]
    for label, curve in row["curves"].items():
        exact = label == row["accurate"]
        style = (
            {"color": "k", "linewidth": 1.6, "zorder": 3}
            if exact
            else {"color": f"C{labels.index(label)}", "linewidth": 1}
        )
        shares = [100 * right / row["n"] for right in curve["right"]]
        axis.plot(sizes, shares, "o-" if exact else ".-", markersize=3, label=label, **style)
        if exact:
            low, high = ([100 * bounds[end] for bounds in curve["interval"]] for end in (0, 1))
            axis.fill_between(sizes, low, high, color="k", alpha=0.12, linewidth=0)
    axis.set_xscale("symlog", linthresh=0.01, linscale=0.6)
    axis.set_xticks([0, 0.01, 0.1, 1], ["0", ".01", ".1", "1"])
    axis.set_ylim(-2, 102)
    axis.grid(alpha=0.3)


def _sources(result: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["source"] for row in result["rows"]))


def _of(result: dict[str, Any], source: str) -> list[dict[str, Any]]:
    return [row for row in result["rows"] if row["source"] == source]


def _approximate(row: dict[str, Any]) -> list[str]:
    """The labels of the units that are compared with the exact one."""
    return [label for label, curve in row["curves"].items() if curve["p"][-1] is not None]


def _tests(row: dict[str, Any], label: str) -> Iterator[dict[str, Any]]:
    """The comparisons of a curve with exact int8: where, the change of the share, p corrected."""
    curve = row["curves"][label]
    for place, eps in enumerate(row["eps"]):
        if curve["p"][place] is not None:
            change = (curve["gained"][place] - curve["lost"][place]) / row["n"]
            where = f"{label}, {row['attack']} {_NORMS[row['norm']]}, eps {eps:g}"
            yield {"eps": eps, "where": where, "change": change, "p": curve["p_holm"][place]}


def _at(test: dict[str, Any]) -> str:
    return f"{points(test['change'])} points ({test['where']})"


def _held(row: dict[str, Any], claim: dict[str, Any]) -> bool:
    """Whether a difference of the paper's sign is there beyond chance."""
    test = next(test for test in _tests(row, claim["unit"]) if test["eps"] == claim["eps"])
    return test["p"] < _LEVEL and test["change"] * claim["paper"] > 0


def _units(result: dict[str, Any]) -> Table:
    heads = ["images", "unit", "right without attack", "95 % interval", "compared with exact int8", "better", "worse"]
    heads += ["mean, points", "largest gain", "largest loss"]
    rows = []
    for source in _sources(result):
        group = _of(result, source)
        for label, curve in group[0]["curves"].items():
            cells = [f"{group[0]['n']:,} {_SOURCES[source]}", label]
            cells += [percent(curve["right"][0] / group[0]["n"]), interval(curve["interval"][0])]
            tests = [test for row in group for test in _tests(row, label)]
            rows.append(cells + (_compared(tests) if tests else [""] * 6))
    title = "better and worse: p < .05 by McNemar on the same images, Holm-corrected over the source"
    return f"{study_title(result)}; {title}", heads, rows


def _compared(tests: list[dict[str, Any]]) -> list[str]:
    better, worse = (sum(test["p"] < _LEVEL and sign * test["change"] > 0 for test in tests) for sign in (1, -1))
    most, least = (choose(tests, key=lambda test: test["change"]) for choose in (max, min))
    mean = sum(test["change"] for test in tests) / len(tests)
    ends = [f"{points(test['change'])}: {test['where'].partition(', ')[2]}" for test in (most, least)]
    return [str(len(tests)), str(better), str(worse), points(mean), *ends]


def _claims(result: dict[str, Any]) -> Table:
    heads = ["unit", "attack", "norm", "eps", "paper, points"]
    sources = _sources(result)
    for source in sources:
        heads += [f"{_SOURCES[source]}: exact, unit", "points", "p"]
    rows = []
    for first in _of(result, sources[0]):
        for claim in first["claims"]:
            cells = [
                claim["unit"],
                first["attack"],
                _NORMS[first["norm"]],
                f"{claim['eps']:g}",
                f"{claim['paper']:+.2f}",
            ]
            for source in sources:
                row = next(row for row in _of(result, source) if row["method"] == first["method"])
                test = next(test for test in _tests(row, claim["unit"]) if test["eps"] == claim["eps"])
                place = row["eps"].index(claim["eps"])
                shares = [row["curves"][label]["right"][place] / row["n"] for label in (row["accurate"], claim["unit"])]
                cells += [", ".join(map(percent, shares)), points(test["change"]), p_value(test["p"])]
            rows.append(cells)
    return (
        "Differences from the accurate model that the paper's text names, one of 64 images being 1.56 points",
        heads,
        rows,
    )


def _curves(row: dict[str, Any]) -> Table:
    labels = list(row["curves"])
    rows = [
        [
            f"{eps:g}",
            *(
                f"{percent(curve['right'][place] / row['n'])} ({interval(curve['interval'][place])})"
                for curve in row["curves"].values()
            ),
        ]
        for place, eps in enumerate(row["eps"])
    ]
    title = f"Robust accuracy (95 % interval): {row['attack']}, {_NORMS[row['norm']]}, {_SOURCES[row['source']]}"
    return f"{title}, {row['n']:,} images", ["eps", *labels], rows
