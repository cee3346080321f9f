"""Cover points of normalisation, rounding and the ends of the exponent range."""

import numpy as np

from axmac.model.golden import Trace
from axmac.model.spec import FpMul
from axmac.sim.bins import Point
from axmac.sim.coverpoints import (
    ROUNDINGS,
    crossed,
    end_names,
    end_of,
    exponent_range,
    near_tie,
    normal_pairs,
    rounding_bits,
)
from axmac.sim.coverpoints_ieee import ieee_points
from axmac.sim.unreachable import product_reach

__all__ = ["CASES", "range_points", "unreachable_cases"]

CASES = ("lower", "upper", "extra carry")
"""Normalisation of a product P of width-w significands: P < 2^(2w-1), P < 2^(2w), and the bit above."""


def range_points(spec: FpMul) -> list[Point]:
    """The points behind the significand product."""
    return ieee_points(spec) if spec.subnormals == "ieee" else _flush_points(spec)


def unreachable_cases(spec: FpMul) -> list[str]:
    """The cases that the product's width allows and its bounds do not."""
    top, reach = 2 * spec.format.sig_width, product_reach(spec)
    possible = (reach.low < 1 << (top - 1), reach.high >= 1 << (top - 1), reach.high >= 1 << top)
    return [name for name, holds in zip(_cases(spec), possible, strict=False) if not holds]


def _cases(spec: FpMul) -> tuple[str, ...]:
    return CASES if spec.product_width > 2 * spec.format.sig_width else CASES[:2]


def _flush_points(spec: FpMul) -> list[Point]:
    """Normalisation, rounding and its carry, and normalisation case x exponent at the ends of the range."""
    frac_width = spec.result_format.frac_width
    reached = [case for case in _cases(spec) if case not in unreachable_cases(spec)]
    numbers = np.array([reached.index(case) if case in reached else -1 for case in CASES])
    ends = end_names(spec)

    def case(trace: Trace) -> np.ndarray:
        return np.where(normal_pairs(trace), trace.hidden_bit - 2 * spec.format.frac_width, -1)

    def truncation(trace: Trace) -> np.ndarray:
        return np.where(normal_pairs(trace), trace.dropped != 0, -1)

    def rounding(trace: Trace) -> np.ndarray:
        return np.where(normal_pairs(trace), rounding_bits(trace, np.maximum(trace.hidden_bit - frac_width, 0)), -1)

    def tie(trace: Trace) -> np.ndarray:
        dropped = np.maximum(trace.hidden_bit - frac_width, 0)
        return np.where(normal_pairs(trace) & near_tie(trace, dropped, dropped // 2 + 1), 0, -1)

    def end(trace: Trace) -> np.ndarray:
        number = np.where(case(trace) < 0, -1, numbers[case(trace)])
        return crossed(number, len(ends), end_of(spec, ends, trace.exp_final))

    labels = tuple(f"{name}, {where}" for name in reached for where in ends)
    points = [Point("normalise", _cases(spec), case), Point("exponent", labels, end)]
    if 2 * spec.format.frac_width <= frac_width:
        return points
    if spec.rounding == "rtz":
        return [*points, Point("rounding", ("exact", "truncated"), truncation)]
    ties = Point("tie", ("just above a tie",), tie)
    return [*points, Point("rounding", ROUNDINGS, rounding), ties, _carries(spec)]


def _carries(spec: FpMul) -> Point:
    """A rounding carry inside the range, to the least exponent, or over the largest one."""
    low, high = exponent_range(spec)
    special = spec.result_format.exp_special
    edges = {1: "to the least normal", special: "to inf"}
    reached = {exp: name for exp, name in edges.items() if low < exp <= high}
    names = ("inside", *reached.values())

    def find(trace: Trace) -> np.ndarray:
        number = np.zeros(trace.exp_final.shape, np.int64)
        for exp, name in reached.items():
            number[trace.exp_final == exp] = names.index(name)
        return np.where(normal_pairs(trace) & (trace.exp_final > trace.exp), number, -1)

    return Point("rounding carry", names, find)
