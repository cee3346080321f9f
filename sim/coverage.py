"""Functional coverage of a multiplier's bench: which bins were hit, which cannot be, and which are holes."""

from dataclasses import dataclass

import numpy as np

from axmac.model.golden import trace
from axmac.model.spec import FpMul
from axmac.sim.coverpoints import Point, common_points
from axmac.sim.coverpoints_range import range_points, unreachable_cases
from axmac.sim.unreachable import always_truncates, product_reach

__all__ = ["STREAM_BINS", "Coverage", "CoverageReport", "cover_points"]

STREAM_BINS = ("flows", "input idle", "output stalled", "input idle and output stalled", "input waits")
"""Cycles of the pipelined module: ``input waits`` where operands are offered and not taken."""

_MOST_UNREACHABLE = 0.05
_BLOCK = 8192


@dataclass(frozen=True)
class CoverageReport:
    """``bins`` in all, ``hit`` of them; ``unreachable`` gives the proof of each bin that no operands reach.

    ``constant`` holds what the array ties to a constant, which therefore has no bin; ``holes`` the bins that nothing
    hit, and ``unexpected`` what was seen although the contract or a proof rules it out.
    """

    bins: int
    hit: int
    unreachable: dict[str, str]
    constant: dict[str, str]
    holes: list[str]
    unexpected: list[str]

    @property
    def closed(self) -> bool:
        """Whether every reachable bin was hit, nothing unexpected came, and at most 5 % are unreachable."""
        few = len(self.unreachable) <= _MOST_UNREACHABLE * self.bins
        return self.bins > 0 and few and not self.holes and not self.unexpected

    @property
    def problem(self) -> str:
        """What keeps the coverage from being closed; empty where it is."""
        if self.closed:
            return ""
        if self.unexpected:
            return f"not expected: {'; '.join(self.unexpected)}"
        if self.holes:
            return f"{len(self.holes)} of {self.bins} bins were not hit, the first: {', '.join(self.holes[:3])}"
        return f"{len(self.unreachable)} of {self.bins} bins are unreachable: that is more than 5 %"


class Coverage:
    """Counts hits per bin, from the operands that the input monitor saw and the stages that golden gives for them.

    ``stages`` is the number of registers of a pipelined module, whose cycles count, too; 0 for the combinational one.
    """

    def __init__(self, spec: FpMul, stages: int = 0) -> None:
        self._spec = spec
        self._stages = stages
        self._points = cover_points(spec)
        self._hits = {point.name: np.zeros(len(point.labels), np.int64) for point in self._points}
        self._streams = dict.fromkeys(STREAM_BINS if stages else (), 0)
        self._unexpected: set[str] = set()

    def update(self, a: np.ndarray, b: np.ndarray) -> None:
        """Count products of patterns a and b, uint[n]."""
        for start in range(0, a.size, _BLOCK):
            stages = trace(self._spec, a[start : start + _BLOCK], b[start : start + _BLOCK], tiles=False)
            for point in self._points:
                bins = point.find(stages).ravel()
                self._hits[point.name] += np.bincount(bins[bins >= 0], minlength=len(point.labels))
                if np.any(bins < -1):
                    self._unexpected.add(f"{point.name}: a result that the contract does not allow")

    def update_streams(self, *, in_valid: bool, in_ready: bool, out_valid: bool, out_ready: bool) -> None:
        """Count one cycle of the pipelined module."""
        stalled = out_valid and not out_ready
        if in_valid and not in_ready:
            name = "input waits"
        elif in_valid:
            name = "output stalled" if stalled else "flows"
        else:
            name = "input idle and output stalled" if stalled else "input idle"
        self._streams[name] += 1

    def report(self) -> CoverageReport:
        """What was seen so far."""
        constant, unreachable = _excluded(self._spec)
        hits = {
            f"{point.name}: {label}": int(count)
            for point in self._points
            for label, count in zip(point.labels, self._hits[point.name], strict=True)
        } | {f"streams: {name}": count for name, count in self._streams.items()}
        if self._stages == 1:
            unreachable["streams: output stalled"] = "a stalled output fills the only stage, so that the input waits"
        excluded = constant | unreachable
        return CoverageReport(
            bins=len(hits) - len(constant),
            hit=sum(count > 0 for name, count in hits.items() if name not in excluded),
            unreachable=unreachable,
            constant=constant,
            holes=[name for name, count in hits.items() if not count and name not in excluded],
            unexpected=sorted(self._unexpected)
            + [f"{name}, though {why}" for name, why in excluded.items() if hits[name]],
        )


def cover_points(spec: FpMul) -> list[Point]:
    """All points that operands decide."""
    return [*common_points(spec), *range_points(spec)]


def _excluded(spec: FpMul) -> tuple[dict[str, str], dict[str, str]]:
    """Bins of constant product bits, and of what is unreachable in another way, each with its proof."""
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
