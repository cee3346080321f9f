"""Precision-scalable MACs in Amaranth's simulator: products, and sums under pauses, against Python's integers."""

import random

import pytest
from amaranth.sim import Simulator
from scalable_oracle import plain_products

from axmac.model.golden.scalable import SumRegister
from axmac.model.spec import parse_scalable_id
from axmac.rtl import ScalableMacUnit, ScalableProduct

MACS = ["mac8_dvafs_g2", "mac8_dg_g2", "mac8_standard"]


def modes_of(spec):
    """Values of the port ``mode``, with those past the last precision, or none where there is no port."""
    return range(1 << (len(spec.precisions) - 1).bit_length()) if len(spec.precisions) > 1 else [None]


def drawn(rng, width):
    return rng.choice([0, 1 << width - 1, (1 << width) - 1, *[rng.getrandbits(width)] * 5])


@pytest.mark.parametrize("mac", MACS)
def test_products(mac):
    spec, rng, compared = parse_scalable_id(mac), random.Random(1), []
    dut = ScalableProduct(spec)

    async def bench(ctx):
        for mode in [*modes_of(spec)] * (1000 // len(modes_of(spec))):
            k, signed = spec.precisions[min(mode or 0, len(spec.precisions) - 1)], rng.getrandbits(1)
            a, b = drawn(rng, spec.width), drawn(rng, spec.width)
            if mode is not None:
                ctx.set(dut.mode, mode)
            for port, value in (("a_signed", signed), ("a", a), ("b", b)):
                ctx.set(getattr(dut, port), value)
            await ctx.delay(1e-9)
            width = 2 * spec.lane_width(k)
            products = plain_products(spec, k, a, b, signed)
            word = sum(product % (1 << width) << lane * width for lane, product in enumerate(products))
            assert ctx.get(dut.product) == word, (k, signed, hex(a), hex(b))
            compared.append(k)

    simulator = Simulator(dut)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(compared) == 1000
    assert set(compared) == set(spec.precisions)


@pytest.mark.parametrize("mac", MACS)
def test_sums_of_any_mode_after_any_other(mac):
    """Every bit of the register after every product; a product that is not valid adds nothing, not even in a pause."""
    spec, rng, taken, found = parse_scalable_id(mac), random.Random(2), [], []
    dut, register = ScalableMacUnit(spec), SumRegister(spec)

    async def bench(ctx):
        while len(found) < 600:
            mode, signed, clear = rng.choice(modes_of(spec)), rng.getrandbits(1), rng.random() < 0.1
            a, b = drawn(rng, spec.width), drawn(rng, spec.width)
            values = {"in_a_signed": signed, "in_clear": clear, "in_a": a, "in_b": b}
            values |= {} if mode is None else {"in_mode": mode}
            values |= {"in_valid": rng.random() < 0.8, "out_ready": rng.random() < 0.8}
            for port, value in values.items():
                ctx.set(getattr(dut, port), value)
            streams = dut.in_valid & dut.in_ready, dut.out_valid & dut.out_ready, dut.out_acc
            _, _, enters, leaves, word = await ctx.tick().sample(*streams)
            if leaves:
                found.append(word)
            if enters:
                k = spec.precisions[min(mode or 0, len(spec.precisions) - 1)]
                taken.append(register.add(k, a, b, a_signed=signed == 1, clear=clear))

    simulator = Simulator(dut)
    simulator.add_clock(1e-9)
    simulator.add_testbench(bench)
    simulator.run()
    assert found == taken[: len(found)]
    assert len(found) == 600
