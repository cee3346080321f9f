"""Tiles against an interpreter of the array's definition that looks up every cell in its table."""

from itertools import permutations, product

import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from axmac.model.spec import AMA1, AMA2, AMA3, AMA4, AMA5, CELLS, EXACT, ArraySig, by_column, by_row
from axmac.rtl import ArrayTile


def tile_product(sig, a, b):
    """The product of two digits, cell by cell, positions by (row, column)."""
    t = sig.tile
    row_bits, column_bits = (a, b) if sig.rows == "activation" else (b, a)
    sums = {(0, i): row_bits & 1 & column_bits >> i for i in range(t)}
    couts = {}
    for j, i in product(range(1, t), range(t)):
        nets = {"p": row_bits >> j & column_bits >> i & 1}
        if sig.topology == "array":
            nets["s"] = sums[j - 1, i + 1] if i + 1 < t else couts.get((j - 1, t - 1), 0)
            nets["c"] = couts[j, i - 1] if i else 0
        else:
            nets["s"] = sums.get((j - 1, i + 1), 0)
            nets["c"] = couts.get((j - 1, i), 0)
        port_a, port_b, port_cin = (nets[letter] for letter in sig.wiring)
        row = 4 * port_a + 2 * port_b + port_cin
        cell = sig.cell_at(j, i)
        sums[j, i], couts[j, i] = int(cell.sum[row]), int(cell.cout[row])
    low = sum(sums[j, 0] << j for j in range(t))
    high = sum(sums[t - 1, i] << i - 1 for i in range(1, t))
    if sig.topology == "array":
        high += couts.get((t - 1, t - 1), 0) << t - 1
    else:
        high += sum(couts.get((t - 1, i), 0) << i for i in range(t))
    return low + (high % (1 << t) << t)


def mismatches(sigs):
    """Wrong products over all operands, of many tiles of one width in one simulation; and the number compared."""
    t = sigs[0].tile
    m = Module()
    a, b = Signal(t), Signal(t)
    tiles = [ArrayTile(sig) for sig in sigs]
    for tile in tiles:
        m.submodules += tile
        m.d.comb += [tile.a.eq(a), tile.b.eq(b)]
    wrong, compared = [], 0

    async def bench(ctx):
        nonlocal compared
        for value_a, value_b in product(range(1 << t), repeat=2):
            ctx.set(a, value_a)
            ctx.set(b, value_b)
            for sig, tile in zip(sigs, tiles, strict=True):
                expected, actual = tile_product(sig, value_a, value_b), ctx.get(tile.p)
                compared += 1
                if expected != actual:
                    wrong.append(f"{sig} a={value_a:#x} b={value_b:#x} expected={expected:#x} rtl={actual:#x}")

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return wrong, compared


@pytest.mark.parametrize("topology", ["array", "csa"])
def test_every_cell_wiring_and_orientation(topology):
    sigs = [
        ArraySig(cell, 3, topology=topology, rows=rows, wiring="".join(wiring))
        for cell in CELLS.values()
        for wiring in permutations("psc")
        for rows in ("activation", "weight")
    ]
    wrong, compared = mismatches(sigs)
    assert wrong == []
    assert compared == len(CELLS) * 6 * 2 * 64


@pytest.mark.parametrize("tile", [1, 2, 4, 5])
def test_every_width(tile):
    sigs = [ArraySig(cell, tile, topology=topology) for cell in CELLS.values() for topology in ("array", "csa")]
    wrong, compared = mismatches(sigs)
    assert wrong == []
    assert compared == len(sigs) << 2 * tile


def test_cell_maps():
    maps = [
        by_column(4, AMA5, {6: EXACT, 1: AMA1}),
        by_row(4, AMA2, {1: AMA3, 3: AMA4}),
        ((EXACT, AMA1, AMA2, AMA3), (AMA4, AMA5, EXACT, AMA1), (AMA2, AMA3, AMA4, AMA5)),
    ]
    sigs = [
        ArraySig(EXACT, 4, topology=topology, rows=rows, cell_map=cell_map)
        for cell_map in maps
        for topology in ("array", "csa")
        for rows in ("activation", "weight")
    ]
    wrong, compared = mismatches(sigs)
    assert wrong == []
    assert compared == len(sigs) * 256


def test_exact_cells_multiply():
    """The interpreter itself, against ``*``."""
    for topology, (a, b) in product(("array", "csa"), product(range(32), repeat=2)):
        assert tile_product(ArraySig(EXACT, 5, topology=topology), a, b) == a * b


def test_ama5_closed_form():
    """tile(A, B) = A_0 * B + 2^(t+1) * (A >> 1) * B_{t-1}: facts.md, checked against the released software."""
    for a, b in product(range(16), repeat=2):
        assert tile_product(ArraySig(AMA5, 4), a, b) == (a & 1) * b + 32 * (a >> 1) * (b >> 3)
