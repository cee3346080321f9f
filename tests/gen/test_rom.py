"""A table as Verilog: on all pairs the entries of the table, on both simulators."""

import numpy as np
import pytest
from imported import keep, random_table

from axmac.gen import generate
from axmac.gen.mapping import generic_gates
from axmac.sim.pairs import verify_pairs


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch, request):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


@pytest.mark.parametrize("sim", ["icarus", "verilator"])
def test_all_pairs_of_units_of_one_width(sim):
    keep("one", random_table(4, 1))
    keep("two", random_table(4, 2), signed=True)
    found = verify_pairs(["one", "two", "u4_exact"], sim)
    assert [figures["compared"] for figures in found.values()] == [256] * 3
    assert [figures["first"] for figures in found.values()] == [""] * 3


def test_two_bits():
    keep("tiny", random_table(2))
    assert verify_pairs(["tiny"], "icarus")["tiny"] == {"compared": 16, "mismatches": 0, "first": ""}


def test_synthesis_reads_it(tmp_path):
    table = np.outer(np.arange(8), np.arange(8))
    keep("tiny", table)
    assert 10 < generic_gates(generate("tiny"), "tiny", tmp_path).gates < 300
