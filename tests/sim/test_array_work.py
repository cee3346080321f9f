"""Sums and transitions of mapped arrays: golden on the right netlist, mismatches on a changed one."""

import json

import pytest
from mapped_arrays import UNIT, mapped_array

from axmac.model.spec import as_spec
from axmac.sim.array_work import COUNTED, run_array
from axmac.sim.netlist import Netlist


def netlists(found, path=None):
    path = path or found.frame.netlist
    return Netlist(path, found.element.top), Netlist(path, found.frame.top, found.element.top)


def run(found, pair, out, sums=500, unit=UNIT):
    return run_array(as_spec(unit), (found.rows, found.cols), found.latency, pair, ({}, {}), sums, 3, out)


@pytest.mark.parametrize(("rows", "cols"), [(2, 2), (1, 1), (4, 2)])
def test_sums_are_golden(rows, cols, tmp_path):
    found = mapped_array(rows, cols)
    agreement = run(found, netlists(found), tmp_path / "a.json")
    assert agreement.mismatches == 0, agreement.first
    assert agreement.compared >= 500
    assert agreement.macs % (rows * cols * COUNTED) == 0
    content = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    element = content["element"]
    assert set(element) > {"a[0]", "psum[31]", "clk[0]"}
    assert element["enable[0]"] == element["load[0]"] == element["rst[0]"] == 0.0
    assert 0.3 < element["a[15]"] < 0.7  # signs of activations, drawn from [-1, 1)
    assert 0 < agreement.glitches < 1


def test_sums_of_integers_are_golden(tmp_path):
    found = mapped_array(2, 2, "s8_drum_k4")
    agreement = run(found, netlists(found), tmp_path / "a.json", unit="s8_drum_k4")
    assert (agreement.mismatches, agreement.first) == (0, "")
    assert agreement.compared >= 500
    element = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["element"]
    assert all(0.3 < element[f"a[{bit}]"] < 0.7 for bit in range(8))  # of the whole format


@pytest.mark.parametrize("where", ["element", "frame"])
def test_one_wrong_gate_is_found(where, tmp_path):
    """The first gate that feeds a register of the sum (element), or of the outputs (frame), becomes its inverse."""
    found = mapped_array(2, 2)
    content = json.loads(found.frame.netlist.read_text(encoding="utf-8"))
    module = content["modules"][getattr(found, where).top]
    port = module["ports"]["psum_down" if where == "element" else "out_psum"]["bits"]
    register = next(
        cell for cell in module["cells"].values() if cell["type"] == "dff" and cell["connections"]["q"][0] in port
    )
    wrong = register["connections"]["d"][0]
    gate = next(cell for cell in module["cells"].values() if cell["connections"].get("y") == [wrong])
    swapped = {"nand2": "nor2", "nor2": "nand2", "xor2": "nand2", "inv": "buf", "buf": "inv"}
    gate["type"] = swapped[gate["type"]]
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    agreement = run(found, netlists(found, path), tmp_path / "a.json")
    assert agreement.mismatches > 0
    assert "golden=0x" in agreement.first
    assert "netlist=0x" in agreement.first
