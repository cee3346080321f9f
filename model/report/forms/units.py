"""Studies of units beside each other: accuracy, transfer, and attacks aimed at each of them."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, counted, interval, number, percent, span, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_FEW = 10
_SLANTED, _UPRIGHT = {"rotation": 25, "ha": "right"}, {"rotation": 90, "fontsize": 8}
"""Names below a panel, few or many."""
_BACKWARD = {"exact": "exact gradient", "unit": "unit's slopes"}


def tables(result: dict[str, Any]) -> list[Table]:
    """Errors, accuracy and transfer; and what PGD aimed at each unit fools."""
    rows = result["rows"]
    attacks, sizes = list(rows[1]["transfer"]), list(rows[0]["white_box"])
    heads = [
        "unit",
        "NMED",
        "gain",
        "accuracy",
        "95 % interval",
        *(f"smallest {attack} that transfer" for attack in attacks),
    ]
    first = [
        [
            row["name"],
            *("" if row[name] is None else number(row[name]) for name in ("nmed", "gain")),
            percent(row["accuracy"]["rate"], 2),
            interval(row["accuracy"]["interval"]),
            *(counted(row["transfer"][attack]) if row["transfer"] else "" for attack in attacks),
        ]
        for row in rows
    ]
    second = [
        [
            row["name"],
            *(
                cell
                for size in sizes
                for cell in (
                    _share(row["shown"].get(size)),
                    *(_share(row["white_box"][size].get(backward)) for backward in _BACKWARD),
                )
            ),
        ]
        for row in rows
    ]
    words = ["unit"]
    for size in sizes:
        words += [f"eps {size}: made on float32", *(f"aimed, {name}" for name in _BACKWARD.values())]
    return [(study_title(result), heads, first), ("PGD within eps (L-inf): share of images fooled", words, second)]


def sentence(result: dict[str, Any]) -> str:
    """Spans of accuracy, transfer and the strongest aimed attack."""
    exact, *rows = result["rows"]
    size = list(exact["white_box"])[-1]
    rates = [rate["rate"] for row in rows for rate in row["transfer"].values() if rate["rate"] is not None]
    aimed = [_strongest(row, size) for row in rows]
    return (
        f"{result['study']['title']}: accuracy {span([row['accuracy']['rate'] for row in rows])} (float32 "
        f"{percent(exact['accuracy']['rate'])}); smallest perturbations of float32 transfer by {span(rates)}; PGD "
        f"aimed at the unit within eps {size} fools {span(aimed)} (float32 {percent(_strongest(exact, size))})."
    )


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Left: transfer of smallest perturbations; right: what PGD aimed at each unit fools, and accuracy."""
    figure.set_size_inches(13, 5.2)
    left, right = figure.subplots(1, 2)
    exact, *rows = result["rows"]
    for attack in rows[0]["transfer"]:
        found = [(place, row["transfer"][attack]) for place, row in enumerate(rows) if row["transfer"][attack]["k1"]]
        rates = [100 * rate["rate"] for _, rate in found]
        lower = [max(0, 100 * (rate["rate"] - rate["interval"][0])) for _, rate in found]
        upper = [max(0, 100 * (rate["interval"][1] - rate["rate"])) for _, rate in found]
        left.errorbar([place for place, _ in found], rates, [lower, upper], fmt="o-", capsize=3, label=attack)
    left.set_ylabel("% of smallest perturbations that transfer")
    names = [exact["name"], *(row["name"] for row in rows)]
    for size in exact["white_box"]:
        for backward, line in (("exact", "o-"), ("unit", "^--")):
            found = [row["white_box"][size].get(backward) for row in result["rows"]]
            values = [float("nan") if one is None or one["rate"] is None else 100 * one["rate"] for one in found]
            right.plot(values, line, label=f"PGD eps {size}, {_BACKWARD[backward]}")
    right.plot([100 * row["accuracy"]["rate"] for row in result["rows"]], "k:", label="accuracy, clean")
    right.set_ylabel("% of images fooled; % right")
    for axis, words in ((left, names[1:]), (right, names)):
        axis.set_xticks(range(len(words)), words, **(_SLANTED if len(words) <= _FEW else _UPRIGHT))
        axis.set_ylim(0, 103)
        axis.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    figure.suptitle(study_title(result), fontsize=10)


def _share(found: dict[str, Any] | None) -> str:
    return "" if found is None else f"{percent(found['rate'])} ({found['k']} of {found['n']})"


def _strongest(row: dict[str, Any], size: str) -> float:
    return max(found["rate"] or 0 for found in row["white_box"][size].values())
