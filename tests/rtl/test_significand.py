from itertools import product

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from axmac.model.spec import AMA5, ArraySig, BoothSig, PlainSig
from axmac.rtl import SignificandMultiplier


def closed_form(width, tile, a, b):
    """P = (A & M0) * B + 2 * (A & ~M0) * (B & MT) of AMA5 tiles (facts.md)."""
    low_mask = sum(1 << k for k in range(0, width, tile))
    top_mask = low_mask << tile - 1
    return (a & low_mask) * b + 2 * (a & ~low_mask) * (b & top_mask)


def mismatches(width, sigs, oracle):
    m = Module()
    a, b = Signal(width), Signal(width)
    units = [SignificandMultiplier(sig, width) for sig in sigs]
    for unit in units:
        m.submodules += unit
        m.d.comb += [unit.sig_a.eq(a), unit.sig_b.eq(b)]
    wrong, compared = [], 0

    async def bench(ctx):
        nonlocal compared
        for value_a, value_b in product(range(1 << width), repeat=2):
            ctx.set(a, value_a)
            ctx.set(b, value_b)
            for sig, unit in zip(sigs, units, strict=True):
                compared += 1
                if ctx.get(unit.product) != oracle(sig, value_a, value_b):
                    wrong.append((sig, value_a, value_b))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return wrong, compared


@pytest.mark.verify_all
def test_booth_8x8_exhaustively():
    wrong, compared = mismatches(8, [BoothSig()], lambda _sig, a, b: a * b)
    assert wrong == []
    assert compared == 65_536


@pytest.mark.parametrize("width", [2, 3, 5])
def test_exact_products(width):
    sigs = [BoothSig(), PlainSig(), ArraySig(AMA5, 1)]
    wrong, compared = mismatches(width, sigs, lambda _sig, a, b: a * b)
    assert wrong == []
    assert compared == 3 << 2 * width


@pytest.mark.parametrize(("width", "tiles"), [(6, (1, 2, 3, 6)), (4, (2, 4))])
def test_ama5_tiles_are_added_exactly(width, tiles):
    sigs = [ArraySig(AMA5, tile) for tile in tiles]
    wrong, compared = mismatches(width, sigs, lambda sig, a, b: closed_form(width, sig.tile, a, b))
    assert wrong == []
    assert compared == len(tiles) << 2 * width
