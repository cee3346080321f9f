"""Studies of a filter: its response against the similarity of what it is shown."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, number, study_title, unit_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """The six pieces, and all pieces by classes of similarity."""
    row = result["rows"][0]
    chosen = [
        [
            str(place),
            *(number(one[name]) for name in ("similarity", "exact", "unit")),
            number(one["unit"] - one["exact"]),
        ]
        for place, one in enumerate(row["chosen"], 1)
    ]
    bins = [
        [
            f"{one['similarity']:+.2f}",
            f"{one['pieces']:,}",
            *(number(one[name]) for name in ("exact", "unit")),
            number(one["unit"] - one["exact"]),
        ]
        for one in row["bins"]
    ]
    title = f"Filter {row['filter']}: all {row['pieces']:,} pieces of {row['images']} images, by similarity"
    return [
        (
            study_title(result),
            ["piece", "similarity (cosine)", "exact response", unit_name(row["unit"]), "gap"],
            chosen,
        ),
        (title, ["similarity around", "pieces", "mean exact response", unit_name(row["unit"]), "gap"], bins),
    ]


def sentence(result: dict[str, Any]) -> str:
    """Whether the gap grows with similarity, as the paper has it."""
    row = result["rows"][0]
    first, last = row["chosen"][0], row["chosen"][-1]
    known = [one for one in row["filters"] if one is not None]
    rises = sum(one > 0 for one in known)
    return (
        f"{result['study']['title']}: the unit's response is {_gap(first)} the exact one for the least similar piece "
        f"and {_gap(last)} it for the most similar; over all pieces similarity and gap have a correlation of "
        f"{number(row['correlation'])}, and it is above 0 for {rises} of {len(known)} filters."
    )


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Above, the filter and the six pieces; below, responses of these and mean responses of all pieces."""
    row = result["rows"][0]
    figure.set_size_inches(11, 6)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 2.4))
    side = len(row["weights"])
    axes = top.subplots(1, 1 + len(row["chosen"]))
    most = max(abs(value) for line in row["weights"] for value in line)
    _piece(axes[0], row["weights"], f"filter {row['filter']}: red +, blue -", ("coolwarm", -most, most))
    for place, (axis, one) in enumerate(zip(axes[1:], row["chosen"], strict=True), 1):
        values = [one["values"][start : start + side] for start in range(0, side * side, side)]
        _piece(axis, values, f"{place}: similarity {one['similarity']:.2f}", ("gray", 0, 1))
    left, right = bottom.subplots(1, 2)
    places = list(range(1, len(row["chosen"]) + 1))
    for shift, (name, label) in enumerate((("exact", "float32"), ("unit", unit_name(row["unit"])))):
        at = [place + (shift - 0.5) * 0.4 for place in places]
        left.bar(at, [one[name] for one in row["chosen"]], 0.4, label=label)
        right.plot([one["similarity"] for one in row["bins"]], [one[name] for one in row["bins"]], "o-", label=label)
    left.set_xlabel("piece, from least to most similar")
    right.set_xlabel("similarity (cosine) of the piece to the filter")
    for axis, words in ((left, "response"), (right, f"mean response, {row['pieces']:,} pieces")):
        axis.axhline(0, color="black", linewidth=0.6)
        axis.set_ylabel(words)
        axis.legend(fontsize=8)
    figure.suptitle(study_title(result), fontsize=10)


def _gap(one: dict[str, Any]) -> str:
    gap = one["unit"] - one["exact"]
    return f"{number(abs(gap))} {'above' if gap >= 0 else 'below'}"


def _piece(axis: Any, values: list[list[float]], title: str, colours: tuple[str, float, float]) -> None:
    cmap, low, high = colours
    axis.imshow(values, cmap=cmap, vmin=low, vmax=high)
    axis.set_title(title, fontsize=8)
    axis.set_xticks([])
    axis.set_yticks([])
