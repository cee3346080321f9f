"""What the bench of an integer multiplier must have seen: cover points over the stages of the golden model."""

from functools import lru_cache

import numpy as np

from axmac.model.golden import IntTrace, trace
from axmac.model.golden.rounding import bit_length
from axmac.model.spec import Drum, IntMul, ScaleTrim
from axmac.sim.bins import Point, PointHits
from axmac.sim.int_stimulus import EXHAUSTIVE, all_pairs

__all__ = ["integer_points", "never_reached"]


def integer_points(spec: IntMul) -> list[Point]:
    """Leading one x leading one; signs of signed operands; bits of the product of operands of at most 8 bits at 0 and
    1; DRUM: which operands are shortened; scaleTRIM: segments.
    """
    points = [_leads(spec)]
    if spec.format.signed:
        points.append(_signs())
    if spec.format.width <= EXHAUSTIVE:
        points.append(_product_bits(spec))
    if isinstance(spec.product, Drum):
        points.append(_shortened())
    if isinstance(spec.product, ScaleTrim) and spec.product.segments:
        points.append(_segments(spec.product.segments))
    return points


@lru_cache
def never_reached(spec: IntMul) -> dict[str, str]:
    """The bins that no pair of operands hits, by all pairs, each with that proof; none where operands are wider."""
    a, b = all_pairs(spec)
    if not a.size:
        return {}
    hits = PointHits(integer_points(spec))
    hits.update(trace(spec, a, b))
    return {name: f"none of the {a.size:,} pairs gives it" for name, count in hits.by_bin().items() if not count}


def _leads(spec: IntMul) -> Point:
    names = ("zero", *(f"2^{place}" for place in range(spec.format.width)))
    labels = tuple(f"{a} x {b}" for a in names for b in names)

    def find(found: IntTrace) -> np.ndarray:
        return bit_length(found.mag_a) * len(names) + bit_length(found.mag_b)

    return Point("leading ones", labels, find)


def _signs() -> Point:
    labels = tuple(f"{a} x {b}" for a in ("+", "-") for b in ("+", "-", "0"))

    def find(found: IntTrace) -> np.ndarray:
        top = found.spec.format.width - 1
        negative = [x.astype(np.int64) >> top & 1 for x in (found.a, found.b)]
        return np.where(found.mag_a == 0, -1, 3 * negative[0] + np.where(found.mag_b == 0, 2, negative[1]))

    return Point("signs", labels, find)


def _product_bits(spec: IntMul) -> Point:
    width = 2 * spec.format.width
    labels = tuple(f"bit {bit} is {value}" for bit in range(width) for value in (0, 1))

    def find(found: IntTrace) -> np.ndarray:
        bits = np.arange(width)[:, np.newaxis]
        return 2 * bits + (found.product >> bits & 1)

    return Point("product", labels, find)


def _shortened() -> Point:
    labels = ("neither operand shortened", "b shortened", "a shortened", "both shortened")

    def find(found: IntTrace) -> np.ndarray:
        a, b = (found.stages[f"shift {x}"] > 0 for x in "ab")
        return 2 * a.astype(np.int64) + b

    return Point("segments", labels, find)


def _segments(count: int) -> Point:
    def find(found: IntTrace) -> np.ndarray:
        return np.where(found.product == 0, -1, found.stages["segment"])

    return Point("constants", tuple(f"segment {k}" for k in range(count)), find)
