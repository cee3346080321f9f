"""Cover points of IEEE 754 multipliers: shifts, rounding and exponents of normal and subnormal results."""

from dataclasses import dataclass

import numpy as np

from axmac.model.golden import Trace
from axmac.model.golden.rounding import bit_length
from axmac.model.spec import FpMul
from axmac.sim.bins import Point
from axmac.sim.coverpoints import ROUNDINGS, crossed, end_names, end_of, exponent_range, near_tie, rounding_bits

__all__ = ["ieee_points"]

_CARRIES = ("inside", "subnormal to normal", "to inf")


def ieee_points(spec: FpMul) -> list[Point]:
    """Shift distances, rounding and its carries for normal and subnormal results, and the ends of the range."""
    points = _Points(spec)
    found = [Point("shift", points.shifts, points.shift), Point("exponent", points.ends, points.end)]
    labels = tuple(f"{kind}, {bits}" for kind in points.rounded for bits in ROUNDINGS)
    if labels:
        found.append(Point("rounding", labels, points.rounding))
        ties = tuple(f"just above a tie, {kind}" for kind in points.rounded)
        found.append(Point("tie", ties, points.tie))
    if len(points.rounded) == 2:
        found.append(Point("rounding carry", _CARRIES, points.carry))
    return found


@dataclass(frozen=True)
class _Stages:
    """Of each product: whether it is finite and not 0, its leading zeros, and the way to the least exponent.

    ``room`` is how far the product can go left before its exponent is the least one; negative: so far to the right.
    ``dropped`` counts the bits that rounding drops, ``subnormal`` tells whether the result is below the normal range
    before it.
    """

    finite: np.ndarray
    zeros: np.ndarray
    room: np.ndarray
    dropped: np.ndarray
    subnormal: np.ndarray


class _Points:
    """The bins of one multiplier: ``shifts``, ``ends``, and the kinds of results that are ``rounded``."""

    def __init__(self, spec: FpMul) -> None:
        self._spec = spec
        self._limit = min(spec.result_format.sig_width + 1, max(0, -exponent_range(spec)[0]))
        width = spec.format.sig_width
        gradual = exponent_range(spec, "normal", "subnormal")[0] < 1
        shifts = [f"left by {k}" for k in range(width + 1)] + [f"right by {k}" for k in range(1, self._limit + 1)]
        self.shifts = tuple(shifts + ["left, stopped at the least exponent"] * gradual)
        self.ends = end_names(spec)
        self.rounded = ("normal",) * (2 * width > spec.result_format.sig_width) + ("subnormal",) * gradual

    def shift(self, trace: Trace) -> np.ndarray:
        """How far the product goes left or right; right shifts beyond the guard bit are one."""
        s, width = self._stages(trace), self._spec.format.sig_width
        right = np.where(s.room < 0, width + np.minimum(-s.room, self._limit), len(self.shifts) - 1)
        left = np.where(s.zeros <= width, s.zeros, -1)
        return np.where(s.finite, np.where(s.subnormal, right, left), -1)

    def end(self, trace: Trace) -> np.ndarray:
        """Where the exponent of the leading bit lies, before rounding."""
        s = self._stages(trace)
        return np.where(s.finite, end_of(self._spec, self.ends, s.room + 1 - s.zeros), -1)

    def rounding(self, trace: Trace) -> np.ndarray:
        """The bits that rounding looks at."""
        s = self._stages(trace)
        kind = self._kind(s)
        return np.where(s.finite, crossed(kind, len(ROUNDINGS), rounding_bits(trace, s.dropped)), -1)

    def tie(self, trace: Trace) -> np.ndarray:
        """Products that would be rounded down without the lower half of what is dropped, or what is shifted out."""
        s = self._stages(trace)
        low = np.where(s.subnormal, np.clip(-s.room, 0, 61), s.dropped // 2 + 1)
        return np.where(s.finite & near_tie(trace, s.dropped, low), self._kind(s), -1)

    def carry(self, trace: Trace) -> np.ndarray:
        """Rounding that makes the significand a power of two."""
        s, result = self._stages(trace), self._spec.result_format
        unit = np.int64(1) << s.dropped
        kept, twice = trace.product >> s.dropped, (trace.product & (unit - 1)) << 1
        up = (s.dropped > 0) & ((twice > unit) | ((twice == unit) & (kept & 1 == 1)))
        full = kept + 1 == np.where(s.subnormal, 1 << result.frac_width, 1 << result.sig_width)
        exp = s.room + 1 - s.zeros
        kind = np.where(s.subnormal, 1, np.where(exp == result.exp_special - 1, 2, 0))
        return np.where(s.finite & up & full & (exp < result.exp_special), kind, -1)

    def _kind(self, stages: _Stages) -> np.ndarray:
        normal, subnormal = (
            self.rounded.index(kind) if kind in self.rounded else -1 for kind in ("normal", "subnormal")
        )
        return np.where(stages.subnormal, subnormal, normal)

    def _stages(self, trace: Trace) -> _Stages:
        fmt, result = self._spec.format, self._spec.result_format
        finite = (trace.product > 0) & (np.maximum(trace.exp_a, trace.exp_b) < fmt.exp_special)
        zeros = 2 * fmt.sig_width - bit_length(trace.product)
        room = np.maximum(trace.exp_a, 1) + np.maximum(trace.exp_b, 1) - 2 * fmt.bias + result.bias
        left, right = np.minimum(zeros, np.maximum(room, 0)), np.maximum(-room, 0)
        dropped = np.clip(2 * fmt.sig_width - result.sig_width - left + right, 0, 61)
        return _Stages(finite, zeros, room, dropped, zeros > room)
