"""Integer multipliers: all operands of small formats against the text of the definitions; latency and streams."""

import pytest
from amaranth.sim import Simulator
from oracles import integer_product

from axmac.model.spec import InputError, catalog
from axmac.rtl import MultiplierCore, MultiplierPipeline, check_stages, max_stages

UNITS = [
    f"{sign}{family}"
    for sign in "us"
    for family in (
        "4_exact",
        "4_trunc_k3",
        "4_trunc_k6",
        "4_drum_k3",
        "5_drum_k3",
        "4_scaletrim_h2_m0",
        "4_scaletrim_h3_m0",
        "4_scaletrim_h3_m4",
        "5_scaletrim_h4_m4",
        "5_scaletrim_h4_m8",
    )
]


@pytest.mark.parametrize("unit", UNITS)
def test_core_exhaustively(unit):
    spec = catalog[unit]
    patterns = range(1 << spec.format.width)
    core, wrong, compared = MultiplierCore(spec), [], 0

    async def bench(ctx):
        nonlocal compared
        for a in patterns:
            ctx.set(core.a, a)
            for b in patterns:
                ctx.set(core.b, b)
                compared += 1
                if ctx.get(core.p) != integer_product(unit, a, b):
                    wrong.append((a, b, integer_product(unit, a, b), ctx.get(core.p)))

    simulator = Simulator(core)
    simulator.add_testbench(bench)
    simulator.run()
    assert wrong == []
    assert compared == 1 << 2 * spec.format.width


PIPELINES = [
    (unit, stages)
    for unit, most in (("u4_exact", 3), ("s4_trunc_k3", 4), ("u5_drum_k3", 6), ("s5_scaletrim_h4_m8", 6))
    for stages in (1, 3, most)
]


@pytest.mark.parametrize(("unit", "stages"), PIPELINES)
def test_latency_is_the_number_of_stages(unit, stages):
    dut, mask = MultiplierPipeline(catalog[unit], stages), (1 << catalog[unit].format.width) - 1
    operands = [(7 * k & mask, 5 * k + 3 & mask) for k in range(32)]
    received = []

    async def bench(ctx):
        ctx.set(dut.out_ready, 1)
        for cycle in range(32 + stages):
            ctx.set(dut.in_valid, cycle < 32)
            if cycle < 32:
                ctx.set(dut.in_a, operands[cycle][0])
                ctx.set(dut.in_b, operands[cycle][1])
            if ctx.get(dut.out_valid):
                received.append((cycle, ctx.get(dut.out_p)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    assert received == [(k + stages, integer_product(unit, a, b)) for k, (a, b) in enumerate(operands)]


def test_stages_out_of_range():
    assert [max_stages(catalog[f"u8_{name}"]) for name in ("exact", "trunc_k4", "drum_k4", "scaletrim_h4_m8")] == [
        3,
        4,
        6,
        6,
    ]
    with pytest.raises(InputError, match="stages must be 1 to 3 for u8_exact"):
        check_stages(catalog["u8_exact"], 4)
