"""Studies of accuracy: the same images on different arithmetic, and errors of the units."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, interval, number, p_value, percent, points, study_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_LEVEL = 0.05


def tables(result: dict[str, Any]) -> list[Table]:
    """Accuracy beside the paper's, and the errors of the units where the study has them."""
    found = [_accuracies(result)]
    return [*found, _errors(result)] if any(row["errors"] is not None for row in result["rows"]) else found


def sentence(result: dict[str, Any]) -> str:
    """What came of it, in plain words."""
    changes = [row for row in result["rows"] if row["change"] is not None]
    differ = [row for row in changes if row["paired"]["p_holm"] < _LEVEL]
    said = (
        f"of {len(changes)} networks beside {_reference(result)}, {len(differ)} differ from it in accuracy (McNemar, "
        "p < .05)"
    )
    if differ:
        parts = [
            f"{row['label']} on {_place(result, row)} {points(row['change'])} points{_paper(row)}" for row in differ
        ]
        said += f": {'; '.join(parts)}"
    measured = [f". {row['label']}: {_figures(row['errors'])}" for row in changes if row["errors"] is not None]
    return f"{result['study']['title']}: {said}{''.join(measured)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Accuracy of every row with its interval, and the paper's, each data set beside the other."""
    rows = [row for row in result["rows"] if row["accuracy"] is not None]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(_place(result, row), []).append(row)
    figure.set_size_inches(max(8, 1 + 0.9 * len(rows)), 4.5)
    axes = figure.subplots(1, len(groups), squeeze=False, width_ratios=[len(group) for group in groups.values()])[0]
    for axis, (place, group) in zip(axes, groups.items(), strict=True):
        _draw_group(axis, group)
        axis.set_title(place, fontsize=10)
        axis.set_ylabel("images classified right, %")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    figure.suptitle(study_title(result), fontsize=11)


def _draw_group(axis: "Axes", rows: list[dict[str, Any]]) -> None:
    shares = [100 * row["accuracy"] for row in rows]
    spans = [
        [abs(100 * row["interval"][end] - share) for share, row in zip(shares, rows, strict=True)] for end in (0, 1)
    ]
    axis.errorbar(range(len(rows)), shares, yerr=spans, fmt="o", capsize=4, label="ours, 95 % interval")
    known = [(place, 100 * row["paper"]) for place, row in enumerate(rows) if row["paper"] is not None]
    axis.plot([place for place, _ in known], [share for _, share in known], "kD", mfc="none", label="paper")
    axis.set_xticks(range(len(rows)), [row["label"] for row in rows], rotation=30, ha="right", fontsize=8)
    axis.set_xlim(-0.5, len(rows) - 0.5)
    axis.grid(axis="y", alpha=0.3)


def _accuracies(result: dict[str, Any]) -> Table:
    """p: McNemar's test against the row before it that has none, corrected by Holm over all tests of the study."""
    reference = _reference(result)
    heads = ["data set", "network", "arithmetic", "paper", "ours", "95 % interval", "right"]
    heads += [f"less {reference}, points", "paper's, points", f"only {reference} right", "only this right", "p"]
    rows = [
        [
            row["data"],
            row["net"],
            f"{row['label']}: {row['arithmetic']}",
            "" if row["paper"] is None else percent(row["paper"], 2),
            percent(row["accuracy"], 2),
            interval(row["interval"]),
            f"{row['correct']:,} of {row['n']:,}",
            *_against(row),
        ]
        for row in result["rows"]
    ]
    return study_title(result), heads, rows


def _reference(result: dict[str, Any]) -> str:
    """What the rows that others are compared with are called: float32, or ACC, an accurate multiplier."""
    return " or ".join(dict.fromkeys(row["label"] for row in result["rows"] if row["paired"] is None))


def _place(result: dict[str, Any], row: dict[str, Any]) -> str:
    """The data set of a row; its network too where several networks of that data set have rows to be compared with."""
    others = [other for other in result["rows"] if other["paired"] is None and other["data"] == row["data"]]
    return row["data"] if len(others) == 1 else f"{row['data']}, {row['net']}"


def _against(row: dict[str, Any]) -> list[str]:
    if row["paired"] is None:
        return [""] * 5
    test = row["paired"]
    paper = "" if row["paper_change"] is None else points(row["paper_change"])
    return [points(row["change"]), paper, str(test["only_second"]), str(test["only_first"]), p_value(test["p_holm"])]


def _errors(result: dict[str, Any]) -> Table:
    heads = ["multiplier", "pairs", "MRED, paper", "mean of ratios", "ratio of means", "NMED, paper", "NMED"]
    heads += ["larger than exact"]
    rows = [
        [
            row["label"],
            f"{found['pairs']:,}",
            f"{found['paper_mred']:g}",
            number(found["mred"]),
            number(found["ratio_of_means"]),
            f"{found['paper_nmed']:g}",
            number(found["nmed"]),
            percent(found["larger"]),
        ]
        for row in result["rows"]
        if (found := row["errors"]) is not None
    ]
    return "Errors of the multipliers, operands uniform in [-1, 1]; MRED by both definitions", heads, rows


def _paper(row: dict[str, Any]) -> str:
    return "" if row["paper_change"] is None else f" (paper {points(row['paper_change'])})"


def _figures(errors: dict[str, Any]) -> str:
    mred = f"MRED {errors['mred']:.3f} as a mean of ratios and {errors['ratio_of_means']:.3f} as a ratio of means"
    return f"{mred} (paper {errors['paper_mred']:g}), NMED {errors['nmed']:.3f} ({errors['paper_nmed']:g})"
