"""Studies of the products of units: figures of their errors, maps over both operands, histograms."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, number, percent, study_title, unit_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_OPERANDS = {
    "rounded": "float32, rounded to the format",
    "truncated": "float32, cut to the format",
    "own": "of the format itself",
}


def tables(result: dict[str, Any]) -> list[Table]:
    """One table: a row for each product and, where the paper prints figures of it, one below with these."""
    heads = ["unit", "operands", "pairs", "above exact", "below exact", "mean error", "NMED", "MRED"]
    heads += ["mean error / mean exact", "largest error"]
    rows = []
    for row in result["rows"]:
        figures = [number(row[name]) for name in ("bias", "nmed", "mred", "ratio_of_means", "wce")]
        shares = [percent(row[name], 2) for name in ("larger", "smaller")]
        rows.append([unit_name(row["unit"]), _operands(row), f"{row['pairs']:,}", *shares, *figures])
        if row["paper"]:
            said = row["paper"]
            printed = ["", number(said["nmed"]), number(said["mred"]), "", ""]
            rows.append(["paper", "", "100,000,000", percent(said["larger"], 0), "", *printed])
    return [(study_title(result), heads, rows)]


def sentence(result: dict[str, Any]) -> str:
    """How often each product is above and below the exact one, and by how much it is off."""
    said = [
        f"{unit_name(row['unit'])} (operands {_operands(row)}) is above the exact product for {percent(row['larger'])} "
        f"of the pairs{_printed(row)}, below it for {percent(row['smaller'])}, NMED {number(row['nmed'])}"
        for row in result["rows"]
    ]
    return f"{result['study']['title']}: {'; '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Above, the mean error in each cell of both operands; below, how errors are spread, in shares of all pairs."""
    rows = result["rows"]
    figure.set_size_inches(max(5.5, 3.6 * len(rows)), 7)
    axes = figure.subplots(2, len(rows), squeeze=False)
    for (above, below), row in zip(axes.T, rows, strict=True):
        most = max(abs(cell) for line in row["map"] for cell in line if cell is not None) or 1
        cells = [[float("nan") if cell is None else cell for cell in line] for line in row["map"]]
        shown = above.imshow(
            list(zip(*cells, strict=True)),
            origin="lower",
            extent=(0, 1, 0, 1),
            cmap="coolwarm",
            vmin=-most,
            vmax=most,
        )
        figure.colorbar(shown, ax=above, label="mean error", shrink=0.8)
        above.set_title(f"{unit_name(row['unit'])}\n{_operands(row)}", fontsize=9)
        above.set_xlabel("activation")
        above.set_ylabel("weight")
        bins, span = row["histogram"], row["span"]
        width = 2 * span / len(bins)
        widest = max(_reach(other) for other in rows if other["span"] == span)
        at = [-span + (index + 0.5) * width for index in range(len(bins))]
        below.bar(at, [100 * count / sum(bins) for count in bins], width)
        below.axvline(0, color="black", linewidth=0.6)
        below.set_xlim(-widest, widest)
        below.set_yscale("log")
        below.set_xlabel("unit's product less exact product")
        below.set_ylabel("% of pairs")
    figure.suptitle(study_title(result), fontsize=10)


def _operands(row: dict[str, Any]) -> str:
    """What is multiplied; float32 units take float32 numbers as they are."""
    return "float32" if row["unit"].startswith("fp32") else _OPERANDS[row["operands"]]


def _reach(row: dict[str, Any]) -> float:
    """How far the histogram reaches, a bin of room beyond."""
    bins = row["histogram"]
    middle = len(bins) / 2
    return row["span"] * max(abs(index + 0.5 - middle) + 1.5 for index, count in enumerate(bins) if count) / middle


def _printed(row: dict[str, Any]) -> str:
    return f" (paper: {percent(row['paper']['larger'], 0)})" if row["paper"] else ""
