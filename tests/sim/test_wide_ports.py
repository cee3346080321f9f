"""Patterns side by side on wide ports, against texts of binary digits."""

import numpy as np
import pytest

from axmac.model.spec import catalog
from axmac.sim.wide_ports import port_values, products_of


@pytest.mark.parametrize("width", [4, 5, 8, 10, 12, 16, 19, 32])
@pytest.mark.parametrize(("size", "count"), [(64, 16), (10, 4), (3, 8), (7, 1)])
def test_the_first_pattern_is_in_the_low_bits(width, size, count):
    dtype = np.uint8 if width <= 8 else np.uint16 if width <= 16 else np.uint32
    patterns = np.random.default_rng(width).integers(0, 1 << width, size).astype(dtype)
    padded = [*patterns.tolist(), *[0] * (-size % count)]
    expected = [
        int("".join(f"{x:0{width}b}" for x in reversed(padded[start : start + count])), 2)
        for start in range(0, len(padded), count)
    ]
    assert port_values(patterns, width, count) == expected


@pytest.mark.parametrize("unit", ["u4_exact", "s5_drum_k3", "u8_exact", "s10_drum_k4", "s16_exact", "bf16", "fp32"])
@pytest.mark.parametrize("count", [1, 4])
def test_products_come_back(unit, count):
    width = catalog[unit].result_format.width
    drawn = np.random.default_rng(width).integers(0, 1 << width, (6, count)).tolist()
    texts = ["".join(f"{x:0{width}b}" for x in reversed(row)) for row in drawn]
    products = products_of(texts, catalog[unit], count)
    assert products.tolist() == [x for row in drawn for x in row]
    assert products.dtype.itemsize == (1 if width <= 8 else 2 if width <= 16 else 4)


def test_digits_that_are_no_bits_are_refused():
    with pytest.raises(ValueError, match="u4_exact: a product has digits that are neither 0 nor 1"):
        products_of(["0101010x"], catalog["u4_exact"], 1)
