"""Netlists: facts that must hold of what synthesis makes of a unit, and a line for each thing that goes wrong."""

import importlib.util

import pytest
from small_library import AREA, liberty_of_choice, small_liberty

from axmac.gen import sta, yosys
from axmac.gen.liberty import open_library
from axmac.gen.mapping import generic_gates, map_to_cells, part_verilog
from axmac.model.spec import InputError, catalog

GATES = """module gates(input a, input b, input c, output p, output q);
  assign p = ~(a & b) ^ c;
  assign q = ~(a | c);
endmodule
"""


def significand(unit, folder):
    top, verilog = part_verilog(catalog[unit], "significand")
    return generic_gates(verilog, top, folder)


def test_one_ama5_array_has_no_adder(tmp_path):
    """P = A_0 * B + 2^25 * (A >> 1) * B_23: the two products share no bit, so each bit is one AND gate."""
    found = significand("fp32_array_ama5_t24", tmp_path)
    assert found.cells == {"$_AND_": 24 + 23}
    assert found.depth == 1


def test_less_is_computed_by_less(tmp_path):
    sizes = {}
    for unit in ("bf16_array_exact_t8", "bf16_array_ama5_t4", "bf16_array_ama5_t8"):
        (tmp_path / unit).mkdir()
        sizes[unit] = significand(unit, tmp_path / unit).transistors
    assert sizes["bf16_array_exact_t8"] > sizes["bf16_array_ama5_t4"] > sizes["bf16_array_ama5_t8"]
    assert sizes["bf16_array_ama5_t8"] == (8 + 7) * 6  # AND gates of six transistors


ARRAYS = ("fp32_csa_exact_t24", "fp32_array_exact_t24")


def test_an_exact_array_is_larger_than_booth(tmp_path):
    """24 x 24: an array has 552 full adders, Booth's 13 rows need about half of them."""
    found = {}
    for unit in ("fp32_booth_rtz", *ARRAYS):
        (tmp_path / unit).mkdir()
        found[unit] = significand(unit, tmp_path / unit)
    booth = found["fp32_booth_rtz"]
    for array in ARRAYS:
        assert found[array].gates > 1.1 * booth.gates
        assert found[array].transistors > 1.1 * booth.transistors
        assert found[array].depth > booth.depth


@pytest.mark.verify_all
def test_an_exact_array_is_larger_than_booth_on_cells(tmp_path):
    library = open_library(liberty_of_choice(tmp_path), tmp_path)
    areas = {}
    for unit in ("fp32_booth_rtz", *ARRAYS):
        (tmp_path / unit).mkdir()
        top, verilog = part_verilog(catalog[unit], "significand")
        areas[unit] = map_to_cells(verilog, top, library, tmp_path / unit).area
    assert min(areas[array] for array in ARRAYS) > 1.1 * areas["fp32_booth_rtz"]


def test_area_is_that_of_the_cells(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    found = map_to_cells(GATES, "gates", library, tmp_path)
    assert found.area == sum(AREA[kind] * count for kind, count in found.cells.items()) > 0
    text = found.verilog.read_text(encoding="utf-8")
    assert sum(text.count(f"  {kind} ") for kind in AREA) == sum(found.cells.values())


def test_a_cell_that_the_library_lacks(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    register = "module r(input clk, input d, output reg q); always @(posedge clk) q <= d; endmodule"
    with pytest.raises(InputError, match=r"five has no cell for \$_DFF_P_"):
        map_to_cells(register, "r", library, tmp_path)


@pytest.mark.parametrize("without", [("inv",), ("nand2", "nor2")], ids="+".join)
def test_a_library_that_abc_cannot_map_onto(without, tmp_path):
    library = open_library(small_liberty(tmp_path, without), tmp_path)
    with pytest.raises(InputError, match="gates: ABC cannot map onto five: use a library with an inverter") as caught:
        map_to_cells(GATES, "gates", library, tmp_path)
    assert "\n" not in str(caught.value)


def test_wires_alone_have_no_area(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    found = map_to_cells("module w(input a, output p); assign p = a; endmodule", "w", library, tmp_path)
    assert (found.area, found.cells) == (0.0, {})


def test_constants_and_wires_are_written_as_opensta_reads_them(tmp_path):
    """Two bits are constants, two an input's, and one stands twice."""
    library = open_library(small_liberty(tmp_path), tmp_path)
    text = "module w(input [2:0] a, output [6:0] p); wire x = a[0] & a[1]; assign p = {x, 1'b0, a[2:1], x, 2'b10}; "
    found = map_to_cells(f"{text} endmodule", "w", library, tmp_path)
    timing = sta.analyse(found, library, 10.0, [], tmp_path)
    assert timing.delay == pytest.approx(0.2 + 0.1)  # nand2 and inv
    lines = [line for line in found.verilog.read_text(encoding="utf-8").splitlines() if "assign" in line]
    assert {"  assign p[3] = a[1];", "  assign p[4] = a[2];"} < set(lines)
    assert len(lines) == 3


@pytest.mark.parametrize("mapped", [True, False], ids=["cells", "gates"])
def test_a_timing_loop(mapped, tmp_path):
    loop = "module loop(input a, output p); wire x; assign x = ~(x & a); assign p = x; endmodule"
    arguments = [open_library(small_liberty(tmp_path), tmp_path)] if mapped else []
    synthesise = map_to_cells if mapped else generic_gates
    with pytest.raises(InputError, match="timing loop"):
        synthesise(loop, "loop", *arguments, tmp_path)


def test_yosys_says_itself_what_is_wrong(tmp_path):
    with pytest.raises(InputError, match=r"Yosys: .*ERROR.*see .*yosys.log"):
        generic_gates("module broken(input a; endmodule", "broken", tmp_path)


def test_yosys_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match="pip install"):
        yosys.run_yosys(["help"], tmp_path)


def test_an_unknown_part():
    with pytest.raises(InputError, match="core or significand"):
        part_verilog(catalog["bf16"], "adder")
