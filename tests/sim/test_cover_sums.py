"""Bins of operands and sums of arrays of integers, counted by hand."""

import numpy as np

from axmac.model.spec import catalog
from axmac.sim.cover_sums import sum_bins
from axmac.sim.matrices import extremes, first_sums, matrix


def test_operands_and_sums_are_counted():
    a, b = np.array([[0x80, 0x7F], [0, 2]], np.uint8), np.array([[0x80, 3], [0x7F, 0x81]], np.uint8)
    first = np.array([[0x7FFFFFFF, 0x80000000], [5, 0x80000001]], np.uint32)
    # exact: 2^31-1 + 16384 + 16129, -2^31 - 384 - 16129, 5 + 254, 1 - 2^31 - 254
    expected = {-128: 2, -127: 1, -1: 0, 0: 1, 1: 0, 126: 0, 127: 2}
    bins = {f"operands: {value}": count for value, count in expected.items()}
    assert sum_bins(catalog["s8_exact"], a, b, first) == bins | {"sums: above int32": 1, "sums: below int32": 2}
    assert sum_bins(catalog["s8_exact"], a, b, first * np.uint32(0)) == bins


def test_floats_have_none():
    one = np.ones((1, 1), np.uint32)
    assert sum_bins(catalog["ax_fpm"], one, one, one) == {}
    assert not first_sums(catalog["ax_fpm"], (3, 4), np.random.default_rng(1)).any()


def test_matrices_of_integers_hold_the_ends():
    assert extremes(catalog["s8_exact"].format) == [-128, -127, -1, 0, 1, 126, 127]
    assert extremes(catalog["u8_exact"].format) == [0, 1, 254, 255]
    for unit, dtype in (("s8_exact", np.uint8), ("u8_exact", np.uint8), ("s16_exact", np.uint16)):
        spec = catalog[unit]
        made = matrix(spec, (7, 2), np.random.default_rng(2))
        assert (made.shape, made.dtype) == ((7, 2), dtype)
        assert {value % (1 << spec.format.width) for value in extremes(spec.format)} <= set(made.ravel().tolist())
