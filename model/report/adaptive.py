"""The table of an adaptive attack: a row an attack and backward pass, and the worst case of each eps."""

from typing import Any

from axmac.model.report.words import Table, interval, percent

__all__ = ["adaptive_table"]


def adaptive_table(result: dict[str, Any]) -> Table:
    """One row a run, from a result of kind ``adaptive``; its title says what the alarms forbid to say."""
    rows = [
        [
            f"{row['eps']:.3g}",
            row["run"].replace("_", " "),
            row["attack"],
            row["gradient"] or "",
            f"{row['k']} of {row['n']}",
            percent(row["rate"]),
            interval(row["interval"]),
            str(row["left"]),
        ]
        for row in result["rows"]
    ]
    title = (
        f"Adaptive attack on {result['net']['name']}, {result['data']['name']}: {result['attack']['target']}, "
        f"layers {result['layers']}, seed {result['seed']}"
    )
    if result["alarms"]:
        title += "; ALARMS RANG: it cannot be called robust"
    heads = ["eps", "run", "attack", "gradient", "fooled, of those it met", "rate", "95 % interval", "left standing"]
    return title, heads, rows
