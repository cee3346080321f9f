"""Studies of attacks: transferred beside controls, stretched, within budgets, and aimed at the unit itself."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, counted, interval, number, p_value, percent, span, steps, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "short", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """The paper's table beside ours, the controls, and what margins, seeds and backward passes change."""
    return [_main(result), _controls(result), _margins(result), _white_box(result)]


def sentence(result: dict[str, Any]) -> str:
    """What came of it, in plain words."""
    rows = [row for row in result["rows"] if row["minimal"]["rate"] is not None]
    inside = [row for row in rows if row["minimal"]["interval"][0] <= row["paper"] <= row["minimal"]["interval"][1]]
    above = [row for row in rows if row["paper"] < row["minimal"]["interval"][0]]
    widest = list(result["rows"][0]["margins"])[-1]
    stretched = [row["margins"][widest]["rate"] for row in rows]
    direct = [row["white_box"]["source_rate"] for row in result["rows"] if row["white_box"]["source_rate"] is not None]
    harder = [
        name
        for name in result["rows"][0]["controls"]
        if all(_at_most(row["controls"][name]["rate"], row["minimal"]["rate"]) for row in rows)
    ]
    than = f" {', '.join(harder)} let no more through than the unit in any row." if harder else ""
    return (
        f"{result['study']['title']}: the paper's rate lies in our 95 % interval for {len(inside)} of {len(rows)} "
        f"attacks and below it for {len(above)}; of perturbations {widest} times the smallest, {span(stretched)} "
        f"transfer; aimed at Ax-FPM itself, the attacks succeed on {span(direct)} of the images.{than}"
    )


def short(result: dict[str, Any]) -> list[Table]:
    """One table for a page: the paper, both protocols, the controls that say most, and the unit attacked itself."""
    first = result["rows"][0]
    budgets, widest = list(first["budgets"]), list(first["margins"])[-1]
    controls = [name for name in first["controls"] if name.startswith(("float32", "DoReFa"))]
    heads = ["attack", "n", "paper", "ours, smallest perturbation", "95 %", f"{widest} times the smallest"]
    heads += [f"within eps {eps}" for eps in budgets]
    heads += [*(f"smallest, shown to {name}" for name in controls), "aimed at Ax-FPM itself"]
    rows = [
        [
            row["attack"],
            str(row["minimal"]["k1"]),
            percent(row["paper"], 0),
            percent(row["minimal"]["rate"]),
            interval(row["minimal"]["interval"]),
            percent(row["margins"][widest]["rate"]),
            *(percent(row["budgets"][eps]["rate"]) if eps in row["budgets"] else "" for eps in budgets),
            *(percent(row["controls"][name]["rate"]) for name in controls),
            percent(row["white_box"]["source_rate"]),
        ]
        for row in result["rows"]
    ]
    return [(study_title(result), heads, rows)]


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Left: rates of transfer of the smallest perturbations, with controls; right: what stretching them changes."""
    figure.set_size_inches(13, 5.5)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows = result["rows"]
    bars: dict[str, list[float | None]] = {"paper": [row["paper"] for row in rows]}
    bars |= {"ours": [row["minimal"]["rate"] for row in rows]}
    bars |= {name: [row["controls"][name]["rate"] for row in rows] for name in rows[0]["controls"]}
    width = 0.85 / len(bars)
    for place, (name, values) in enumerate(bars.items()):
        at = [index + (place - (len(bars) - 1) / 2) * width for index in range(len(rows))]
        left.bar(at, [100 * (value or 0) for value in values], width, label=name)
    left.set_xticks(range(len(rows)), [row["attack"] for row in rows], rotation=30)
    left.set_ylabel("% of smallest perturbations that transfer")
    left.set_ylim(0, 100)
    left.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    for row in rows:
        found = [(float(margin), rate["rate"]) for margin, rate in row["margins"].items() if rate["rate"] is not None]
        right.plot([margin for margin, _ in found], [100 * rate for _, rate in found], "o-", label=row["attack"])
    right.set_xlabel("perturbation, times the smallest")
    right.set_ylabel("% that transfer")
    right.set_ylim(0, 102)
    right.legend(fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    figure.suptitle(study_title(result))


def _main(result: dict[str, Any]) -> Table:
    budgets = list(result["rows"][0]["budgets"])
    heads = ["attack", "images", "steps, paper's", "fool float32", "paper", "minimal", "95 % interval"]
    heads += [f"within eps {eps}" for eps in budgets]
    heads += ["on Ax-FPM itself", "median L2 on float32", "on Ax-FPM"]
    rows = [
        [
            row["attack"],
            str(row["images"]),
            steps(row),
            percent(row["minimal"]["source_rate"]),
            percent(row["paper"]),
            counted(row["minimal"]),
            interval(row["minimal"]["interval"]),
            *(counted(row["budgets"][eps]) if eps in row["budgets"] else "" for eps in budgets),
            percent(row["white_box"]["source_rate"]),
            number(row["l2"]["float32"]),
            number(row["l2"]["ax_fpm"]),
        ]
        for row in result["rows"]
    ]
    return study_title(result), heads, rows


def _controls(result: dict[str, Any]) -> Table:
    """p: McNemar's test against the first column on the same images, corrected by Holm over all tests of the study."""
    controls = list(result["rows"][0]["controls"])
    heads = ["attack", "this unit", "p against float32"]
    for name in controls:
        heads += [name, "p"]
    rows = [
        [
            row["attack"],
            counted(row["minimal"]),
            p_value(row["paired"]["float32"]["p_holm"]),
            *(
                cell
                for name in controls
                for cell in (counted(row["controls"][name]), p_value(row["paired"][name]["p_holm"]))
            ),
        ]
        for row in result["rows"]
    ]
    return "Smallest perturbations of float32 shown to others; p by McNemar, Holm-corrected over the study", heads, rows


def _margins(result: dict[str, Any]) -> Table:
    margins, seeds = list(result["rows"][0]["margins"]), list(result["rows"][0]["seeds"])
    heads = ["attack", *(f"times {margin}" for margin in margins), *(f"training seed {seed}" for seed in seeds)]
    rows = [
        [
            row["attack"],
            *(percent(row["margins"][margin]["rate"]) for margin in margins),
            *(counted(row["seeds"][seed]) if seed in row["seeds"] else "" for seed in seeds),
        ]
        for row in result["rows"]
    ]
    return "Transfer of perturbations stretched, and of other training seeds", heads, rows


def _white_box(result: dict[str, Any]) -> Table:
    budgets = list(result["rows"][0]["white_box_budgets"])
    heads = ["attack", "smallest: fooled", "by the unit's slopes", "median L2", "by the unit's slopes"]
    heads += ["shown to float32 (reverse)", *(f"within eps {eps}" for eps in budgets)]
    rows = [
        [
            row["attack"],
            percent(row["white_box"]["source_rate"]),
            "" if row["white_box_unit"] is None else percent(row["white_box_unit"]["source_rate"]),
            number(row["l2"]["ax_fpm"]),
            "" if row["white_box_unit"] is None else number(row["l2"]["ax_fpm, gradient unit"]),
            counted(row["reverse"]),
            *(percent(row["white_box_budgets"].get(eps, {}).get("source_rate")) for eps in budgets),
        ]
        for row in result["rows"]
    ]
    for run in result["rows"][0]["audit"]["rows"]:
        size = f"audit: {run['run']} ({run['attack']}), eps {run['eps']:.3g}"
        shown = f"{percent(run['rate'])} ({run['k']} of {run['n']})"
        rows.append([size, shown, *[""] * (len(heads) - 2)])
    return "Aimed at Ax-FPM itself", heads, rows


def _at_most(one: float | None, other: float) -> bool:
    return one is not None and one <= other
