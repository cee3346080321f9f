"""Studies of feature maps: what the last convolution gives out, as heat maps."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, number, study_title, unit_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """How large the output is and how like that of float32."""
    heads = ["arithmetic", "images", "mean output", "mean of the largest", "times float32", "correlation with float32"]
    rows = [
        [
            unit_name(row["unit"]),
            str(row["images"]),
            *(number(row[name]) for name in ("mean", "largest", "gain")),
            _like(row),
        ]
        for row in result["rows"]
    ]
    return [(study_title(result), heads, rows)]


def sentence(result: dict[str, Any]) -> str:
    """Gain and correlation of each unit."""
    said = [
        f"{number(row['gain'])} times that of float32 on {unit_name(row['unit'])}, correlation {_like(row)}"
        for row in result["rows"][1:]
    ]
    return f"{result['study']['title']}: the mean output after ReLU is {'; '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """A row an image: the image, and its map on each arithmetic, in one scale of colours."""
    rows = result["rows"]
    count = len(rows[0]["inputs"])
    figure.set_size_inches(2.8 * (1 + len(rows)) + 0.8, 2.7 * count + 0.6)
    axes = figure.subplots(count, 1 + len(rows), squeeze=False)
    most = max(value for row in rows for image in row["maps"] for line in image for value in line)
    for place in range(count):
        axes[place][0].imshow(rows[0]["inputs"][place], cmap="gray", vmin=0, vmax=1)
        for axis, row in zip(axes[place][1:], rows, strict=True):
            shown = axis.imshow(row["maps"][place], cmap="viridis", vmin=0, vmax=most)
    for axis, words in zip(axes[0], ("image", *(unit_name(row["unit"]) for row in rows)), strict=True):
        axis.set_title(words, fontsize=9)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
    figure.colorbar(shown, ax=axes, shrink=0.7, label="mean output over channels, after ReLU")
    figure.suptitle(study_title(result), fontsize=10)


def _like(row: dict[str, Any]) -> str:
    return "n/a" if row["correlation"] is None else f"{row['correlation']:.4f}"
