"""Columns of bits: their sum against Python's, their adders against Dadda's own count."""

import random

import pytest
from amaranth.hdl import Fragment, Module, Signal
from amaranth.sim import Simulator

from axmac.rtl import columns
from axmac.rtl.columns import add_columns


def sum_of(heights, patterns):
    """For each pattern (an integer whose bits fill the columns, lowest first) the sum that the adders give."""
    m = Module()
    bits, total = Signal(sum(heights)), Signal(len(heights))
    starts = [sum(heights[:c]) for c in range(len(heights))]
    m.d.comb += total.eq(add_columns(m, [list(bits[s : s + h]) for s, h in zip(starts, heights, strict=True)]))
    found = []

    async def bench(ctx):
        for pattern in patterns:
            ctx.set(bits, pattern)
            found.append(ctx.get(total))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return found


def expected(heights, pattern):
    total = 0
    for c, height in enumerate(heights):
        total += (pattern & (1 << height) - 1).bit_count() << c
        pattern >>= height
    return total % (1 << len(heights))


@pytest.mark.parametrize("heights", [[1], [2], [5], [1, 1, 1], [0, 3, 0, 2, 0], [3, 1, 4, 1], [2, 2, 2, 2]])
def test_every_pattern(heights):
    patterns = range(1 << sum(heights))
    assert sum_of(heights, patterns) == [expected(heights, pattern) for pattern in patterns]


def test_tall_columns():
    rng = random.Random(1)
    heights = [rng.randrange(15) for _ in range(20)]
    patterns = [rng.getrandbits(sum(heights)) for _ in range(300)] + [(1 << sum(heights)) - 1]
    assert max(heights) == 14
    assert sum_of(heights, patterns) == [expected(heights, pattern) for pattern in patterns]


@pytest.mark.parametrize("width", [3, 4, 8, 16, 24])
def test_an_array_needs_as_many_adders_as_dadda_says(width, monkeypatch):
    """N^2 - 4N + 3 full and N - 1 half adders for N x N partial products (Townsend, Swartzlander, Abraham 2003)."""
    made = []
    parity = columns._parity
    monkeypatch.setattr(columns, "_parity", lambda inputs: made.append(len(inputs)) or parity(inputs))
    heights = [max(min(c + 1, 2 * width - 1 - c), 0) for c in range(2 * width)]
    m = Module()
    add_columns(m, [[Signal() for _ in range(height)] for height in heights])
    Fragment.get(m, None)  # Amaranth complains of a module that nobody elaborates
    assert (made.count(3), made.count(2)) == (width * width - 4 * width + 3, width - 1)
