"""Bins of functional coverage: groups of them, their hits, what a report holds, and those of a stream's handshake."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["STREAM_BINS", "CoverageReport", "Point", "PointHits", "merged", "report_of", "stream_bin"]

STREAM_BINS = ("flows", "input idle", "output stalled", "input idle and output stalled", "input waits")
"""Cycles of a pipelined module: ``input waits`` where operands are offered and not taken."""

_MOST_UNREACHABLE = 0.05


@dataclass(frozen=True)
class Point:
    """A group of bins: ``find(stages)`` gives bin numbers int64[..., n], of the stages of n results.

    It gives -1 where a result is in no bin of the group, and less where it does what the contract does not allow.
    """

    name: str
    labels: tuple[str, ...]
    find: Callable[[Any], np.ndarray]


class PointHits:
    """Counts hits in the bins of ``points``; ``unexpected`` names those where the contract was broken."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._points = points
        self._hits = {point.name: np.zeros(len(point.labels), np.int64) for point in points}
        self.unexpected: set[str] = set()

    def update(self, stages: Any) -> None:
        """Count the results that these are the stages of."""
        for point in self._points:
            bins = point.find(stages).ravel()
            self._hits[point.name] += np.bincount(bins[bins >= 0], minlength=len(point.labels))
            if np.any(bins < -1):
                self.unexpected.add(f"{point.name}: a result that the contract does not allow")

    def by_bin(self) -> dict[str, int]:
        """Hits by the names of point and bin."""
        return {
            f"{point.name}: {label}": int(count)
            for point in self._points
            for label, count in zip(point.labels, self._hits[point.name], strict=True)
        }


@dataclass(frozen=True)
class CoverageReport:
    """``bins`` in all, ``hit`` of them; ``unreachable`` gives the proof of each bin that no operands reach.

    ``constant`` holds what the wiring ties to a constant, which therefore has no bin; ``holes`` the bins that nothing
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


def report_of(
    hits: Mapping[str, int],
    unreachable: Mapping[str, str] | None = None,
    constant: Mapping[str, str] | None = None,
    unexpected: Iterable[str] = (),
) -> CoverageReport:
    """The report of hits by bin, and of the bins that are excluded, each with its proof."""
    constant, unreachable = dict(constant or {}), dict(unreachable or {})
    excluded = constant | unreachable
    against = [f"{name}, though {why}" for name, why in excluded.items() if hits[name]]
    return CoverageReport(
        bins=len(hits) - len(constant),
        hit=sum(count > 0 for name, count in hits.items() if name not in excluded),
        unreachable=unreachable,
        constant=constant,
        holes=[name for name, count in hits.items() if not count and name not in excluded],
        unexpected=[*unexpected, *against],
    )


def merged(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Hits of several benches by bin, added up."""
    total: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def stream_bin(*, in_valid: bool, in_ready: bool, out_valid: bool, out_ready: bool) -> str:
    """The bin in `STREAM_BINS` of one cycle of a module with a stream on both sides."""
    stalled = out_valid and not out_ready
    if in_valid and not in_ready:
        return "input waits"
    if in_valid:
        return "output stalled" if stalled else "flows"
    return "input idle and output stalled" if stalled else "input idle"
