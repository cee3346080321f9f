"""Studies that show examples of float32 to approximate arithmetic and to quantised networks."""

from statistics import mean
from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, counted, interval, p_value, percent, span, steps, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """The paper's columns beside ours; the columns that it does not have; and what stretching changes."""
    return [_published(result), _others(result), _margins(result)]


def sentence(result: dict[str, Any]) -> str:
    """What came of it, in plain words."""
    first = result["rows"][0]
    shares = {
        column: [row["minimal"][column]["rate"] for row in result["rows"] if row["minimal"][column]["rate"] is not None]
        for column in first["minimal"]
    }
    parts = "; ".join(f"{column} {span(found)}" for column, found in shares.items())
    unit = next(iter(first["minimal"]))
    said = f"of the smallest perturbations of float32, these transfer: {parts}."
    for column in _columns(result)[1:]:
        ratio, paper = _ratio(result["rows"], unit, column, "ours"), _ratio(result["rows"], unit, column, "paper")
        if ratio is not None:
            said += (
                f" {column} lets {ratio:.1f} times as many through as {unit} (paper {paper:.1f}), means over attacks."
            )
    return f"{result['study']['title']}: {said}"


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Left: the paper's rates (hatched) and ours, by column; right: what stretching changes, mean over attacks."""
    figure.set_size_inches(12, 4.5)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows, columns = result["rows"], list(result["rows"][0]["minimal"])
    width = 0.85 / (len(columns) + len(_columns(result)))
    for index, row in enumerate(rows):
        place = index - 0.425
        for number, column in enumerate(columns):
            color, label = f"C{number}", column if index == 0 else None
            if column in row["paper"]:
                left.bar(place, 100 * row["paper"][column], width, align="edge", color=color, hatch="///", alpha=0.5)
                place += width
            left.bar(place, 100 * (row["minimal"][column]["rate"] or 0), width, align="edge", color=color, label=label)
            place += width
    left.set_xticks(range(len(rows)), [row["attack"] for row in rows])
    left.set_ylabel("% of smallest perturbations that transfer\n(hatched: paper)")
    left.set_ylim(0, 100)
    left.legend(fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    for number, column in enumerate(columns):
        found = [
            (float(margin), [row["margins"][column][margin] for row in rows]) for margin in rows[0]["margins"][column]
        ]
        known = [(margin, 100 * mean(shares)) for margin, shares in found if None not in shares]
        right.plot([margin for margin, _ in known], [share for _, share in known], "o-", color=f"C{number}")
    right.set_xlabel("perturbation, times the smallest")
    right.set_ylabel("% that transfer, mean over attacks")
    right.set_ylim(0, 102)
    figure.suptitle(study_title(result))


def _columns(result: dict[str, Any]) -> list[str]:
    """The columns of the paper, the approximate one first."""
    first = result["rows"][0]
    return [column for column in first["minimal"] if column in first["paper"]]


def _ratio(rows: list[dict[str, Any]], unit: str, column: str, whose: str) -> float | None:
    """Mean rate of a column over that of the unit; None where there is none."""
    shares = [
        [row["paper"][name] if whose == "paper" else row["minimal"][name]["rate"] for row in rows]
        for name in (column, unit)
    ]
    if any(None in found for found in shares) or not sum(shares[1]):
        return None
    return mean(shares[0]) / mean(shares[1])


def _published(result: dict[str, Any]) -> Table:
    columns = _columns(result)
    heads = ["attack", "images", "steps, paper's", "fool float32"]
    for column in columns:
        heads += [f"{column}, paper", "ours", "95 % interval"]
    rows = []
    for row in result["rows"]:
        cells = [row["attack"], str(row["images"]), steps(row), percent(row["minimal"][columns[0]]["source_rate"])]
        for column in columns:
            found = row["minimal"][column]
            cells += [percent(row["paper"][column]), counted(found), interval(found["interval"])]
        rows.append(cells)
    return study_title(result), heads, rows


def _others(result: dict[str, Any]) -> Table:
    """p: McNemar's test against the approximate column on the same images, corrected by Holm over the study."""
    own, *columns = result["rows"][0]["minimal"]
    heads = ["attack", own]
    for column in columns:
        heads += [column, "p"]
    rows = []
    for row in result["rows"]:
        cells = [row["attack"], counted(row["minimal"][own])]
        for column in columns:
            cells += [counted(row["minimal"][column]), p_value(row["paired"][column]["p_holm"])]
        rows.append(cells)
    title = f"Smallest perturbations of float32 shown to others; p against {own} by McNemar, Holm-corrected"
    return f"{title} over the study", heads, rows


def _margins(result: dict[str, Any]) -> Table:
    columns = list(result["rows"][0]["margins"])
    margins = list(result["rows"][0]["margins"][columns[0]])
    rows = [
        [row["attack"], column, *(percent(row["margins"][column][margin]) for margin in margins)]
        for row in result["rows"]
        for column in columns
    ]
    return "Transfer of perturbations stretched", ["attack", "shown to", *(f"times {m}" for m in margins)], rows
