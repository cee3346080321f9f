"""What the benches of the float32 adder and of MACs must have seen: cover points over decomposed additions."""

from dataclasses import dataclass

import numpy as np

from axmac.model.golden.rounding import bit_length
from axmac.model.spec import FLOAT32, FpMul
from axmac.sim.bins import Point
from axmac.sim.coverpoints import OPERANDS, ROUNDINGS, classes_of, crossed

__all__ = ["Addition", "add_points", "product_classes", "reaches_the_ends"]

_MOST = FLOAT32.sig_width + 2
"""An alignment by more places leaves nothing but the sticky bit of the smaller operand."""
_WAYS = ("add", "subtract")
_RESULTS = (*OPERANDS[:4], "NaN")


@dataclass(frozen=True)
class Addition:
    """Additions taken apart, int64[n] of each; only those of two finite operands that are not 0 are ``proper``.

    ``way`` is 1 for an effective subtraction. ``distance`` is how far the smaller significand goes right. ``raw`` is
    the exact sum in units that are 1 in the last place of the smaller operand, of which only the sticky bit is left
    where ``distance`` is more than 26. ``exp`` is the biased exponent of the leading bit of ``raw`` before rounding.
    ``left`` is how far that is below the leading place of the larger operand, -1 for a carry.
    """

    a: np.ndarray
    b: np.ndarray
    total: np.ndarray
    proper: np.ndarray
    way: np.ndarray
    distance: np.ndarray
    raw: np.ndarray
    exp: np.ndarray
    left: np.ndarray
    larger: np.ndarray

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, total: np.ndarray) -> "Addition":
        """The additions of patterns a and b, uint32[n], with their sums."""
        magnitude = FLOAT32.sign_mask - 1
        swap = (b & magnitude) > (a & magnitude)
        large, small = np.where(swap, b, a), np.where(swap, a, b)
        (exp_large, sig_large), (exp_small, sig_small) = _parts(large), _parts(small)
        finite = exp_large < FLOAT32.exp_special
        way = (large ^ small) >> 31
        distance = exp_large - exp_small
        near = np.minimum(distance, _MOST)
        tail = np.where(distance > _MOST, 1, sig_small)
        raw = (sig_large << near) + np.where(way == 1, -tail, tail)
        length = bit_length(raw)
        exp = length - FLOAT32.sig_width + exp_large - near
        left = FLOAT32.sig_width + near - length
        proper = finite & (sig_small > 0)
        larger = np.where((a & magnitude) == (b & magnitude), 2, swap.astype(np.int64))
        return cls(a, b, total, proper, way.astype(np.int64), distance, raw, exp, left, larger)

    @property
    def dropped(self) -> np.ndarray:
        """How many bits rounding drops."""
        return np.maximum(bit_length(self.raw) - FLOAT32.sig_width, 0)

    @property
    def rounding(self) -> np.ndarray:
        """The number in `ROUNDINGS`; -1 where nothing is dropped."""
        below = np.maximum(self.dropped, 1)
        last, guard = self.raw >> below & 1, self.raw >> (below - 1) & 1
        sticky = self.raw & ((np.int64(1) << (below - 1)) - 1) != 0
        return np.where(self.proper & (self.dropped > 0), 4 * last + 2 * guard + sticky, -1)


def reaches_the_ends(mul: FpMul) -> bool:
    """Whether products of a multiplier reach both ends of the range of float32."""
    return mul.result_format.exp_width == FLOAT32.exp_width


def product_classes(mul: FpMul) -> tuple[str, ...]:
    """The classes of float32 patterns that products of a multiplier have; every NaN is the canonical one."""
    subnormal = ("subnormal",) if mul.subnormals == "ieee" and reaches_the_ends(mul) else ()
    return ("zero", *subnormal, "normal", "inf", "quiet NaN")


def add_points(classes: tuple[str, ...] = OPERANDS, *, ends: bool = True) -> list[Point]:
    """The points of a + b where b has these classes.

    ``ends=False`` leaves out what b would have to be near the ends of the float32 range for, subnormals among it.
    """
    cases = ("carry", *(f"left by {k}" for k in range(FLOAT32.sig_width + 1)), "to exact zero")
    cases += ("stopped at the least exponent",) * ends
    distances = (*map(str, range(_MOST + 1)), "more")
    carries = ("add, to the next power of two", "subtract, back to the power of two", *("add, to inf",) * ends)
    points = [
        _operands(classes, ends=ends),
        Point("zero", ("+0 + +0", "-0 + -0", "zeros of both signs", "x - x"), _zeros),
        _crossed("signs", [f"{x}a {y}b" for x in "+-" for y in "+-"], ["a larger", "b larger", "equal"], _signs),
        _crossed("distance", _WAYS, distances, lambda s: crossed(_way(s), len(distances), _distance(s))),
        Point("normalise", cases, lambda s: _normalise(s, len(cases) - 1 if ends else -1)),
        _crossed("rounding", _WAYS, ROUNDINGS, lambda s: crossed(s.way, len(ROUNDINGS), s.rounding)),
        Point("tie broken by the last bit alone", _WAYS, _broken_tie),
        Point("rounding carry", carries, lambda s: _carry(s, ends=ends)),
    ]
    if ends:
        points.append(Point("range", ("the largest exponent", "overflow by the carry"), _range))
    return points


def _crossed(name: str, first: list[str] | tuple[str, ...], second: list[str] | tuple[str, ...], find) -> Point:
    return Point(name, tuple(f"{x}, {y}" for x in first for y in second), find)


def _parts(pattern: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Biased exponent, at least 1, and significand of patterns, int64."""
    stored = (pattern >> FLOAT32.frac_width & FLOAT32.exp_special).astype(np.int64)
    hidden = (stored > 0).astype(np.int64) << FLOAT32.frac_width
    return np.maximum(stored, 1), hidden | (pattern & FLOAT32.frac_mask).astype(np.int64)


def _operands(classes: tuple[str, ...], *, ends: bool) -> Point:
    labels, numbers = [], np.full((6, 6, 6), -2)
    for i, a in enumerate(OPERANDS):
        for j, b in enumerate(OPERANDS):
            for result in _allowed(a, b, ends=ends) if b in classes else ():
                numbers[i, j, _RESULTS.index(result)] = len(labels)
                labels.append(f"{a} + {b} = {result}")

    def find(s: Addition) -> np.ndarray:
        return numbers[classes_of(FLOAT32, s.a), classes_of(FLOAT32, s.b), classes_of(FLOAT32, s.total)]

    return Point("operands", tuple(labels), find)


def _allowed(a: str, b: str, *, ends: bool) -> tuple[str, ...]:
    """The result classes that IEEE 754 allows for a sum of two classes."""
    pair = frozenset((a, b))
    if "NaN" in a + b:
        return ("NaN",)
    if "inf" in pair:
        return ("inf", "NaN") if len(pair) == 1 else ("inf",)
    if "zero" in pair:
        return (a if b == "zero" else b,)
    if not ends:
        return ("zero", "normal") if pair == {"normal"} else ("normal",)
    zero, inf = ("zero",) * (a == b), ("inf",) * (pair == {"normal"})
    return (*zero, "subnormal", "normal", *inf)


def _way(s: Addition) -> np.ndarray:
    return np.where(s.proper, s.way, -1)


def _distance(s: Addition) -> np.ndarray:
    return np.minimum(s.distance, _MOST + 1)


def _signs(s: Addition) -> np.ndarray:
    signs = 2 * (s.a >> 31).astype(np.int64) + (s.b >> 31).astype(np.int64)
    return np.where(s.proper, signs * 3 + s.larger, -1)


def _zeros(s: Addition) -> np.ndarray:
    both = (s.a | s.b) << 1 == 0
    equal = (s.a >> 31) == (s.b >> 31)
    cancelled = s.proper & (s.raw == 0)
    return np.where(cancelled, 3, np.where(both, np.where(equal, (s.a >> 31).astype(np.int64), 2), -1))


def _normalise(s: Addition, stopped: int) -> np.ndarray:
    """How far the sum goes left where its larger operand is normal."""
    leading = classes_of(FLOAT32, np.where(s.larger == 1, s.b, s.a)) == OPERANDS.index("normal")
    case = np.where(s.raw == 0, FLOAT32.sig_width + 2, s.left + 1)
    case = np.where((s.raw != 0) & (s.exp < 1), stopped, case)
    return np.where(s.proper & leading, case, -1)


def _broken_tie(s: Addition) -> np.ndarray:
    """Sums just above a tie that would go down, of which only the last bit says so."""
    dropped = s.dropped
    rest = s.raw & ((np.int64(1) << dropped) - 1)
    half = np.int64(1) << np.maximum(dropped - 1, 0)
    only = (dropped > 1) & (rest == half + 1) & (s.raw >> dropped & 1 == 0)
    return np.where(s.proper & only, s.way, -1)


def _carry(s: Addition, *, ends: bool) -> np.ndarray:
    """Rounding up of a significand of ones."""
    bits = np.maximum(s.rounding, 0)
    up = (s.rounding >= 0) & (bits & 2 > 0) & ((bits & 1 > 0) | (bits & 4 > 0))
    carries = up & ((s.raw >> s.dropped) + 1 == 1 << FLOAT32.sig_width)
    to_inf = s.exp == FLOAT32.exp_special - 1
    number = np.where(to_inf, 2 if ends else -2, s.way)
    return np.where(carries & (s.exp < FLOAT32.exp_special), number, -1)


def _range(s: Addition) -> np.ndarray:
    largest = FLOAT32.exp_special - 1
    return np.where(s.proper & (s.raw != 0), np.where(s.exp == largest, 0, np.where(s.exp > largest, 1, -1)), -1)
