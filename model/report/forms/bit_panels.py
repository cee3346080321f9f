"""Panels of a study of accuracy by weight bits: curves against bits, relative accuracy, stronger attacks."""

from typing import TYPE_CHECKING, Any

import matplotlib as mpl

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_panels"]

_LEAST = 1e-4
"""The lower end of relative accuracy."""


def draw_panels(rows: list[dict[str, Any]], figure: "Figure") -> None:
    """For each data set accuracy against bits, relative accuracy against distance, and attacks against eps."""
    datasets, activations = (list(dict.fromkeys(row[name] for row in rows)) for name in ("data", "activation"))
    kinds = (_accuracy, _relative, _attacks)
    figure.set_size_inches(4.6 * len(activations), 3.3 * len(datasets) * len(kinds))
    axes = figure.subplots(len(datasets) * len(kinds), len(activations), squeeze=False)
    for row in rows:
        first = datasets.index(row["data"]) * len(kinds)
        for step, draw in enumerate(kinds):
            axis = axes[first + step][activations.index(row["activation"])]
            draw(axis, row)
            axis.set_title(f"{row['activation']}, {row['data']}", fontsize=8)
            axis.tick_params(labelsize=8)
            axis.grid(alpha=0.25)


def _accuracy(axis: "Axes", row: dict[str, Any]) -> None:
    """A line for each eps, dash-dotted beyond the least accuracy at most bits; stars on the critical one."""
    colours = mpl.colormaps["viridis_r"]
    last = row["accuracy"][-1]
    lowest = last.index(min(last))
    for place, eps in enumerate(row["eps"]):
        again = place > lowest and last[-1] > last[lowest] + 0.02
        style = (
            {"color": "k", "linestyle": "-.", "linewidth": 0.4} if again else {"color": colours(eps / row["eps"][-1])}
        )
        axis.plot(row["bits"], [100 * line[place] for line in row["accuracy"]], **{"linewidth": 0.6, **style})
    for name, colour in (("all", "C0"), ("useful", "r")):
        eps = row["critical"][name]["eps"]
        shares = [100 * line[row["eps"].index(eps)] for line in row["accuracy"]]
        words = "least variance of all eps" if name == "all" else "where accuracy is useful"
        axis.plot(row["bits"], shares, "*-", color=colour, markersize=6, linewidth=1, label=f"{words}: eps {eps:g}")
    axis.set_xticks(row["bits"])
    axis.set_xlabel("bits of a weight; from yellow, eps 0, to dark", fontsize=8)
    axis.set_ylabel("accuracy under FGSM, %", fontsize=8)
    axis.set_ylim(-2, 102)
    axis.legend(fontsize=7, loc="upper right" if row["clean"][-1]["mean"] < 0.6 else "best")


def _relative(axis: "Axes", row: dict[str, Any]) -> None:
    """Relative accuracy with its deviation over seeds, and the bound, dashed, a colour for each width."""
    colours = mpl.colormaps["plasma"]
    for place, width in enumerate(row["bits"]):
        colour = colours(place / len(row["bits"]))
        axis.plot(row["distance"], row["relative"][place], color=colour, linewidth=1, label=f"{width}")
        axis.plot(row["distance"], row["bound"][place], color=colour, linewidth=1, linestyle="--")
    axis.axvline(row["inradius"][0], color="0.4", linewidth=0.8, linestyle=":", label="h, 1 bit")
    axis.set_yscale("log")
    axis.set_ylim(_LEAST, 2)
    axis.set_xlabel("l2 distance, eps sqrt(n); dashed: the bound", fontsize=8)
    axis.set_ylabel("relative accuracy", fontsize=8)
    axis.legend(fontsize=6, ncols=3, title="bits", title_fontsize=6)


def _attacks(axis: "Axes", row: dict[str, Any]) -> None:
    """Fewest and most bits under FGSM, solid, and under the strongest attack, dashed, with intervals over seeds."""
    for place, colour in ((0, "C3"), (-1, "C0")):
        for way, style in (("fgsm", "o-"), ("strongest", "s--")):
            found = [one["mean"] for one in row["ways"][way][place]]
            ends = [one["interval"] or (one["mean"], one["mean"]) for one in row["ways"][way][place]]
            errors = [[100 * abs(end[side] - mean) for end, mean in zip(ends, found, strict=True)] for side in (0, 1)]
            width = row["bits"][place]
            name = "FGSM" if way == "fgsm" else "strongest"
            label = f"{width} bit{'s' * (width > 1)}, {name}"
            shares = [100 * share for share in found]
            axis.errorbar(
                row["checks"], shares, errors, fmt=style, color=colour, markersize=3, linewidth=1, label=label
            )
    axis.set_xlabel("eps", fontsize=8)
    axis.set_ylabel("accuracy, %", fontsize=8)
    axis.set_ylim(-2, 102)
    axis.legend(fontsize=7)
