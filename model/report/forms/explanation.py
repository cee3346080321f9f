"""Studies of what explains an effect: the unit beside what may stand for it."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, interval, number, percent, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """What resists; what replacements share with the unit; what being fooled goes along with."""
    return [_resisted(result), _explained(result), _correlated(result)]


def sentence(result: dict[str, Any]) -> str:
    """For each attack, how much of the resistance each replacement has too."""
    said = []
    for row in result["rows"]:
        also = ", ".join(f"{name} {percent(found['both']['rate'])}" for name, found in row["explained"].items())
        said.append(f"{row['attack']}: the unit resists {percent(row['resisted']['unit']['rate'])}, of these {also}")
    return f"{result['study']['title']}. {'; '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Left: what does not fool each arithmetic; right: what fools the unit, by the margin of the clean image."""
    figure.set_size_inches(12, 5)
    left, right = figure.subplots(1, 2)
    rows = result["rows"]
    names = list(rows[0]["resisted"])
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        at = [index + (place - (len(names) - 1) / 2) * width for index in range(len(rows))]
        left.bar(at, [100 * (row["resisted"][name]["rate"] or 0) for row in rows], width, label=name)
    left.set_xticks(range(len(rows)), [row["attack"] for row in rows])
    left.set_ylabel("% of smallest perturbations that do not fool it")
    left.set_ylim(0, 119)
    left.legend(fontsize=8, ncols=2, loc="upper center")
    for row in rows:
        middle = [sum(part["margin"]) / 2 for part in row["quartiles"]]
        right.plot(middle, [100 * part["rate"] for part in row["quartiles"]], "o-", label=row["attack"])
    right.set_xlabel("float32's margin on the clean image (logits), quarters of the images")
    right.set_ylabel("% that fool the unit")
    right.set_ylim(0, 103)
    right.legend(fontsize=8)
    figure.suptitle(study_title(result), fontsize=10)


def _resisted(result: dict[str, Any]) -> Table:
    names = list(result["rows"][0]["resisted"])
    heads = ["attack", "images that fool float32"]
    for name in names:
        heads += [f"{name} resists", "95 % interval"]
    rows = [
        [
            row["attack"],
            str(row["n"]),
            *(
                cell
                for name in names
                for cell in (percent(row["resisted"][name]["rate"]), interval(row["resisted"][name]["interval"]))
            ),
        ]
        for row in result["rows"]
    ]
    return study_title(result), heads, rows


def _explained(result: dict[str, Any]) -> Table:
    heads = ["attack", "in the unit's place", "resists of those the unit resists", "of those that fool the unit"]
    heads += ["correlation of margins with the unit's"]
    rows = [
        [row["attack"], name, _share(found["both"]), _share(found["only"]), number(found["agreement"])]
        for row in result["rows"]
        for name, found in row["explained"].items()
    ]
    return "What stands for the unit: the same images?", heads, rows


def _correlated(result: dict[str, Any]) -> Table:
    names = list(result["rows"][0]["gain"])
    heads = ["attack", "fooling the unit and: clean margin", "gain of the margin", "how far beyond float32's boundary"]
    heads += [f"margin over float32's, {name}" for name in names]
    rows = [
        [
            row["attack"],
            *(number(row["correlation"][name]) for name in ("margin", "gain", "beyond")),
            *(_quartiles(row["gain"][name]) for name in names),
        ]
        for row in result["rows"]
    ]
    return "Correlations, and gains of margins (median, quartiles)", heads, rows


def _share(found: dict[str, Any]) -> str:
    return f"{percent(found['rate'])} ({found['k']} of {found['n']})"


def _quartiles(found: list[float] | None) -> str:
    return "n/a" if found is None else f"{number(found[1])} ({number(found[0])} to {number(found[2])})"
