"""Studies of accuracy by weight bits under FGSM: curves, critical strength, a bound, and stronger attacks."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.forms.bit_panels import draw_panels
from axmac.model.report.words import Table, interval, number, percent, points, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "short", "tables"]

_HELD = {True: "held", False: "NOT held", None: "open"}
_WAYS = {
    "fgsm": "FGSM",
    "margin": "FGSM on the margin",
    "transfer": "FGSM of most bits",
    "pgd": "PGD on the margin",
    "grid": "all points of a grid",
    "strongest": "strongest",
}


def tables(result: dict[str, Any]) -> list[Table]:
    """What came of it, and the curves of every activation."""
    return [*short(result), *(_curves(row) for row in _rows(result, "curves"))]


def short(result: dict[str, Any]) -> list[Table]:
    """The tables that fit on a page: claims, accuracy by bits, critical strengths, stronger attacks, the bound."""
    return [_claims(result), _clean(result), _critical(result), _attacks(result), _bound(result)]


def sentence(result: dict[str, Any]) -> str:
    """For each data set how many claims held and which did not; what stronger attacks leave of the gain; the bound."""
    said = [_judged(row) for row in _rows(result, "claims")]
    said += [_left(result, row["data"]) for row in _rows(result, "claims")]
    cells, bounded, under, clearly = (
        sum(row["below"][name] for row in _rows(result, "curves")) for name in ("cells", "bounded", "under", "clearly")
    )
    said.append(
        f"the bound of equation 14 is above 0 in {bounded:,} of {cells:,} cells of activation, bits and eps; the mean "
        f"relative accuracy lies below it in {under}, with its whole interval in {clearly}"
    )
    return f"{result['study']['title']}: {'; '.join(said)}."


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """Activations across; down, for each data set, the paper's figures, and FGSM beside the strongest attack."""
    draw_panels(_rows(result, "curves"), figure)
    figure.suptitle(study_title(result), fontsize=11)


def _rows(result: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [row for row in result["rows"] if row["kind"] == kind]


def _judged(row: dict[str, Any]) -> str:
    claims = [claim for claim in row["claims"] if claim["held"] is not None]
    wrong = [f"{claim['claim']} ({claim['where']}): {_value(claim)}" for claim in claims if not claim["held"]]
    held = len(claims) - len(wrong)
    undecided = len(row["claims"]) - len(claims)
    words = f"{row['data']}: {held} claims of the paper held, {len(wrong)} did not, {undecided} stay open"
    return f"{words}; not: {', '.join(wrong)}" if wrong else words


def _left(result: dict[str, Any], data: str) -> str:
    """The gain of 1 bit over most bits where it is largest under FGSM, and what the strongest attack leaves of it."""
    parts = []
    for row in _rows(result, "curves"):
        if row["data"] == data:
            gains = row["gain"]["fgsm"]
            place = max(range(len(gains)), key=lambda at: gains[at]["mean"])
            own, other = (row["gain"][way][place] for way in ("fgsm", "strongest"))
            where = f"{row['activation']} at eps {row['checks'][place]:g}"
            parts.append(f"{where} {_points(own)} under FGSM, {_points(other)} under the strongest attack")
    return f"1 bit less {row['bits'][-1]} bits on {data}: {'; '.join(parts)}"


def _points(found: dict[str, Any]) -> str:
    if found["interval"] is None:
        return f"{points(found['mean'])} points"
    low, high = found["interval"]
    return f"{points(found['mean'])} ({points(low)} to {points(high)}) points"


def _value(claim: dict[str, Any]) -> str:
    return {"share": percent, "points": points, "eps": number}[claim["kind"]](claim["mean"])


def _span(found: dict[str, Any], kind: str = "share") -> str:
    """An interval over seeds in the unit of its value; n/a for one seed."""
    if found["interval"] is None:
        return "n/a"
    if kind == "share":
        return interval(found["interval"])
    write = points if kind == "points" else number
    return " to ".join(write(end) for end in found["interval"])


def _claims(result: dict[str, Any]) -> Table:
    heads = ["data", "claim", "activation", "paper", "ours", "95 % over seeds", "outcome"]
    rows = []
    for row in _rows(result, "claims"):
        for name, words in (("likeliest", "label of the likelier spiral"), ("nearest", "label of the nearest point")):
            if name in row:
                cells = [row["data"], f"right without a network: {words}", "", "", percent(row[name]["mean"])]
                rows.append([*cells, _span(row[name]), ""])
        for claim in row["claims"]:
            cells = [row["data"], claim["claim"], claim["where"], claim["paper"], _value(claim)]
            rows.append([*cells, _span(claim, claim["kind"]), _HELD[claim["held"]]])
    return f"{study_title(result)}: claims of the paper", heads, rows


def _clean(result: dict[str, Any]) -> Table:
    curves = _rows(result, "curves")
    rows = [
        [
            row["data"],
            row["activation"],
            str(row["n"]),
            *(f"{percent(found['mean'])} ({_span(found)})" for found in row["clean"]),
        ]
        for row in curves
    ]
    heads = ["data", "activation", "test points", *(f"{width} bit{'s' * (width > 1)}" for width in curves[0]["bits"])]
    return f"Accuracy without attack by bits (95 % interval over {curves[0]['seeds']} seeds)", heads, rows


def _critical(result: dict[str, Any]) -> Table:
    heads = ["data", "activation", "of all eps", "deviation over bits", "accuracy there"]
    heads += ["where accuracy is useful", "deviation over bits", "accuracy there", "mean of seeds alone"]
    heads += ["95 % over seeds", "eps sqrt(n)"]
    rows = []
    for row in _rows(result, "curves"):
        cells = [row["data"], row["activation"]]
        for name in ("all", "useful"):
            found = row["critical"][name]
            place = row["eps"].index(found["eps"])
            mean = sum(line[place] for line in row["accuracy"]) / len(row["bits"])
            cells += [f"{found['eps']:g}", f"{100 * found['deviation']:.2f} points", percent(mean)]
        found = row["critical"]["useful"]
        cells += [number(found["mean"]), _span(found, "eps"), number(row["distance"][place])]
        rows.append(cells)
    return "Critical strength: the eps whose accuracies vary least over the bits", heads, rows


def _attacks(result: dict[str, Any]) -> Table:
    curves = _rows(result, "curves")
    first, last = (f"{curves[0]['bits'][end]} bit{'s' * -end}" for end in (0, -1))
    ways = [way for way in _WAYS if any(way in row["ways"] for row in curves)]
    heads = ["data", "activation", "eps", *(f"{_WAYS[way]}: {first}, {last}" for way in ways)]
    heads += [f"{first} less {last}, {_WAYS[way]}" for way in ("fgsm", "strongest")] + [f"no gradient, {first}"]
    rows = []
    for row in curves:
        for place in _shown(row["checks"]):
            cells = [row["data"], row["activation"], f"{row['checks'][place]:g}"]
            for way in ways:
                found = row["ways"].get(way)
                cells.append(", ".join(percent(found[end][place]["mean"]) for end in (0, -1)) if found else "")
            cells += [_points(row["gain"][way][place]) for way in ("fgsm", "strongest")]
            rows.append([*cells, percent(row["still"][0])])
    checked = " or ".join(f"{count:,}" for count in dict.fromkeys(row["checked"] for row in curves))
    return f"Is the gain of {first} one of masked gradients? {checked} test points of each seed", heads, rows


def _shown(checks: list[float]) -> list[int]:
    """Places of the eps that are shown: about .1 and .2."""
    return [min(range(len(checks)), key=lambda place: abs(checks[place] - size)) for size in (0.1, 0.2)]


def _bound(result: dict[str, Any]) -> Table:
    heads = ["data", "activation", "h at 1 bit", "first eps sqrt(n)", "cells above eps 0", "bound above 0"]
    heads += ["mean below the bound", "whole interval below", "l2 that FGSM moves, 1 bit", "of eps sqrt(n)"]
    rows = []
    for row in _rows(result, "curves"):
        below = row["below"]
        place = _shown(row["checks"])[0]
        far = row["checks"][place] * row["distance"][1] / row["eps"][1]
        cells = [row["data"], row["activation"], number(row["inradius"][0]), number(row["distance"][1])]
        cells += [f"{below[name]:,}" for name in ("cells", "bounded", "under", "clearly")]
        moved = f"{number(row['moved'][0][place])} at eps {row['checks'][place]:g}"
        rows.append([*cells, moved, percent(row["moved"][0][place] / far)])
    return "Relative accuracy against the bound of equation 14", heads, rows


def _curves(row: dict[str, Any]) -> Table:
    heads = ["eps", *(f"{width} bit{'s' * (width > 1)}" for width in row["bits"])]
    rows = [
        [
            f"{eps:g}",
            *(
                f"{percent(line[place])} ± {100 * spread[place]:.1f}"
                for line, spread in zip(row["accuracy"], row["deviation"], strict=True)
            ),
        ]
        for place, eps in enumerate(row["eps"])
    ]
    title = f"FGSM, {row['data']}, {row['activation']}: accuracy, and deviation over {row['seeds']} seeds in points"
    return title, heads, rows
