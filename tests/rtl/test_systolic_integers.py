"""Systolic arrays of integers against Python's own integers, wave by wave in Amaranth's simulator; ports, latency."""

import itertools
import random

import pytest
from amaranth.sim import Simulator
from oracles import integer_product

from axmac.model.spec import InputError, catalog
from axmac.rtl import OutputStationaryArray, WeightStationaryArray

SIDES = 2, 3
WRAP = 1 << 32
UNITS = ["s8_exact", "u8_exact", "s8_drum_k4", "u8_scaletrim_h4_m8", "s16_exact"]


def product(unit, a, b):
    """Of two integers: Python's own product of exact units."""
    if unit.endswith("exact"):
        return a * b
    mask = 2 ** catalog[unit].format.width
    bits = integer_product(unit, a % mask, b % mask)
    return bits - mask**2 if unit[0] == "s" and bits >= mask**2 // 2 else bits


def ends_of(unit):
    f = catalog[unit].format
    return [f.min, f.min + 1, 0, 1, f.max] + [-1] * f.signed


def drawn(unit, count, seed):
    """Integers of the format, every second one next to an end or to 0."""
    f, rng = catalog[unit].format, random.Random(seed)
    return [rng.choice(ends_of(unit)) if n % 2 else rng.randint(f.min, f.max) for n in range(count)]


def packed(values, width):
    return sum(value % (1 << width) << n * width for n, value in enumerate(values))


def unpacked(vector, count):
    return [vector >> 32 * n & 0xFFFFFFFF for n in range(count)]


def run(dut, bench):
    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()


def weight_stationary(unit, waves, weights):
    """Vectors that leave for waves (activations, partial sums), and the cycles from each wave to its vector."""
    rows, cols = SIDES
    width = catalog[unit].format.width
    dut, entered, left, cycle = WeightStationaryArray(catalog[unit], rows, cols), [], [], itertools.count()

    async def step(ctx):
        now = next(cycle)
        if ctx.get(dut.in_valid) and ctx.get(dut.in_ready):
            entered.append(now)
        if ctx.get(dut.out_valid):
            left.append((now, unpacked(ctx.get(dut.out_psum), cols)))
        await ctx.tick()

    async def bench(ctx):
        ctx.set(dut.out_ready, 1)
        for row in weights:
            ctx.set(dut.weight_valid, 1)
            ctx.set(dut.weight_row, packed(row, width))
            while not ctx.get(dut.weight_ready):
                await step(ctx)
            await step(ctx)
        ctx.set(dut.weight_valid, 0)
        for number, (a, psums) in enumerate(waves):
            ctx.set(dut.in_valid, 1)
            ctx.set(dut.in_swap, number == 0)
            ctx.set(dut.in_a, packed(a, width))
            ctx.set(dut.in_psum, packed(psums, 32))
            assert ctx.get(dut.in_ready)
            await step(ctx)
        ctx.set(dut.in_valid, 0)
        for _ in range(2 * dut.latency):
            await step(ctx)

    run(dut, bench)
    latencies = {out - into for into, (out, _) in zip(entered, left, strict=True)}
    return dut, [vector for _, vector in left], latencies


@pytest.mark.parametrize("unit", UNITS)
def test_a_weight_stationary_column_adds_modulo_2_to_the_32(unit):
    rows, cols = SIDES
    values = iter(drawn(unit, 400, seed=1))
    weights = [[next(values) for _ in range(cols)] for _ in range(rows)]
    ends = itertools.cycle([0, 2**31 - 1, -(2**31), -1, 2**31 - 1000, 1 - 2**31])
    waves = [([next(values) for _ in range(rows)], [next(ends) for _ in range(cols)]) for _ in range(60)]
    exact = [
        [psums[c] + sum(product(unit, a[r], weights[r][c]) for r in range(rows)) for c in range(cols)]
        for a, psums in waves
    ]
    wraps = [total for row in exact for total in row if not -(2**31) <= total < 2**31]
    assert any(total > 0 for total in wraps)
    assert any(total < 0 for total in wraps) == unit.startswith("s")
    dut, found, latencies = weight_stationary(unit, waves, weights)
    assert found == [[total % WRAP for total in row] for row in exact]
    assert len(found) * cols == 180
    assert latencies == {dut.latency} == {3 + rows + cols - 1}


@pytest.mark.parametrize("unit", UNITS)
def test_output_stationary_sums_wrap_and_start_again(unit):
    rows, cols, depth, tiles = *SIDES, 25, 3
    width = catalog[unit].format.width
    values = iter(drawn(unit, tiles * depth * (rows + cols), seed=2))
    a, b = ([[next(values) for _ in range(n)] for _ in range(tiles * depth)] for n in SIDES)
    dut, found, last, cycles = OutputStationaryArray(catalog[unit], rows, cols), [], [], []
    cycle = itertools.count()

    async def step(ctx):
        now = next(cycle)
        if ctx.get(dut.in_valid) and ctx.get(dut.in_ready) and ctx.get(dut.in_last):
            last.append(now)
        if ctx.get(dut.out_valid):
            cycles.append(now)
            found.append(unpacked(ctx.get(dut.out_row), cols))
        await ctx.tick()

    async def bench(ctx):
        ctx.set(dut.out_ready, 1)
        for n in range(tiles * depth):
            ctx.set(dut.in_valid, 1)
            ctx.set(dut.in_first, n % depth == 0)
            ctx.set(dut.in_last, n % depth == depth - 1)
            ctx.set(dut.in_a, packed(a[n], width))
            ctx.set(dut.in_b, packed(b[n], width))
            while not ctx.get(dut.in_ready):
                await step(ctx)
            await step(ctx)
        ctx.set(dut.in_valid, 0)
        for _ in range(2 * dut.latency):
            await step(ctx)

    run(dut, bench)
    exact = [
        [sum(product(unit, a[n][r], b[n][c]) for n in range(t * depth, (t + 1) * depth)) for c in range(cols)]
        for t in range(tiles)
        for r in range(rows)
    ]
    if unit == "s16_exact":  # of 8 bits no sum of so few products leaves int32
        assert any(not -(2**31) <= total < 2**31 for row in exact for total in row)
    assert found == [[total % WRAP for total in row] for row in exact]
    assert len(found) == tiles * rows == 6
    assert dut.latency == rows + cols + 3 + 1 == cycles[0] - last[0]


@pytest.mark.parametrize("array", [WeightStationaryArray, OutputStationaryArray])
def test_ports_are_operands_of_the_format_and_sums_of_32_bits(array):
    dut = array(catalog["s8_drum_k4"], 2, 3)
    inside, outside = (
        (("in_a", "weight_row"), ("in_psum", "out_psum"))
        if array is WeightStationaryArray
        else (("in_a", "in_b"), ("out_row",))
    )
    assert [len(getattr(dut, port)) for port in inside] == [16, 24]
    assert {len(getattr(dut, port)) for port in outside} == {96}


@pytest.mark.parametrize("array", [WeightStationaryArray, OutputStationaryArray])
def test_the_adder_of_integers_has_one_stage(array):
    with pytest.raises(InputError, match="add_stages must be 1 for s8_drum_k4, whose sums are integers, not 3"):
        array(catalog["s8_drum_k4"], 2, 2, add_stages=3)
    with pytest.raises(InputError, match="mul_stages must be 1 to 6, not 7"):
        array(catalog["s8_drum_k4"], 2, 2, mul_stages=7)
