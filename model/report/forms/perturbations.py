"""Studies of smallest perturbations: those of a unit beside those of float32, image by image."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, number, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_LABELS = {"l2": "L2", "mse": "MSE", "psnr": "PSNR in dB"}
_SHOWN = {"l2": ("difference",), "mse": ("difference", "ratio"), "psnr": ("difference",)}


def tables(result: dict[str, Any]) -> list[Table]:
    """A row for each network and measure: means, difference and ratio with intervals, what the paper prints."""
    heads = ["attacked", "measure", "fooled: float32, this, of", "pairs", "mean on float32", "mean on this"]
    heads += ["difference (95 % interval)", "ratio of means (95 % interval)", "paper"]
    rows = [
        [
            row["name"],
            _LABELS[which],
            f"{row['fooled'][0]}, {row['fooled'][1]} of {row['right']}",
            str(found["n"]),
            number(found["first"]),
            number(found["second"]),
            _with_interval(found["difference"]),
            "" if which == "psnr" else _with_interval(found["ratio"]),
            ", ".join(f"{kind} {value:g}" for kind, value in found["paper"].items()),
        ]
        for row in result["rows"]
        for which, found in row["measures"].items()
    ]
    return [(study_title(result), heads, rows)]


def sentence(result: dict[str, Any]) -> str:
    """What is larger by how much, beside the paper."""
    said = []
    for row in result["rows"]:
        for which, found in row["measures"].items():
            kind, printed = next(iter(found["paper"].items()))
            said.append(
                f"{row['name']}: {_LABELS[which]} {kind} {_with_interval(found[kind])} over {found['n']} images "
                f"(paper: {printed:g})"
            )
    return f"{result['study']['title']}, against float32: {'; '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """For each measure, image by image: float32 across, the other networks up; on the diagonal they are equal."""
    measures = list(result["rows"][0]["measures"])
    figure.set_size_inches(2.4 + 5.4 * len(measures), 5.6)
    axes = figure.subplots(1, len(measures), squeeze=False)[0]
    for axis, which in zip(axes, measures, strict=True):
        ends: list[float] = []
        for row, marker in zip(result["rows"], "o^x", strict=False):
            across, up = row["measures"][which]["values"]
            axis.plot(across, up, marker, markersize=4, alpha=0.6, label=row["name"])
            ends += [*across, *up]
        if ends:
            axis.plot([min(ends), max(ends)], [min(ends), max(ends)], "k-", linewidth=0.8, label="equal")
        if which == "mse":
            axis.set_xscale("log")
            axis.set_yscale("log")
        axis.set_xlabel(f"{_LABELS[which]} of the image made on float32")
        axis.set_ylabel(f"{_LABELS[which]} of the image made on the other network")
        axis.legend(fontsize=8)
    figure.suptitle(study_title(result), fontsize=10)


def _with_interval(found: dict[str, Any] | None) -> str:
    if found is None:
        return "n/a"
    low, high = found["interval"]
    return f"{number(found['value'])} ({number(low)} to {number(high)})"
