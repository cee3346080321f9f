"""The speed of kernels as a picture."""

import io
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from axmac.model.report.speed import cost_exponents
from axmac.model.spec.files import write_whole

__all__ = ["draw_speed"]


def draw_speed(result: dict[str, Any], picture: Path) -> Path:
    """Writes a PNG: time over torch for each workload and unit, and time against products."""
    shapes = [row for row in result["rows"] if row["group"] in ("shapes", "tasks")]
    sizes = [row for row in result["rows"] if row["group"] == "sizes"]
    figure = Figure(figsize=(13, 6.5), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    bars, curves = figure.subplots(1, 2, width_ratios=(2, 1))
    _draw_ratios(bars, shapes)
    _draw_sizes(curves, sizes, cost_exponents(result))
    figure.suptitle(f"{result['threads']} threads, {result['isa']}", fontsize=10)
    content = io.BytesIO()
    canvas.print_png(content)
    return write_whole(picture, content.getvalue())


def _draw_ratios(axis, rows: list[dict[str, Any]]) -> None:
    workloads = list(dict.fromkeys(row["workload"] for row in rows))
    units = list(dict.fromkeys(row["arithmetic"] for row in rows))[1:]
    height = 0.8 / max(1, len(units))
    for place, unit in enumerate(units):
        own = [row for row in rows if row["arithmetic"] == unit]
        at = [workloads.index(row["workload"]) - 0.4 + (place + 0.5) * height for row in own]
        axis.barh(at, [row["time_ratio"] for row in own], height, label=unit)
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set_xscale("log")
    axis.set_yticks(range(len(workloads)), workloads, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel("time over torch's own float32, same shape and threads")
    axis.grid(axis="x", alpha=0.3)
    if units:
        axis.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.3, -0.09), ncol=5)


def _draw_sizes(axis, rows: list[dict[str, Any]], exponents: dict[str, float]) -> None:
    for unit, exponent in exponents.items():
        own = [row for row in rows if row["arithmetic"] == unit]
        label = f"{unit}: exponent {exponent:.2f}"
        axis.loglog([row["products"] for row in own], [row["seconds"] for row in own], "o-", markersize=4, label=label)
    axis.set_xlabel("products")
    axis.set_ylabel("seconds")
    axis.grid(alpha=0.3, which="both")
    if exponents:
        axis.legend(fontsize=7)
