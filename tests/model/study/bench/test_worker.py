"""The clock and the memory of a measurement."""

import time

import torch

from axmac.model.study.bench.worker import measure


def test_counts_the_calls_after_the_first_ones():
    calls = []
    figures = measure(lambda: calls.append(time.sleep(0.01)), 0.1)
    assert len(calls) == figures["calls"] + 2
    assert 3 <= figures["calls"] <= 10
    assert 0.01 <= figures["seconds"] < 0.1


def test_at_least_three_calls():
    assert measure(lambda: None, 0)["calls"] == 3


def test_memory_is_what_a_call_holds_beyond_what_was_held_before():
    before = torch.ones(16 << 20)
    held = measure(lambda: torch.ones(8 << 20).sum(), 0)["peak_bytes"]
    assert len(before)
    assert held is None or 30e6 < held < 50e6
