"""Studies of black-box attacks: each victim by its own substitute, the paper's rates beside ours."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, counted, interval, number, p_value, percent, span, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """Smallest perturbations, stretched ones and budgets, and the substitutes."""
    return [_main(result), _stretched(result), _substitutes(result)]


def sentence(result: dict[str, Any]) -> str:
    """What came of it, in plain words."""
    names = list(result["rows"][0]["victims"])
    widest = list(result["rows"][0]["victims"][names[0]]["margins"])[-1]
    said = []
    for name in names:
        found = [row["victims"][name] for row in result["rows"]]
        small, large = (_rates(found, margin) for margin in ("1", widest))
        agreement = percent(found[0]["substitute"]["agreement"])
        said.append(
            f"of the smallest perturbations that fool a substitute of {name} (which agrees with it on {agreement} of "
            f"the images), {span(small)} also fool {name}, {span(large)} when {widest} times as large"
        )
    differ = [row["attack"] for row in result["rows"] if row["paired"]["p_holm"] <= 0.05]
    tested = f"the victims differ for {', '.join(differ)}" if differ else "the victims differ for no attack"
    return f"{result['study']['title']}: {'; '.join(said)}; {tested} (McNemar, Holm, 5 %)."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """The rate by margin of every attack, one panel a victim, the paper's rates as crosses at the left."""
    figure.set_size_inches(11, 4.5)
    names = list(result["rows"][0]["victims"])
    for axis, name in zip(figure.subplots(1, len(names), sharey=True), names, strict=True):
        for row in result["rows"]:
            found = row["victims"][name]
            points = [(float(margin), rate["rate"]) for margin, rate in found["margins"].items()]
            points = [(margin, 100 * rate) for margin, rate in points if rate is not None]
            (line,) = axis.plot([margin for margin, _ in points], [rate for _, rate in points], "o-", ms=4)
            line.set_label(row["attack"])
            axis.plot([0.97], [100 * found["paper"]], "x", color=line.get_color())
        axis.set_title(name, fontsize=10)
        axis.set_xlabel("perturbation, times the smallest (cross: the paper)")
        axis.set_ylim(-2, 104)
    figure.axes[0].set_ylabel("% of the substitute's images that fool the victim")
    figure.axes[-1].legend(fontsize=8)
    figure.suptitle(study_title(result))


def _rates(found: list[dict[str, Any]], margin: str) -> list[float]:
    return [one["margins"][margin]["rate"] for one in found if one["margins"][margin]["rate"] is not None]


def _main(result: dict[str, Any]) -> Table:
    heads = ["attack", "images"]
    for name in result["rows"][0]["victims"]:
        heads += [f"paper: {name}", "fool the substitute", "ours: of those, fool the victim", "95 % interval"]
    rows = [
        [
            row["attack"],
            str(row["images"]),
            *(
                cell
                for found in row["victims"].values()
                for cell in (
                    percent(found["paper"]),
                    f"{percent(found['minimal']['source_rate'])} of {found['minimal']['n']}",
                    counted(found["minimal"]),
                    interval(found["minimal"]["interval"]),
                )
            ),
            p_value(row["paired"]["p_holm"]),
        ]
        for row in result["rows"]
    ]
    return study_title(result), [*heads, "p of the victims' difference"], rows


def _stretched(result: dict[str, Any]) -> Table:
    """A line for each attack and victim."""
    margins = list(_first(result["rows"][0])["margins"])
    budgets = list(dict.fromkeys(eps for row in result["rows"] for eps in _first(row)["budgets"]))
    heads = ["attack", "victim", *(f"times {margin}" for margin in margins), *(f"within eps {eps}" for eps in budgets)]
    heads += ["median L2", "queries to the substitute"]
    rows = [
        [
            row["attack"],
            name,
            *(percent(found["margins"][margin]["rate"]) for margin in margins),
            *(counted(found["budgets"][eps]) if eps in found["budgets"] else "" for eps in budgets),
            number(found["l2"]),
            f"{found['queries']:,}",
        ]
        for row in result["rows"]
        for name, found in row["victims"].items()
    ]
    return "Perturbations stretched, and within budgets: what fools the substitute and also the victim", heads, rows


def _substitutes(result: dict[str, Any]) -> Table:
    heads = ["victim", "seed images", "queries to the victim", "agreement", "95 % interval"]
    heads += ["accuracy of the substitute", "of the victim"]
    rows = []
    for name, found in result["rows"][0]["victims"].items():
        made = found["substitute"]
        agreed = f"{percent(made['agreement'])} ({made['agree']} of {made['n']})"
        cells = [str(made["seed_images"]), f"{made['queries']:,}", agreed, interval(made["interval"])]
        rows.append([name, *cells, percent(made["accuracy"]), percent(made["victim_accuracy"])])
    return "The substitutes, and how often they answer as their victims do", heads, rows


def _first(row: dict[str, Any]) -> dict[str, Any]:
    return next(iter(row["victims"].values()))
