"""Significand products against closed forms, exact products, and a scalar reading of the array's definition."""

import itertools

import numpy as np
import pytest
from oracles import assert_same_bits, closed_form

from axmac.model.golden.significand import partial_products, significand_product, tile_products
from axmac.model.spec import AMA1, AMA3, AMA5, CELLS, EXACT, ArraySig, BoothSig, FullAdder, PlainSig, by_column, by_row


def all_pairs(width):
    values = np.arange(1 << width, dtype=np.uint64)
    a, b = np.meshgrid(values, values, indexing="ij")
    return a.reshape(-1), b.reshape(-1)


def random_pairs(count, seed, width=24):
    rng = np.random.default_rng(seed)
    return (rng.integers(0, 1 << width, count, dtype=np.uint64) for _ in range(2))


def scalar_tile(sig, a, b):
    """One tile product bit by bit, written from the docstring of axmac.model.spec.significand."""
    t = sig.tile
    row_operand, column_operand = (a, b) if sig.rows == "activation" else (b, a)
    pp = [[row_operand >> j & column_operand >> i & 1 for i in range(t)] for j in range(t)]
    sums, carries, last_carry, product = list(pp[0]), [0] * t, 0, pp[0][0]
    for j in range(1, t):
        previous, ripple = [*sums[1:], last_carry if sig.topology == "array" else 0], 0
        for i in range(t):
            carry_in = ripple if sig.topology == "array" else carries[i]
            port = {"p": pp[j][i], "s": previous[i], "c": carry_in}
            index = 4 * port[sig.wiring[0]] + 2 * port[sig.wiring[1]] + port[sig.wiring[2]]
            cell = sig.cell_at(j, i)
            sums[i], ripple = int(cell.sum[index]), int(cell.cout[index])
            carries[i] = ripple
        last_carry = ripple
        product |= sums[0] << j
    if sig.topology == "array":
        return product | sum(bit << (t - 1 + i) for i, bit in enumerate(sums) if i) | last_carry << (2 * t - 1)
    upper = sum(bit << (i - 1) for i, bit in enumerate(sums) if i) + sum(bit << i for i, bit in enumerate(carries))
    return product | upper % (1 << t) << t


@pytest.mark.parametrize(("width", "tile"), [(4, 1), (4, 2), (4, 4), (8, 1), (8, 2), (8, 4), (8, 8)])
def test_ama5_equals_the_closed_form_exhaustively(width, tile):
    a, b = all_pairs(width)
    assert a.size == 1 << 2 * width
    assert_same_bits(significand_product(ArraySig(AMA5, tile), width, a, b), closed_form(a, b, tile, width))


@pytest.mark.parametrize("tile", [1, 2, 3, 4, 6, 8, 12, 24])
def test_ama5_equals_the_closed_form_at_24_bits(tile):
    count = 1_000_000
    a, b = random_pairs(count, seed=tile)
    compared = 0
    for start in range(0, count, 1 << 16):
        block = slice(start, start + (1 << 16))
        got = significand_product(ArraySig(AMA5, tile), 24, a[block], b[block])
        assert_same_bits(got, closed_form(a[block], b[block], tile, 24))
        compared += got.size
    assert compared == count


SIGS = [
    *(ArraySig(cell, 4) for cell in CELLS.values()),
    *(ArraySig(cell, 4, topology="csa") for cell in CELLS.values()),
    *(
        ArraySig(AMA3, 3, topology=topology, rows=rows, wiring="".join(wiring))
        for topology in ("array", "csa")
        for rows in ("activation", "weight")
        for wiring in itertools.permutations("psc")
    ),
    ArraySig(FullAdder("10010110", "11100001"), 4),
    ArraySig(AMA5, 4, cell_map=by_column(4, AMA5, {2: AMA1, 6: EXACT})),
    ArraySig(AMA5, 4, topology="csa", rows="weight", cell_map=by_row(4, EXACT, {1: AMA1, 2: AMA5})),
]


@pytest.mark.parametrize("sig", SIGS, ids=repr)
def test_one_tile_equals_a_scalar_reading_of_the_definition(sig):
    a, b = all_pairs(sig.tile)
    got = tile_products(sig, sig.tile, a, b)
    assert got.shape == (1, 1, 1 << 2 * sig.tile)
    expected = [scalar_tile(sig, int(x), int(y)) for x, y in zip(a, b, strict=True)]
    assert_same_bits(got[0, 0], np.array(expected, np.uint64))


@pytest.mark.parametrize(
    "sig",
    [ArraySig(EXACT, 4), ArraySig(EXACT, 24), ArraySig(EXACT, 8, topology="csa"), BoothSig(), PlainSig()],
    ids=repr,
)
def test_exact_multipliers_are_exact(sig):
    a, b = random_pairs(50_000, seed=5)
    assert_same_bits(significand_product(sig, 24, a, b), a * b)
    small_a, small_b = all_pairs(8)
    assert small_a.size == 65_536
    narrow = ArraySig(sig.cell, 8, topology=sig.topology) if isinstance(sig, ArraySig) else sig
    assert_same_bits(significand_product(narrow, 8, small_a, small_b), small_a * small_b)
    assert_same_bits(significand_product(sig, 24, small_a, small_b), small_a * small_b)


def test_any_number_of_pairs():
    for count in (0, 1, 63, 64, 65, 129):
        a, b = random_pairs(count, seed=count)
        assert_same_bits(significand_product(ArraySig(AMA5, 4), 24, a, b), closed_form(a, b, 4, 24))


def test_partial_products_sum_to_the_product():
    a, b = 0xDB22D1, 0xF126E9
    for rows in ("activation", "weight"):
        pp = partial_products(ArraySig(AMA5, 4, rows=rows), 24, a, b)
        assert sum(bit << (i + j) for j, row in enumerate(pp) for i, bit in enumerate(row)) == a * b
    assert partial_products(ArraySig(AMA5, 4), 24, 1, b)[0] == [b >> i & 1 for i in range(24)]
