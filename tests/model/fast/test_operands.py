"""Rounding to a unit's format, against golden's integers."""

import numpy as np
import pytest
import torch
from oracles import assert_same_bits, class_pairs

from axmac.model.fast.operands import check, from_patterns, round_to, to_patterns
from axmac.model.golden import convert
from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32, FloatFormat, InputError


def patterns(number_format):
    """Class representatives, random patterns, and the neighbourhood of every midpoint at some exponents."""
    rng = np.random.default_rng(2)
    random = rng.integers(0, 1 << 32, 50_000, dtype=np.uint32)
    drop = 24 - number_format.sig_width
    middle = (rng.integers(0, 1 << (32 - drop), 10_000, dtype=np.uint32) << drop) + np.uint32(1 << drop >> 1)
    return np.concatenate([np.unique(class_pairs("fp32")[0]), random, middle - 1, middle, middle + 1]).astype(np.uint32)


@pytest.mark.parametrize("number_format", [BFLOAT16, FLOAT16, FloatFormat(5, 3)], ids=lambda f: f.name)
def test_rounds_as_golden_does(number_format):
    bits = patterns(number_format)
    assert bits.size > 80_000
    expected = convert(number_format, FLOAT32, convert(FLOAT32, number_format, bits))
    actual = round_to(number_format, bits.view(np.float32)).view(np.uint32)
    nan = (bits & 0x7FFFFFFF) > 0x7F800000
    assert_same_bits(actual[~nan], expected[~nan])
    assert np.isnan(actual[nan].view(np.float32)).all()


def test_float32_stays_as_it_is():
    bits = patterns(BFLOAT16)
    assert_same_bits(round_to(FLOAT32, bits.view(np.float32)).view(np.uint32), bits)


def test_patterns_there_and_back():
    every = np.arange(1 << 16, dtype=np.uint16)
    every = every[(every & 0x7FFF) <= 0x7F80]
    assert_same_bits(to_patterns(BFLOAT16, from_patterns(BFLOAT16, every)), every)


def test_refuses_what_is_no_float32_tensor_on_the_cpu():
    with pytest.raises(TypeError, match="x must be a torch tensor, not ndarray"):
        check("x", np.zeros(2, np.float32))
    with pytest.raises(TypeError, match=r"x must be float32, not torch\.float64"):
        check("x", torch.zeros(2, dtype=torch.float64))
    with pytest.raises(InputError, match="x must be on the CPU or a CUDA device, not on meta"):
        check("x", torch.zeros(2, device="meta"))
