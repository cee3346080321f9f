"""Studies of confidence: how sure networks are, as cumulative distributions."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, interval, percent, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_KINDS = {"lead": "softmax of the true class less the next", "probability": "softmax of the true class"}


def tables(result: dict[str, Any]) -> list[Table]:
    """Shares of images above .8 by both definitions; the paper's is the first."""
    heads = ["arithmetic", "images", "accuracy", "lead above .8", "95 % interval", "paper", "probability above .8"]
    rows = [
        [
            row["name"],
            f"{row['n']:,}",
            percent(row["accuracy"], 2),
            percent(row["lead"]["rate"]),
            interval(row["lead"]["interval"]),
            "" if row["paper"] is None else _paper(row),
            percent(row["probability"]["rate"]),
        ]
        for row in result["rows"]
    ]
    return [(study_title(result), heads, rows)]


def sentence(result: dict[str, Any]) -> str:
    """The share above .8 of each arithmetic, beside the paper's."""
    said = [
        f"{percent(row['lead']['rate'])} on {row['name']}{'' if row['paper'] is None else f' (paper: {_paper(row)})'}"
        for row in result["rows"]
    ]
    return f"{result['study']['title']}: the true class leads by more than .8 for {', '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Shares of images at or below each confidence, by both definitions; the vertical axis is logarithmic."""
    figure.set_size_inches(12, 5)
    for axis, (kind, words) in zip(figure.subplots(1, 2), _KINDS.items(), strict=True):
        for row, line in zip(result["rows"], ("-", "-", "--", ":"), strict=False):
            shares = row[kind]["at_or_below"]
            half = (len(shares) - 1) // 2
            at = [(index - half) / half for index in range(len(shares))]
            axis.plot(at, [100 * share or float("nan") for share in shares], line, label=row["name"])
        axis.axvline(0.8, color="black", linewidth=0.6)
        axis.set_yscale("log")
        axis.set_xlabel(words)
        axis.set_ylabel("% of images at or below")
        axis.set_xlim(-1 if kind == "lead" else 0, 1)
        axis.legend(fontsize=8, loc="upper left")
    figure.suptitle(study_title(result), fontsize=10)


def _paper(row: dict[str, Any]) -> str:
    return f"{'under ' if row['name'] == 'float32' else ''}{percent(row['paper'])}"
