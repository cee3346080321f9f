"""Bounds against all pairs of significands at small widths, where both ways can be taken."""

import numpy as np
import pytest

from axmac.model.golden.significand import significand_product
from axmac.model.spec import AMA1, AMA2, AMA3, AMA4, AMA5, BFLOAT16, EXACT, ArraySig, FpMul, catalog
from axmac.sim import unreachable
from axmac.sim.unreachable import always_truncates, product_reach

CELLS = [EXACT, AMA1, AMA2, AMA3, AMA4, AMA5]


@pytest.fixture
def products():
    half = np.arange(128, 256, dtype=np.uint64)
    a, b = (operand.ravel() for operand in np.meshgrid(half, half))
    return lambda sig: significand_product(sig, 8, a, b)


@pytest.mark.parametrize("topology", ["array", "csa"])
@pytest.mark.parametrize("tile", [2, 4, 8])
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_bounds_and_constants_hold_for_all_pairs(cell, tile, topology, products, monkeypatch):
    spec = FpMul(BFLOAT16, ArraySig(cell, tile, topology=topology))
    found = products(spec.significand)
    exhaustive = product_reach.__wrapped__(spec)
    assert (exhaustive.low, exhaustive.high) == (found.min(), found.max())
    monkeypatch.setattr(unreachable, "_EXHAUSTIVE", tile - 1)  # bounds by sets of values
    unreachable._tile_bounds.cache_clear()
    reach = product_reach.__wrapped__(spec)
    unreachable._tile_bounds.cache_clear()
    assert reach.low <= found.min() <= found.max() <= reach.high
    for bit, value in reach.constant.items():
        assert set((found >> np.uint64(bit) & np.uint64(1)).tolist()) == {value}
    for bit, value in reach.never | exhaustive.never:
        assert value not in (found >> np.uint64(bit) & np.uint64(1)).tolist()
    assert not (always_truncates(spec) and np.any(found & np.uint64(0x7F) == 0))


def test_low_bits_of_an_ama1_array_are_tied():
    assert product_reach(catalog["bf16_array_ama1_t8"]).constant == dict.fromkeys(range(1, 8), 0)
    assert "never all 0" in always_truncates(catalog["bf16_array_ama2_t8"])
    assert always_truncates(catalog["ax_fpm"]) == ""
