"""Units on FPGA cells: what nextpnr is given computes the unit, and a line for each thing that goes wrong."""

import json
from importlib import metadata

import pytest

from axmac.gen.fpga import TARGETS, nextpnr_version, place_and_route, synthesise
from axmac.gen.mapping import part_verilog
from axmac.model.spec import InputError, catalog
from axmac.sim.netlist_work import check_netlist, write_vectors

UNIT = catalog["bf16_array_ama5_t8"]
WIDE = """module wide(a, p);
  input [149:0] a;
  output [149:0] p;
  assign p = ~a;
endmodule
"""


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.family)
def test_figures_of_a_unit(target, tmp_path):
    """8 + 7 AND gates: 15 lookup tables; registers at 16 bits in and 17 out, of which one or two are constant."""
    top, verilog = part_verilog(UNIT, "significand")
    found = synthesise(verilog, top, target, tmp_path)
    assert found.luts <= 15
    assert 16 + 15 <= found.registers <= 16 + 17
    vectors = write_vectors(UNIT, "significand", tmp_path / "vectors.npz", 1000, 0)
    agreement = check_netlist(found.netlist, found.top, "significand", vectors)
    assert (agreement.compared > 1000, agreement.mismatches) == (True, 0)
    first = place_and_route(target, 1, tmp_path)
    assert (first.unfit, first.fmax > 100) == ("", True)
    assert place_and_route(target, 1, tmp_path) == first


def test_a_cell_of_two_tables_counts_as_two(tmp_path):
    """ECP5 adds with CCU2C, which holds two lookup tables."""
    text = "module sum(a, b, p);\n  input [31:0] a;\n  input [31:0] b;\n  output [31:0] p;\n"
    found = synthesise(f"{text}  assign p = a + b;\nendmodule\n", "sum", TARGETS["ecp5"], tmp_path)
    statistics = json.loads((tmp_path / "fpga_stat.json").read_text(encoding="utf-8"))["modules"]
    cells = statistics["\\sum_registered"]["num_cells_by_type"]
    assert cells["CCU2C"] == 16
    assert found.luts == 2 * 16 + cells.get("LUT4", 0)


def test_a_netlist_that_differs_is_seen(tmp_path):
    top, _ = part_verilog(UNIT, "significand")
    other, text = part_verilog(catalog["bf16_array_ama5_t4"], "significand")
    found = synthesise(text.replace(other, top), top, TARGETS["ice40"], tmp_path)
    vectors = write_vectors(UNIT, "significand", tmp_path / "vectors.npz", 1000, 0)
    assert check_netlist(found.netlist, found.top, "significand", vectors).mismatches > 100


def test_what_does_not_fit_is_said(tmp_path):
    found = synthesise(WIDE, "wide", TARGETS["ice40"], tmp_path)
    assert found.registers == 300
    placed = place_and_route(TARGETS["ice40"], 1, tmp_path)
    assert placed.fmax is None
    assert placed.unfit == "does not fit: needs 301 of 206 SB_IO"


def test_nextpnr_says_itself_what_is_wrong(tmp_path):
    (tmp_path / "fpga.json").write_text(json.dumps({"modules": {}}), encoding="utf-8")
    with pytest.raises(InputError, match=r"nextpnr-ice40: ERROR.*nextpnr.log"):
        place_and_route(TARGETS["ice40"], 1, tmp_path)


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.family)
def test_nextpnr_is_missing(target, tmp_path, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("axmac.gen.fpga.version", missing)
    with pytest.raises(InputError, match=f"nextpnr-{target.family} is missing: install it with `pip install"):
        nextpnr_version(target)
    with pytest.raises(InputError, match="is missing"):
        place_and_route(target, 1, tmp_path)
