"""Studies of time: networks on integer units beside native float32."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """Ratios to float32, and seconds of an evaluation beside the paper's."""
    units = [label for label in result["rows"][0]["ratio"] if label != "float32"]
    heads = ["network", "layers", "batch", "float32, ms an image", *(f"{label}, times float32" for label in units)]
    rows = [
        [
            row["net"],
            row["layers"],
            str(row["images"]),
            f"{1000 * row['seconds']['float32'] / row['images']:.3g}",
            *(f"{row['ratio'][label]:.2f}" for label in units),
        ]
        for row in result["rows"]
    ]
    whole = [
        [row["net"], f"{row['paper']:g}", *(f"{row['evaluation'][label]:.3g}" for label in row["evaluation"])]
        for row in result["rows"]
    ]
    title = f"Seconds of 10,000 images at that speed, {result['threads']} thread, {result['isa']}"
    return [
        (_title(result), heads, rows),
        (title, ["network", "paper, one evaluation", "float32", *units], whole),
    ]


def sentence(result: dict[str, Any]) -> str:
    """The spread of the units' times over float32, for each network."""
    said = []
    for row in result["rows"]:
        ratios = [ratio for label, ratio in row["ratio"].items() if label != "float32"]
        said.append(f"{row['net']} {min(ratios):.1f} to {max(ratios):.1f} times float32")
    return f"{result['study']['title']}: in int8, by unit, {'; '.join(said)} on one thread."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """A group of bars for each network: the time of every unit over that of float32."""
    figure.set_size_inches(9, 4.2)
    axis = figure.subplots()
    labels = [label for label in result["rows"][0]["ratio"] if label != "float32"]
    width = 0.8 / len(labels)
    for place, label in enumerate(labels):
        at = [group + (place - (len(labels) - 1) / 2) * width for group in range(len(result["rows"]))]
        axis.bar(at, [row["ratio"][label] for row in result["rows"]], width, label=label)
    axis.axhline(1, color="k", linewidth=0.8)
    axis.set_xticks(range(len(result["rows"])), [f"{row['net']}, {row['layers']}" for row in result["rows"]])
    axis.set_ylabel("time over float32")
    axis.legend(fontsize=8, ncols=len(labels), loc="lower center", bbox_to_anchor=(0.5, 1.0))
    figure.suptitle(_title(result), fontsize=10)


def _title(result: dict[str, Any]) -> str:
    return f"{result['study']['title']}{' (quick)' if result['study']['quick'] else ''}, seed {result['seed']}"
