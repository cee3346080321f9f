"""Conversions between formats against numpy and torch-free references."""

import numpy as np
import pytest
from oracles import assert_same_bits

from axmac.model.golden import convert
from axmac.model.golden.rounding import bit_length
from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32


def test_bit_length():
    values = np.array([0, 1, 2, 3, 255, 256, (1 << 61) - 1, 1 << 61], np.int64)
    assert bit_length(values).tolist() == [int(v).bit_length() for v in values]


def test_every_float16_widens_exactly():
    bits = np.arange(1 << 16, dtype=np.uint16)
    assert_same_bits(
        convert(FLOAT16, FLOAT32, bits), bits.view(np.float16).astype(np.float32).view(np.uint32), any_nan=True
    )


def test_float32_rounds_to_float16_like_numpy():
    rng = np.random.default_rng(0)
    bits = np.concatenate([rng.integers(0, 1 << 32, 200_000, dtype=np.uint32), _near(rng, 0x3F800000, 0x47800000)])
    with np.errstate(all="ignore"):
        expected = bits.view(np.float32).astype(np.float16).view(np.uint16)
    got = convert(FLOAT32, FLOAT16, bits)
    nan = (expected & 0x7FFF) > 0x7C00
    assert np.all(got[nan] == 0x7E00)
    assert_same_bits(got[~nan], expected[~nan])


def _near(rng, low, high):
    return rng.integers(low, high, 200_000, dtype=np.uint32) & np.uint32(0xFFFFF000)


@pytest.mark.parametrize("tail", [0x0000, 0x7FFF, 0x8000, 0x8001, 0xFFFF])
def test_float32_rounds_to_bfloat16_to_nearest_even(tail):
    upper = np.arange(0x7F80, dtype=np.uint32)
    expected = np.where((tail > 0x8000) | ((tail == 0x8000) & (upper & 1 == 1)), upper + 1, upper)
    assert_same_bits(convert(FLOAT32, BFLOAT16, upper << 16 | np.uint32(tail)), expected.astype(np.uint16))
