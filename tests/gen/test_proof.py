"""Netlists against their Verilog for all operands."""

import subprocess

import pytest
from small_library import small_liberty

from axmac.gen.liberty import open_library
from axmac.gen.mapping import generic_gates, map_to_cells, part_verilog
from axmac.gen.proof import PROVEN, REFUTED, UNDECIDED, Proof, prove_equal
from axmac.model.spec import InputError, catalog


def test_units_on_cells_are_their_verilog(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    for unit in ("bf16_booth", "bf16_array_exact_t8"):
        top, verilog = part_verilog(catalog[unit], "significand")
        mapped = map_to_cells(verilog, top, library, tmp_path)
        assert prove_equal(verilog, top, mapped.netlist, 60, tmp_path) == Proof(PROVEN, 60)


def test_one_wrong_pair_of_operands_is_found(tmp_path):
    top, verilog = part_verilog(catalog["bf16_array_exact_t8"], "significand")
    netlist = generic_gates(verilog, top, tmp_path).netlist
    wrong = verilog.replace("assign p[0] = ", "assign p[0] = (a == 8'h91 && b == 8'ha7) ^ ")
    assert wrong.count("8'h91") == 1
    assert prove_equal(wrong, top, netlist, 60, tmp_path).outcome == REFUTED


def test_ports_are_compared_by_name(tmp_path):
    text = "module m(input a, input b, output p); assign p = a & ~b; endmodule"
    netlist = generic_gates(text, "m", tmp_path).netlist
    swapped = "module m(input b, input a, output p); assign p = {}; endmodule"
    assert prove_equal(swapped.format("a & ~b"), "m", netlist, 60, tmp_path).outcome == PROVEN
    assert prove_equal(swapped.format("b & ~a"), "m", netlist, 60, tmp_path).outcome == REFUTED


def test_what_does_not_come_to_its_end(tmp_path):
    """A product against the same bits by another structure: 24 bits take hours."""
    plain, verilog = part_verilog(catalog["fp32_plain_rtz"], "significand")
    booth, other = part_verilog(catalog["fp32_booth_rtz"], "significand")
    netlist = generic_gates(other.replace(booth, plain), plain, tmp_path).netlist
    assert prove_equal(verilog, plain, netlist, 1, tmp_path) == Proof(UNDECIDED, 1)


def test_abc_says_itself_what_is_wrong(tmp_path, monkeypatch):
    text = "module m(input a, output p); assign p = a; endmodule"
    netlist = generic_gates(text, "m", tmp_path).netlist
    done = subprocess.CompletedProcess([], 1, "Reading network from file has failed.\n")
    right = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda c, **k: done if str(c[0]).endswith("abc") else right(c, **k))
    with pytest.raises(InputError, match=r"ABC: Reading network from file has failed\.; see .*proof.log"):
        prove_equal(text, "m", netlist, 60, tmp_path)
