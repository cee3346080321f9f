"""Closed forms from the structure, against every pair of a tile in golden, and slopes against least squares."""

import itertools

import numpy as np
import pytest

from axmac.model.golden.significand import significand_product
from axmac.model.spec import AMA1, AMA5, CELLS, ArraySig, PlainSig
from axmac.model.spec.bilinear import bilinear_terms, slope

WIRINGS = ["".join(letters) for letters in itertools.permutations("psc")]


@pytest.mark.parametrize("tile", [2, 3, 4])
@pytest.mark.parametrize("topology", ["array", "csa"])
def test_what_is_called_bilinear_equals_its_form_on_every_pair(tile, topology):
    a, b = (grid.reshape(-1) for grid in np.meshgrid(*[np.arange(1 << tile, dtype=np.uint64)] * 2, indexing="ij"))
    found = 0
    for cell, wiring, rows in itertools.product(CELLS.values(), WIRINGS, ("activation", "weight")):
        sig = ArraySig(cell, tile, topology=topology, wiring=wiring, rows=rows)
        terms = bilinear_terms(sig, tile)
        if terms is None:
            continue
        found += 1
        value = sum(float(t.coefficient) * ((a & np.uint64(t.x)) * (b & np.uint64(t.w))) for t in terms)
        np.testing.assert_array_equal(value, significand_product(sig, tile, a, b), err_msg=repr(sig))
    assert found >= 12


def test_a_cell_with_logic_is_not_bilinear():
    assert bilinear_terms(ArraySig(AMA1, 4), 24) is None


def test_exact_products_have_one_term():
    assert len(bilinear_terms(PlainSig(), 24)) == len(bilinear_terms(ArraySig(AMA5, 1), 24)) == 1


@pytest.mark.parametrize("mask", [0xFFF, 0x111, 0xEEE, 0x888, 0x800])
def test_slopes_are_those_of_least_squares_over_one_binade(mask):
    x = np.arange(1 << 11, 1 << 12)
    assert slope(mask, 12) == pytest.approx(np.polyfit(x, x & mask, 1)[0], abs=1e-9)
