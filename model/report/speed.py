"""The speed of kernels as a table; ``speed_figure`` draws it."""

import math
from collections import defaultdict
from statistics import linear_regression
from typing import Any

__all__ = ["cost_exponents", "speed_rows", "speed_summary"]

_NAMES = {"time_ratio": "{:.3g} x torch", "seconds": "{:.3g} s", "products_per_s": "{:.3g}/s"}
_AT_LEAST = ("products_per_s",)


def speed_rows(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of a ``bench`` result, and a last row for each exponent of cost against size."""
    heads = ["workload", "arithmetic", "kernel", "threads", "ms", "products/s", "time over torch", "peak MB", "target"]
    rows = [
        [
            row["workload"],
            row["arithmetic"],
            row["kernel"],
            str(row["threads"]),
            f"{1e3 * row['seconds']:.4g}",
            "" if row["products_per_s"] is None else f"{row['products_per_s']:.3g}",
            f"{row['time_ratio']:.2f}",
            "" if row["peak_bytes"] is None else f"{row['peak_bytes'] / 1e6:.0f}",
            _target(row),
        ]
        for row in result["rows"]
    ]
    for arithmetic, exponent in cost_exponents(result).items():
        rows.append(["cost against products", arithmetic, f"time ~ products^{exponent:.2f}", *[""] * 6])
    return heads, rows


def speed_summary(result: dict[str, Any]) -> list[tuple[str, list[str], list[list[str]]]]:
    """Two tables, each as title, heads and rows: the targets; and time over torch by workload and arithmetic."""
    heads = ["workload", "arithmetic", "measured", "target"]
    targets = [
        [row["workload"], row["arithmetic"], _NAMES[row["target"][0]].format(row[row["target"][0]]), _target(row)]
        for row in result["rows"]
        if "target" in row
    ]
    shown = [row for row in result["rows"] if row["group"] in ("shapes", "tasks")]
    ratios = {(row["workload"], row["arithmetic"]): f"{row['time_ratio']:.1f}" for row in shown}
    rates = {row["workload"]: f"{row['products_per_s'] / 1e9:.0f}" for row in shown[::-1] if row["products_per_s"]}
    units = list(dict.fromkeys(row["arithmetic"] for row in shown))[1:]
    rows = [
        [workload, rates.get(workload, ""), *(ratios.get((workload, unit), "") for unit in units)]
        for workload in dict.fromkeys(row["workload"] for row in shown)
    ]
    where = f"{result['threads']} threads, {result['isa']}"
    return [
        (f"Targets, {where}", heads, targets),
        (f"Time over torch's own float32, {where}", ["workload", "torch, G products/s", *units], rows),
    ]


def _target(row: dict[str, Any]) -> str:
    if "target" not in row:
        return ""
    figure, limit = row["target"]
    bound = "at least" if figure in _AT_LEAST else "at most"
    return f"{bound} {_NAMES[figure].format(limit)}: {'met' if row['met'] else 'MISSED'}"


def cost_exponents(result: dict[str, Any]) -> dict[str, float]:
    """By arithmetic, the slope of log time over log products in the group ``sizes``, by least squares."""
    points = defaultdict(list)
    for row in result["rows"]:
        if row["group"] == "sizes":
            points[row["arithmetic"]].append((math.log(row["products"]), math.log(row["seconds"])))
    return {name: linear_regression(*zip(*pairs, strict=True)).slope for name, pairs in points.items() if pairs[1:]}
