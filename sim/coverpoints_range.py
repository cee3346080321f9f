"""Cover points of normalisation, rounding and the ends of the exponent range, for flushed subnormals and IEEE 754."""

import numpy as np

from axmac.model.golden import Trace
from axmac.model.golden.rounding import bit_length
from axmac.model.spec import FpMul
from axmac.sim.coverpoints import ROUNDINGS, Point, exponent_range, normal_pairs, rounding_bits

__all__ = ["CASES", "range_points"]

CASES = ("lower", "upper", "extra carry")
"""Normalisation of a product P of width-w significands: P < 2^(2w-1), P < 2^(2w), and the bit above."""


def range_points(spec: FpMul) -> list[Point]:
    """The points behind the significand product."""
    return _ieee_points(spec) if spec.subnormals == "ieee" else _flush_points(spec)


def _flush_points(spec: FpMul) -> list[Point]:
    """Normalisation case x rounding, rounding carries, and normalisation case x exponent at the ends of the range."""
    width, frac_width = spec.format.sig_width, spec.result_format.frac_width
    cases = CASES[: 3 if spec.product_width > 2 * width else 2]
    ends = _ends(spec)

    def case(trace: Trace) -> np.ndarray:
        return np.where(normal_pairs(trace), trace.hidden_bit - (2 * width - 2), -1)

    def rounding(trace: Trace) -> np.ndarray:
        dropped = np.maximum(trace.hidden_bit - frac_width, 0)
        kind = (trace.dropped != 0) if spec.rounding == "rtz" else np.maximum(rounding_bits(trace, dropped), 0)
        return np.where(case(trace) < 0, -1, case(trace) * len(roundings) + kind)

    def carry(trace: Trace) -> np.ndarray:
        return np.where(trace.exp_final > trace.exp, case(trace), -1)

    def end(trace: Trace) -> np.ndarray:
        return _crossed(case(trace), len(ends), _end_of(spec, ends, trace.exp_final))

    rounds = 2 * width - 2 >= frac_width
    nearest = rounds and spec.rounding == "rne"
    roundings = (ROUNDINGS if nearest else ("exact", "truncated")) if rounds else ("exact",)
    points = [
        Point("normalise", tuple(f"{name}, {kind}" for name in cases for kind in roundings), rounding),
        Point("exponent", tuple(f"{name}, {where}" for name in cases for where in ends), end),
    ]
    return [*points, Point("rounding carry", cases, carry), _carry_over_ends(spec)] if nearest else points


def _ieee_points(spec: FpMul) -> list[Point]:
    """Shift distances, rounding and its carries for normal and subnormal results, and the ends of the range."""
    width, result = spec.format.sig_width, spec.result_format
    low, high = exponent_range(spec, "normal", "subnormal")
    gradual = low < 1
    kinds = ("normal", "subnormal") if gradual else ("normal",)
    limit = min(result.sig_width + 1, max(0, -exponent_range(spec)[0]))
    shifts = [f"left by {k}" for k in range(width + 1)]
    shifts += [f"right by {k}" for k in range(1, limit + 1)] + ["left, stopped at the least exponent"] * gradual
    ends = _ends(spec)
    assert high > low

    def finite(trace: Trace) -> np.ndarray:
        return (trace.product > 0) & (np.maximum(trace.exp_a, trace.exp_b) < spec.format.exp_special)

    def room(trace: Trace) -> np.ndarray:
        """How far the product can go left before its exponent is the least one; negative: so far to the right."""
        biased = np.maximum(trace.exp_a, 1) + np.maximum(trace.exp_b, 1)
        return biased - 2 * spec.format.bias + result.bias

    def zeros(trace: Trace) -> np.ndarray:
        return 2 * width - bit_length(trace.product)

    def shift(trace: Trace) -> np.ndarray:
        free, wanted = room(trace), zeros(trace)
        right = np.where(free < 0, width + np.minimum(-free, limit), len(shifts) - 1)
        inside = np.where(wanted <= free, np.where(wanted <= width, wanted, -1), right)
        return np.where(finite(trace), inside, -1)

    def dropped(trace: Trace) -> np.ndarray:
        left = np.minimum(zeros(trace), np.maximum(room(trace), 0))
        right = np.clip(-room(trace), 0, 2 * width)
        return np.clip(2 * width - result.sig_width - left + right, 0, 62)

    def rounding(trace: Trace) -> np.ndarray:
        bits = rounding_bits(trace, dropped(trace))
        kind = (zeros(trace) > room(trace)).astype(np.int64)
        return np.where(finite(trace) & (kind < len(rounded)), _crossed(kind, len(ROUNDINGS), bits), -1)

    def carry(trace: Trace) -> np.ndarray:
        right = dropped(trace)
        half = (np.int64(1) << right) >> 1
        kept, rest = trace.product >> right, trace.product & ((np.int64(1) << right) - 1)
        up = (rest > half) | ((rest == half) & (right > 0) & (kept & 1 == 1))
        full = kept + 1 == np.where(zeros(trace) > room(trace), 1 << (result.sig_width - 1), 1 << result.sig_width)
        overflows = trace.result & ~np.array(result.sign_mask, trace.result.dtype) == result.inf
        kind = np.where(zeros(trace) > room(trace), 1, np.where(overflows, 2, 0))
        return np.where(finite(trace) & up & full & (room(trace) - zeros(trace) + 2 <= result.exp_special), kind, -1)

    def end(trace: Trace) -> np.ndarray:
        exp = room(trace) + 1 - zeros(trace)
        return np.where(finite(trace), _end_of(spec, ends, exp), -1)

    rounded = kinds if 2 * width > result.sig_width else kinds[1:]
    carries = ("normal", "subnormal to normal", "to inf")
    points = [Point("shift", tuple(shifts), shift), Point("exponent", ends, end)]
    points.append(Point("rounding", tuple(f"{kind}, {bits}" for kind in rounded for bits in ROUNDINGS), rounding))
    return [*points, Point("rounding carry", carries, carry)] if rounded == ("normal", "subnormal") else points


def _ends(spec: FpMul) -> tuple[str, ...]:
    """Names of the exponents at both ends of the range that products reach."""
    low, high = exponent_range(spec)
    special = spec.result_format.exp_special
    names = {-1: "below 0", 0: "0", 1: "1", special - 1: "largest", special: "overflow by 1", special + 1: "more"}
    return tuple(name for exp, name in names.items() if low <= exp <= high)


def _end_of(spec: FpMul, ends: tuple[str, ...], exp: np.ndarray) -> np.ndarray:
    """The number in ``ends`` of exponents, -1 for those inside the range."""
    special = spec.result_format.exp_special
    found = np.full(exp.shape, -1)
    for number, name in enumerate(ends):
        holds = {
            "below 0": exp < 0,
            "0": exp == 0,
            "1": exp == 1,
            "largest": exp == special - 1,
            "overflow by 1": exp == special,
            "more": exp > special,
        }[name]
        found[holds] = number
    return found


def _crossed(first: np.ndarray, count: int, second: np.ndarray) -> np.ndarray:
    """Bin numbers of a cross: ``first`` times ``count`` plus ``second``; -1 where one of them is."""
    return np.where((first < 0) | (second < 0), -1, first * count + second)


def _carry_over_ends(spec: FpMul) -> Point:
    """A rounding carry that lifts a product to the least exponent, or over the largest one."""
    low, high = exponent_range(spec)
    special = spec.result_format.exp_special
    edges = [(name, exp) for name, exp in (("to the least normal", 1), ("to inf", special)) if low < exp <= high]

    def find(trace: Trace) -> np.ndarray:
        found = np.full(trace.exp_final.shape, -1)
        for number, (_, exp) in enumerate(edges):
            found[normal_pairs(trace) & (trace.exp_final == exp) & (trace.exp == exp - 1)] = number
        return found

    return Point("rounding carry over an end", tuple(name for name, _ in edges), find)
