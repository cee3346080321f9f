"""Cores of tiny formats against exact fractions rounded by search, and the streams of the pipeline."""

from bisect import bisect_left
from fractions import Fraction

import pytest
from amaranth.sim import Simulator

from axmac.model.spec import (
    AMA5,
    BFLOAT16,
    FLOAT32,
    ArraySig,
    BoothSig,
    FloatFormat,
    FpMul,
    InputError,
    PlainSig,
)
from axmac.rtl import MultiplierCore, MultiplierPipeline, check_stages, max_stages

TINY = FloatFormat(3, 3)
DEEP = FloatFormat(4, 3)
"""Its products reach further below the subnormals than a significand is wide."""
SPECS = [
    FpMul(TINY, PlainSig(), subnormals="ieee"),
    FpMul(TINY, BoothSig(), subnormals="ieee"),
    FpMul(TINY, PlainSig()),
    FpMul(TINY, PlainSig(), rounding="rtz"),
    FpMul(TINY, ArraySig(AMA5, 1)),
    FpMul(TINY, ArraySig(AMA5, 1), rounding="rne"),
    FpMul(TINY, BoothSig(), result_format=FLOAT32),
    FpMul(TINY, PlainSig(), subnormals="ieee", result_format=FLOAT32),
    FpMul(DEEP, PlainSig(), subnormals="ieee"),
]


def magnitude(number_format, bits):
    """The absolute value of a finite pattern."""
    exp = bits >> number_format.frac_width & number_format.exp_special
    frac = Fraction(bits & number_format.frac_mask, 1 << number_format.frac_width)
    return (frac + (exp > 0)) * Fraction(2) ** (max(exp, 1) - number_format.bias)


def rounded(spec, exact, nearest_of):
    """The positive pattern of an exact positive value; overflow and underflow as if the exponent had no bounds.

    ``nearest_of``: all finite magnitudes in order of their patterns.
    """
    result = spec.result_format
    if spec.subnormals == "flush" and exact < magnitude(result, 1 << result.frac_width):
        exp = -1
        while exact < Fraction(2) ** exp:
            exp -= 1
        step = Fraction(2) ** (exp - result.frac_width)
        below = exact // step * step
        up = spec.rounding == "rne" and exact - below >= step / 2  # a tie below the least normal goes up: that is even
        least = magnitude(result, 1 << result.frac_width)
        return 1 << result.frac_width if below + up * step >= least else 0
    above = bisect_left(nearest_of, exact)
    if above < len(nearest_of) and nearest_of[above] == exact:
        return above
    low = nearest_of[above - 1]
    high = nearest_of[above] if above < len(nearest_of) else 2 * low - nearest_of[above - 2]
    if spec.rounding == "rtz":
        return result.inf if exact >= high else above - 1
    half = (low + high) / 2
    if exact == half:
        return above if above % 2 == 0 else above - 1
    return above if exact > half else above - 1


def expected(spec, a, b, magnitudes):
    f, result = spec.format, spec.result_format
    sign = result.sign_mask if (a ^ b) & f.sign_mask else 0
    a, b = a & ~f.sign_mask, b & ~f.sign_mask
    if spec.subnormals == "flush":
        a, b = (0 if x < 1 << f.frac_width else x for x in (a, b))
    if max(a, b) > f.inf or (max(a, b) == f.inf and min(a, b) == 0):
        return result.nan
    if max(a, b) == f.inf:
        return result.inf | sign
    if min(a, b) == 0:
        return sign
    exact = magnitude(f, a) * magnitude(f, b)
    if result == FLOAT32:  # every product of the tiny format is a normal float32
        exp = 0
        while exact >= Fraction(2) ** (exp + 1):
            exp += 1
        while exact < Fraction(2) ** exp:
            exp -= 1
        frac = (exact / Fraction(2) ** exp - 1) * (1 << result.frac_width)
        return sign | exp + result.bias << result.frac_width | int(frac)
    return sign | rounded(spec, exact, magnitudes)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_core_exhaustively(spec):
    patterns = range(1 << spec.format.width)
    magnitudes = [magnitude(spec.format, bits) for bits in range(spec.format.inf)]
    core = MultiplierCore(spec)
    wrong, compared = [], 0

    async def bench(ctx):
        nonlocal compared
        for a in patterns:
            for b in patterns:
                ctx.set(core.a, a)
                ctx.set(core.b, b)
                compared += 1
                if ctx.get(core.p) != expected(spec, a, b, magnitudes):
                    wrong.append((hex(a), hex(b), hex(expected(spec, a, b, magnitudes)), hex(ctx.get(core.p))))

    simulator = Simulator(core)
    simulator.add_testbench(bench)
    simulator.run()
    assert wrong == []
    assert compared == (16384 if spec.format == DEEP else 4096)


def run_pipeline(spec, stages, operands, ready_at):
    """The products with the cycle of their transfer; ``ready_at(cycle)`` is what drives ``out_ready``."""
    dut = MultiplierPipeline(spec, stages)
    sent, received = [], []

    async def bench(ctx):
        for cycle in range(400):
            offered = len(sent) < len(operands)
            ctx.set(dut.in_valid, offered)
            if offered:
                ctx.set(dut.in_a, operands[len(sent)][0])
                ctx.set(dut.in_b, operands[len(sent)][1])
            ctx.set(dut.out_ready, ready_at(cycle))
            if offered and ctx.get(dut.in_ready):
                sent.append(cycle)
            if ctx.get(dut.out_valid) and ctx.get(dut.out_ready):
                received.append((cycle, ctx.get(dut.out_p)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    return sent, received


OPERANDS = [(k & 0x3F, 3 * k & 0x3F) for k in range(64)]
PIPELINES = [(spec, stages) for spec in (SPECS[0], SPECS[3], SPECS[6]) for stages in range(1, max_stages(spec) + 1)]


@pytest.mark.parametrize(("spec", "stages"), PIPELINES, ids=str)
def test_latency_is_the_number_of_stages(spec, stages):
    sent, received = run_pipeline(spec, stages, OPERANDS, lambda _cycle: 1)
    magnitudes = [magnitude(TINY, bits) for bits in range(TINY.inf)]
    assert sent == list(range(64))
    assert [cycle for cycle, _ in received] == [cycle + stages for cycle in sent]
    assert [p for _, p in received] == [expected(spec, a, b, magnitudes) for a, b in OPERANDS]


@pytest.mark.parametrize("stages", [1, 4])
def test_stalled_output_loses_nothing(stages):
    spec = SPECS[3]
    _, stalled = run_pipeline(spec, stages, OPERANDS, lambda cycle: cycle % 3 == 0)
    _, free = run_pipeline(spec, stages, OPERANDS, lambda _cycle: 1)
    assert [p for _, p in stalled] == [p for _, p in free]
    assert len(stalled) == 64


def test_pipeline_fills_while_the_output_waits():
    sent, received = run_pipeline(SPECS[3], 4, OPERANDS, lambda _cycle: 0)
    assert (len(sent), len(received)) == (4, 0)


@pytest.mark.parametrize("stages", [0, -1, 6])
def test_stages_out_of_range(stages):
    with pytest.raises(InputError, match="stages must be 1 to 5 for bf16_array_ama5_t4"):
        check_stages(FpMul(BFLOAT16, ArraySig(AMA5, 4)), stages)


@pytest.mark.parametrize("stages", ["3", 2.0, True, None])
def test_stages_of_another_type(stages):
    with pytest.raises(TypeError, match="stages must be an integer"):
        check_stages(FpMul(BFLOAT16, ArraySig(AMA5, 4)), stages)
