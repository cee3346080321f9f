"""Addition against numpy float32, bit for bit (NaN: canonical), and in small formats against fractions."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from oracles import assert_same_bits, class_pairs

from axmac.model.golden import add
from axmac.model.spec import FLOAT32, FloatFormat


def float32_pairs():
    rng = np.random.default_rng(11)
    count = 500_000
    a = rng.integers(0, 1 << 32, count, dtype=np.uint32)
    yield "random patterns", a, rng.integers(0, 1 << 32, count, dtype=np.uint32)
    yield "near exponents", a, a ^ rng.integers(0, 1 << 27, count, dtype=np.uint32)
    yield "cancellation", a, (a ^ np.uint32(1 << 31)) + rng.integers(0, 8, count, dtype=np.uint32)
    yield "subnormals", a & np.uint32(0x81FFFFFF), rng.integers(0, 1 << 24, count, dtype=np.uint32) | a & 0x80000000
    yield "class pairs", *class_pairs("fp32")


def test_float32_addition_is_numpys_ten_million_times():
    rng = np.random.default_rng(12)
    compared = 0
    for _ in range(10):
        a, b = (rng.integers(0, 1 << 32, 1_000_000, dtype=np.uint32) for _ in range(2))
        with np.errstate(all="ignore"):
            expected = (a.view(np.float32) + b.view(np.float32)).view(np.uint32)
        assert_same_bits(add(FLOAT32, a, b), expected, any_nan=True)
        compared += a.size
    assert compared == 10_000_000


@pytest.mark.parametrize(("a", "b"), [pair[1:] for pair in float32_pairs()], ids=[pair[0] for pair in float32_pairs()])
def test_float32_addition_is_numpys(a, b):
    with np.errstate(all="ignore"):
        expected = (a.view(np.float32) + b.view(np.float32)).view(np.uint32)
    assert_same_bits(add(FLOAT32, a, b), expected, any_nan=True)


def test_a_small_format_equals_fractions_for_all_pairs():
    """e3f3, all 128 x 128 pairs: the nearest representable value, ties to the even pattern."""
    small = FloatFormat(3, 4)

    def value(pattern):
        exp, frac = pattern >> 3 & 7, pattern & 7
        return (-1) ** (pattern >> 6) * Fraction(frac + (8 if exp else 0)) * Fraction(2) ** (max(exp, 1) - 6)

    finite = [p for p in range(128) if p >> 3 & 7 != 7]
    beyond = Fraction(16) * Fraction(2) ** (7 - 1 - 6) * Fraction(1)
    grid = sorted({abs(value(p)): p & 63 for p in finite}.items())
    points = [*grid, (beyond, small.inf)]
    compared = 0
    for a, b in itertools.product(finite, finite):
        exact = value(a) + value(b)
        nearest = min(points, key=lambda point: (abs(point[0] - abs(exact)), point[1] & 1))[1]
        sign = 64 if exact < 0 or (exact == 0 and a & b & 64) else 0
        got = int(add(small, np.array([a], np.uint8), np.array([b], np.uint8))[0])
        assert got == nearest | sign, f"{a:#x} + {b:#x} = {got:#x}"
        compared += 1
    assert compared == 112**2


def test_another_dtype_is_refused():
    with pytest.raises(TypeError, match="b must be uint32 bit patterns"):
        add(FLOAT32, np.zeros(2, np.uint32), np.zeros(2, np.float32))
