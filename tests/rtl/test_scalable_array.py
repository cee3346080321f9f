"""The systolic array of precision-scalable MACs, wave by wave in Amaranth's simulator, with pauses on every side."""

import random

import pytest
from amaranth.sim import Simulator
from scalable_oracle import plain_products, sums_in

from axmac.model.spec import InputError, ScalableMac, parse_scalable_id
from axmac.rtl import ScalableArray
from axmac.rtl.scalable_array import check_sides

ROWS, COLS, WAVES, LONGEST = 3, 2, 7, 2000


def word(values, width):
    return sum(value << n * width for n, value in enumerate(values))


def tiles_of(spec, rng):
    """Every mode twice: precision, sign, weights [rows][cols], waves of activations [rows] and sums [cols]."""

    def patterns(bits, count):
        return [rng.getrandbits(bits) for _ in range(count)]

    tiles = []
    for k in rng.sample([*spec.precisions, *spec.precisions], 2 * len(spec.precisions)):
        weights = [patterns(spec.width, COLS) for _ in range(ROWS)]
        waves = [(patterns(spec.width, ROWS), patterns(spec.word_width, COLS)) for _ in range(WAVES)]
        tiles.append((k, rng.random() < 0.5, weights, waves))
    return tiles


def waves_of(spec, tiles):
    """By port what each wave brings."""
    for k, signed, _, waves in tiles:
        mode = {"in_mode": spec.mode_of(k)} if len(spec.precisions) > 1 else {}
        for number, (a, sums) in enumerate(waves):
            inputs = {"in_swap": number == 0, "in_a_signed": signed, "in_a": word(a, spec.width)}
            yield mode | inputs | {"in_psum": word(sums, spec.word_width)}


def run(spec, tiles, pause):
    """The array, and the vectors of sums that left it."""
    dut, rng, left = ScalableArray(spec, ROWS, COLS), random.Random(5), []
    rows = [{"weight_row": word(row, spec.width)} for _, _, weights, _ in tiles for row in weights]

    def offered(stream, items):
        valid, ready = getattr(dut, f"{stream}_valid"), getattr(dut, f"{stream}_ready")

        async def bench(ctx):
            for values in items:
                ctx.set(valid, 0)
                while rng.random() < pause:
                    await ctx.tick()
                for port, value in values.items():
                    ctx.set(getattr(dut, port), value)
                ctx.set(valid, 1)
                await ctx.tick().until(ready)
            ctx.set(valid, 0)

        return bench

    async def take(ctx):
        for _ in range(LONGEST):
            ctx.set(dut.out_ready, rng.random() >= pause)
            _, _, taken, sums = await ctx.tick().sample(dut.out_valid & dut.out_ready, dut.out_psum)
            if taken:
                left.append([sums >> c * spec.word_width & (1 << spec.word_width) - 1 for c in range(COLS)])
            if len(left) == sum(len(waves) for *_, waves in tiles):
                break

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    for bench in (offered("weight", rows), offered("in", waves_of(spec, tiles)), take):
        simulator.add_testbench(bench, background=bench is not take)
    simulator.run()
    return dut, left


@pytest.mark.parametrize("mac", ["mac8_dvafs_g2", "mac8_dg_g2", "mac8_standard"])
def test_modes_change_from_tile_to_tile(mac):
    """Tiles follow each other while the next weights come in and results wait; partial sums begin anywhere."""
    spec = parse_scalable_id(mac)
    tiles = tiles_of(spec, random.Random(1))
    dut, left = run(spec, tiles, pause=0.2)
    vectors, compared = iter(left), 0
    for k, signed, weights, waves in tiles:
        for a, start in waves:
            for c, found in enumerate(next(vectors)):
                sums = sums_in(spec, k, start[c])
                for r in range(ROWS):
                    products = plain_products(spec, k, a[r], weights[r][c], signed)
                    sums = [one + product for one, product in zip(sums, products, strict=True)]
                half = 1 << spec.sum_width(k) - 1
                assert sums_in(spec, k, found) == [(one + half) % (2 * half) - half for one in sums], (k, signed, a, c)
                compared += 1
    assert compared == 2 * len(spec.precisions) * WAVES * COLS
    assert dut.latency == ROWS + COLS


def test_sides_and_ports():
    spec = ScalableMac("dvafs", 16)
    dut = ScalableArray(spec, ROWS, COLS)
    widths = {name: len(getattr(dut, name)) for name in ("in_mode", "in_a_signed", "in_a", "weight_row", "out_psum")}
    assert widths == {"in_mode": 2, "in_a_signed": 1, "in_a": 48, "weight_row": 32, "out_psum": 168}
    Simulator(dut)  # an array that nothing elaborates is warned of
    for rows, cols in ((0, 1), (1, 129)):
        with pytest.raises(InputError, match="must be 1 to 128"):
            check_sides(rows, cols)
