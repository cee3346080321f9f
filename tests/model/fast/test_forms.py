"""Closed forms against the cells, significand by significand."""

import numpy as np
import pytest

from axmac.model.fast.forms import Form, closed_form
from axmac.model.golden.significand import significand_product
from axmac.model.spec import AMA1, AMA4, AMA5, BFLOAT16, FLOAT32, ArraySig, BoothSig, FpMul, PlainSig, catalog
from axmac.model.spec.bilinear import Term

UNITS = [
    FpMul(number_format, ArraySig(AMA5, tile, rows=rows))
    for number_format, tiles in ((FLOAT32, (1, 2, 3, 4, 6, 8, 12, 24)), (BFLOAT16, (1, 2, 4, 8)))
    for tile in tiles
    for rows in ("activation", "weight")
]


def by_form(spec, a, b):
    shift = 24 - spec.format.sig_width
    total = np.zeros(a.shape, np.uint64)
    for term in closed_form(spec).terms:
        total += np.uint64(term.coefficient) * (a & np.uint64(term.x >> shift)) * (b & np.uint64(term.w >> shift))
    return total


@pytest.mark.parametrize("spec", UNITS, ids=lambda spec: spec.id)
def test_agrees_with_the_cells_on_every_pair_of_bits(spec):
    """Both sides are bilinear in the bits, so that these pairs stand for all of them."""
    powers = np.uint64(1) << np.arange(spec.format.sig_width, dtype=np.uint64)
    a, b = (grid.reshape(-1) for grid in np.meshgrid(powers, powers, indexing="ij"))
    assert a.size == spec.format.sig_width**2
    np.testing.assert_array_equal(
        by_form(spec, a, b), significand_product(spec.significand, spec.format.sig_width, a, b)
    )


@pytest.mark.parametrize("spec", UNITS, ids=lambda spec: spec.id)
def test_agrees_with_the_cells_on_random_significands(spec):
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 1 << spec.format.sig_width, (2, 20_000), dtype=np.uint64)
    np.testing.assert_array_equal(
        by_form(spec, a, b), significand_product(spec.significand, spec.format.sig_width, a, b)
    )


@pytest.mark.parametrize("sig", [PlainSig(), BoothSig()])
def test_an_exact_multiplier_has_the_exact_product(sig):
    form = closed_form(FpMul(FLOAT32, sig))
    assert form.terms == (Term(0xFFFFFF, 0xFFFFFF, 1),)
    assert form.nearest
    assert form.native


def test_heap_like_has_the_three_terms_of_its_definition():
    form = closed_form(catalog["heap"])
    expected = {(0x111111, 0x777777, 1), (0xFFFFFF, 0x888888, 1), (0x888888, 0x444444, 2)}
    assert {(term.x, term.w, term.coefficient) for term in form.terms} == expected
    assert form.quick
    assert not form.exponent_is_fixed
    assert form.extremes[0] == 1 << 46


def test_a_unit_whose_product_needs_a_comparison_is_not_quick():
    """Products below 2^47 and, halved, from 2^48: no exponent of a float sum is that of the result."""
    form = Form((Term(0xFFFFFF, 0xFFFFFF, 1), Term(0xFFFF, 0xFFFFFF, 4)), True, False, FLOAT32, FLOAT32)
    assert form.extremes[0] == 1 << 46
    assert form.extremes[1] > 1 << 48
    assert not form.quick


@pytest.mark.parametrize(
    "spec",
    [
        FpMul(FLOAT32, ArraySig(AMA1, 4)),
        FpMul(FLOAT32, ArraySig(AMA4, 4, topology="csa")),
        FpMul(FLOAT32, PlainSig(), subnormals="ieee"),
    ],
    ids=lambda spec: spec.id,
)
def test_other_units_have_none(spec):
    assert closed_form(spec) is None
