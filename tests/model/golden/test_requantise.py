"""The way out of an int8 layer against fractions: exact sums, halves, clips, and the float32 in the end."""

from fractions import Fraction

import numpy as np
import pytest

from axmac.model.golden import requantise


def patterns(values):
    return np.array([value % (1 << 32) for value in values], np.uint32)


def rounded(ratio):
    """To the nearest integer, half to even: as Python rounds a fraction."""
    return max(-127, min(127, round(ratio)))


@pytest.mark.parametrize("out_scale", [0.5, 0.0078125, 2.0])
def test_against_fractions(out_scale):
    """Scales that are powers of two times odd integers: every product is exact, so that halves are halves."""
    rng = np.random.default_rng(1)
    sums = rng.integers(-3000, 3000, (400, 4))
    bias, scales = [7, -900, 0, 31], [2.0**-9, 3 * 2.0**-12, 2.0**-14, 2.0**-3]
    found = requantise(patterns(sums.ravel()).reshape(400, 4), patterns(bias), np.array(scales), out_scale)
    assert (found.dtype, found.shape) == (np.uint32, (400, 4))
    halves = clipped = 0
    for (m, n), total in np.ndenumerate(sums):
        ratio = (int(total) + bias[n]) * Fraction(scales[n] / out_scale)
        halves += ratio.denominator == 2
        clipped += abs(ratio) > 127
        assert found.view(np.float32)[m, n] == np.float32(rounded(ratio) * out_scale)
    assert halves > 0
    assert clipped > 0


def test_without_a_step_nothing_is_rounded_but_the_float32():
    sums, scales = [5, -7, (1 << 31) - 1, -(1 << 31)], np.array([2.0**-20])
    found = requantise(patterns(sums)[:, None], patterns([0]), scales, 0.0)
    expected = [np.float32(value / 2**20) for value in sums]
    assert found.view(np.float32)[:, 0].tolist() == expected


def test_the_bias_is_added_modulo_2_to_the_32():
    found = requantise(patterns([(1 << 31) - 1, -(1 << 31)])[:, None], patterns([2]), np.array([1.0]), 0.0)
    assert found.view(np.float32)[:, 0].tolist() == [np.float32(-(2**31) + 1), np.float32(-(2**31) + 2)]
