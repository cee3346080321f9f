"""Tables of studies: the paper's values beside ours."""

from typing import Any

__all__ = ["study_sentence", "study_table"]


def study_table(result: dict[str, Any]) -> tuple[str, list[str], list[list[str]]]:
    """Title, heads and rows of a study of transferred attacks: k2 of k1, with intervals; all shares in percent."""
    first = result["rows"][0]
    controls, margins, budgets = list(first["controls"]), list(first["margins"])[1:], list(first["budgets"])
    heads = ["attack", "images", "steps, paper's", "fool float32", "paper", "minimal", "95 % interval"]
    heads += [f"minimal, shown to {name}" for name in controls]
    heads += [f"margin {margin}" for margin in margins]
    heads += [f"eps {eps}" for eps in budgets]
    heads += ["on Ax-FPM itself", "median L2", "on Ax-FPM"]
    rows = [
        [
            row["attack"],
            str(row["images"]),
            _steps(row),
            _percent(row["minimal"]["source_rate"]),
            _percent(row["paper"]),
            _counted(row["minimal"]),
            _interval(row["minimal"]["interval"]),
            *(_counted(row["controls"][name]) for name in controls),
            *(_percent(row["margins"][margin]["rate"]) for margin in margins),
            *(_counted(row["budgets"][eps]) if eps in row["budgets"] else "" for eps in budgets),
            _percent(row["white_box"]["source_rate"]),
            *("n/a" if value is None else f"{value:.3g}" for value in row["l2"].values()),
        ]
        for row in result["rows"]
    ]
    study = result["study"]
    what = f"{study['title']}{' (quick)' if study['quick'] else ''}"
    return f"{what}, {result['data']['name']}, seed {result['seed']}", heads, rows


def study_sentence(result: dict[str, Any]) -> str:
    """What came of a study of transferred attacks, in plain words."""
    rows = [row for row in result["rows"] if row["minimal"]["rate"] is not None]
    inside = [row for row in rows if row["minimal"]["interval"][0] <= row["paper"] <= row["minimal"]["interval"][1]]
    above = [row for row in rows if row["paper"] < row["minimal"]["interval"][0]]
    widest = list(result["rows"][0]["margins"])[-1]
    stretched = [row["margins"][widest]["rate"] for row in rows]
    direct = [row["white_box"]["source_rate"] for row in result["rows"] if row["white_box"]["source_rate"] is not None]
    return (
        f"{result['study']['title']}: the paper's rate lies in our 95 % interval for {len(inside)} of {len(rows)} "
        f"attacks and below it for {len(above)}; of perturbations {widest} times the smallest, {_span(stretched)} "
        f"transfer; aimed at Ax-FPM itself, the attacks succeed on {_span(direct)} of the images."
    )


def _span(shares: list[float]) -> str:
    if not shares:
        return "n/a"
    low, high = min(shares), max(shares)
    return _percent(low) if low == high else f"{_percent(low)} to {_percent(high)}"


def _steps(row: dict[str, Any]) -> str:
    """The attack's main count and that of the paper's library."""
    for name in ("steps", "scan", "rounds"):
        if name in row["settings"]:
            return f"{row['settings'][name]}, {row['published_settings'][name]}"
    return ""


def _counted(found: dict[str, Any]) -> str:
    return "n/a" if found["rate"] is None else f"{_percent(found['rate'])} ({found['k2']} of {found['k1']})"


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f} %"


def _interval(bounds: list[float] | None) -> str:
    return "n/a" if bounds is None else f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f} %"
