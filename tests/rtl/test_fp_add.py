"""The adder's core: a tiny format against exact fractions, float16 and float32 against numpy; latency."""

from bisect import bisect_left
from fractions import Fraction

import numpy as np
import pytest
from amaranth.sim import Simulator

from axmac.model.spec import FLOAT16, FLOAT32, FloatFormat
from axmac.rtl.fp_add import ADD_MAX_STAGES, FpAddCore, FpAddPipeline
from axmac.sim.add_stimulus import add_stimulus

TINY = FloatFormat(3, 4)


def sums(number_format, pairs):
    dut = FpAddCore(number_format)
    totals = []

    async def bench(ctx):
        for a, b in pairs:
            ctx.set(dut.a, a)
            ctx.set(dut.b, b)
            totals.append(ctx.get(dut.total))

    simulator = Simulator(dut)
    simulator.add_testbench(bench)
    simulator.run()
    return totals


def magnitude(number_format, bits):
    """The absolute value of a pattern; that of infinity is the next power of two."""
    exp = bits >> number_format.frac_width & number_format.exp_special
    frac = Fraction(bits & number_format.frac_mask, 1 << number_format.frac_width)
    return (frac + (exp > 0)) * Fraction(2) ** (max(exp, 1) - number_format.bias)


def expected_sum(f, magnitudes, a, b):
    patterns = a & ~f.sign_mask, b & ~f.sign_mask
    if max(patterns) > f.inf or (patterns == (f.inf, f.inf) and a != b):
        return f.nan
    if f.inf in patterns:
        return a if patterns[0] == f.inf else b
    signed = [-magnitudes[p] if x & f.sign_mask else magnitudes[p] for p, x in zip(patterns, (a, b), strict=True)]
    exact = sum(signed)
    if exact == 0:
        return a & b & f.sign_mask if patterns == (0, 0) else 0
    above = bisect_left(magnitudes, min(abs(exact), magnitudes[-1]))
    low, high = abs(exact) - magnitudes[max(above - 1, 0)], magnitudes[above] - abs(exact)
    nearest = above if high < low or (high == low and above % 2 == 0) else above - 1
    return nearest | (f.sign_mask if exact < 0 else 0)


def test_every_pair_of_a_tiny_format():
    magnitudes = [magnitude(TINY, bits) for bits in range(TINY.inf + 1)]
    pairs = [(a, b) for a in range(1 << TINY.width) for b in range(1 << TINY.width)]
    expected = [expected_sum(TINY, magnitudes, a, b) for a, b in pairs]
    assert sums(TINY, pairs) == expected
    assert len(expected) == 16384


@pytest.mark.parametrize(("number_format", "dtype"), [(FLOAT16, np.float16), (FLOAT32, np.float32)])
def test_numpy_agrees(number_format, dtype):
    bits = np.dtype(f"u{np.dtype(dtype).itemsize}")
    a, b = (operand >> (32 - number_format.width) for operand in add_stimulus(6000, 3))
    a, b = a.astype(bits), b.astype(bits)
    with np.errstate(all="ignore"):
        total = a.view(dtype) + b.view(dtype)
    expected = np.where(np.isnan(total), number_format.nan, total.view(bits)).tolist()
    assert sums(number_format, zip(a.tolist(), b.tolist(), strict=True)) == expected
    assert len(expected) > 7000


@pytest.mark.parametrize("stages", range(1, ADD_MAX_STAGES + 1))
def test_latency_is_the_number_of_stages(stages):
    dut = FpAddPipeline(TINY, stages)
    waited = []

    async def bench(ctx):
        ctx.set(dut.out_ready, 1)
        ctx.set(dut.in_valid, 1)
        await ctx.tick()
        ctx.set(dut.in_valid, 0)
        while not ctx.get(dut.out_valid):
            waited.append(1)
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(waited) + 1 == stages
