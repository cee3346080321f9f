"""Functional coverage of a multiplier's bench: which bins were hit, which cannot be, and which are holes."""

import numpy as np

from axmac.model.golden import trace
from axmac.model.spec import IntMul, Multiplier
from axmac.sim.bins import STREAM_BINS, CoverageReport, Point, PointHits, report_of, stream_bin
from axmac.sim.coverpoints import common_points
from axmac.sim.coverpoints_int import integer_points, never_reached
from axmac.sim.coverpoints_range import range_points, unreachable_cases
from axmac.sim.unreachable import always_truncates, product_reach

__all__ = ["ONE_STAGE", "Coverage", "cover_points", "excluded_bins"]

ONE_STAGE = "a stalled output fills the only stage, so that the input waits"
"""Why a module with one register never takes operands while its output is stalled."""

_BLOCK = 8192


class Coverage:
    """Counts hits per bin, from the operands that the input monitor saw and the stages that golden gives for them.

    ``stages`` is the number of registers of a pipelined module, whose cycles count, too; 0 for the combinational one.
    """

    def __init__(self, spec: Multiplier, stages: int = 0) -> None:
        self._spec = spec
        self._stages = stages
        self._points = PointHits(cover_points(spec))
        self._streams = dict.fromkeys(STREAM_BINS if stages else (), 0)

    def update(self, a: np.ndarray, b: np.ndarray) -> None:
        """Count products of patterns a and b, uint[n]."""
        for start in range(0, a.size, _BLOCK):
            self._points.update(trace(self._spec, a[start : start + _BLOCK], b[start : start + _BLOCK], tiles=False))

    def update_streams(self, *, in_valid: bool, in_ready: bool, out_valid: bool, out_ready: bool) -> None:
        """Count one cycle of the pipelined module."""
        name = stream_bin(in_valid=in_valid, in_ready=in_ready, out_valid=out_valid, out_ready=out_ready)
        self._streams[name] += 1

    def report(self) -> CoverageReport:
        """What was seen so far."""
        constant, unreachable = excluded_bins(self._spec)
        hits = self._points.by_bin() | {f"streams: {name}": count for name, count in self._streams.items()}
        if self._stages == 1:
            unreachable["streams: output stalled"] = ONE_STAGE
        return report_of(hits, unreachable, constant, sorted(self._points.unexpected))


def cover_points(spec: Multiplier) -> list[Point]:
    """All points that operands decide."""
    return integer_points(spec) if isinstance(spec, IntMul) else [*common_points(spec), *range_points(spec)]


def excluded_bins(spec: Multiplier) -> tuple[dict[str, str], dict[str, str]]:
    """Bins of constant product bits, and of what is unreachable in another way, each with its proof."""
    if isinstance(spec, IntMul):
        never = never_reached(spec)
        constant = {name: why for name, why in never.items() if name.startswith("product: ")}
        return constant, {name: why for name, why in never.items() if name not in constant}
    reach = product_reach(spec)
    constant = {
        f"product: bit {bit} is {1 - value}": f"the cells and their wiring tie it to {value}"
        for bit, value in reach.constant.items()
    }
    unreachable = {f"product: bit {bit} is {value}": reach.why for bit, value in sorted(reach.never)}
    if spec.subnormals == "flush":
        unreachable |= {f"normalise: {case}": reach.why for case in unreachable_cases(spec)}
        why = always_truncates(spec) if spec.rounding == "rtz" else ""
        unreachable |= {"rounding: exact": why} if why else {}
    return constant, unreachable
