"""The conversion to float32: every float16 pattern against numpy."""

import numpy as np
import pytest
from amaranth.sim import Simulator

from axmac.model.spec import InputError, catalog
from axmac.rtl.widen import Widen, check_result


def widened(unit, patterns):
    dut = Widen(catalog[unit])
    results = []

    async def bench(ctx):
        for pattern in patterns:
            ctx.set(dut.p, pattern)
            results.append(ctx.get(dut.product))

    simulator = Simulator(dut)
    simulator.add_testbench(bench)
    simulator.run()
    return np.array(results, np.uint32)


def test_every_float16_pattern():
    patterns = np.arange(1 << 16, dtype=np.uint16)
    patterns = patterns[~np.isnan(patterns.view(np.float16)) | (patterns == 0x7E00)]
    expected = patterns.view(np.float16).astype(np.float32).view(np.uint32)
    assert np.array_equal(widened("fp16_ieee", patterns.tolist()), expected)
    assert len(expected) == 65536 - 2 * 1023 + 1


def test_bfloat16_is_the_upper_half():
    patterns = [0x0000, 0x8000, 0x0001, 0x3F80, 0x7F80, 0xFF80, 0x7FC0]
    assert widened("bf16_plain", patterns).tolist() == [pattern << 16 for pattern in patterns]


def test_products_that_float32_does_not_hold_are_refused():
    with pytest.raises(InputError, match="float32 does not hold the products of e11f3_plain"):
        check_result(catalog["e11f3_plain"])
