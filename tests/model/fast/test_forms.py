"""Closed forms against the cells, significand by significand."""

import numpy as np
import pytest

from axmac.model.fast.forms import closed_form
from axmac.model.golden.significand import significand_product
from axmac.model.spec import AMA1, AMA5, BFLOAT16, FLOAT32, ArraySig, BoothSig, FpMul, PlainSig

UNITS = [
    FpMul(number_format, ArraySig(AMA5, tile, rows=rows))
    for number_format, tiles in ((FLOAT32, (1, 2, 3, 4, 6, 8, 12, 24)), (BFLOAT16, (1, 2, 4, 8)))
    for tile in tiles
    for rows in ("activation", "weight")
]


def by_form(spec, a, b):
    form, shift = closed_form(spec), np.uint64(24 - spec.format.sig_width)
    x1, w1, x2, w2 = (np.uint64(mask) >> shift for mask in (form.x1, form.w1, form.x2, form.w2))
    return (a & x1) * (b & w1) + np.uint64(2) * ((a & x2) * (b & w2))


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
    assert (form.x1, form.w1, form.x2, form.w2) == (0xFFFFFF, 0xFFFFFF, 0, 0)
    assert form.nearest


@pytest.mark.parametrize(
    "spec",
    [
        FpMul(FLOAT32, ArraySig(AMA1, 4)),
        FpMul(FLOAT32, ArraySig(AMA5, 4, wiring="spc")),
        FpMul(FLOAT32, ArraySig(AMA5, 4, topology="csa")),
        FpMul(FLOAT32, PlainSig(), subnormals="ieee"),
    ],
    ids=lambda spec: spec.id,
)
def test_other_units_have_none(spec):
    assert closed_form(spec) is None
