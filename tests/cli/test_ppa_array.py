"""``axmac ppa --array``: figures of systolic arrays, found again, refused where the netlist is not golden's."""

import json

import pytest
from mapped_arrays import UNIT
from small_library import small_liberty

from axmac.cli import ppa_array
from axmac.cli.main import main
from axmac.gen import array_mapping, power
from axmac.model.report import load


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([*words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def line(folder, *words):
    library = ("--liberty", str(small_liberty(folder, register=True)), "--work", str(folder / "work"))
    return ("ppa", UNIT, "--array", "2x1", *library, "--out", str(folder / "out"), "--workers", "1", *words)


def test_figures_of_an_array(tmp_path, capsys, monkeypatch):
    status, out, err = run(capsys, *line(tmp_path))
    assert status == 0, err
    assert "Systolic arrays, weight-stationary" in " ".join(out.split())
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    (row,) = load(path)["rows"]
    found = row["arrays"]["2x1"]
    assert (found["rows"], found["cols"], found["latency"]) == (2, 1, 3 + 2 * 3)
    assert found["checked"]["vectors"] >= 10_000
    assert found["checked"]["mismatches"] == 0
    energy = found["energy"]
    assert energy["total"] == energy["element"] + energy["frame"]
    assert energy["frame"] > 0
    assert energy["element"] > row["energy"]["uniform"]["total"]  # the multiplier is a part of the element
    assert found["area"] > 2 * found["element"] > 2 * row["area"]

    (script,) = (tmp_path / "work").glob("*/2x1/sta.tcl")
    cases = [text for text in script.read_text(encoding="utf-8").splitlines() if "case_analysis" in text]
    assert cases == ["set_case_analysis 1 [get_ports out_ready]", "set_case_analysis 0 [get_ports weight_valid]"]

    def fail(*_):
        raise AssertionError("Yosys was called again")

    monkeypatch.setattr(array_mapping, "run_mapping", fail)
    assert run(capsys, *line(tmp_path))[:2] == (0, out)


def test_the_frame_is_shared_by_the_elements_and_the_clock_changes_twice(tmp_path, capsys, monkeypatch):
    clocks = []

    def energy(_self, activity, _period):
        clocks.append(activity.get("clk[0]"))
        return power.Energy(3.0, 2.0, 1.0)

    monkeypatch.setattr(power.PowerModel, "energy", energy)
    status, out, err = run(capsys, *line(tmp_path, "--json"))
    assert status == 0, err
    (row,) = json.loads(out)["rows"]
    assert row["arrays"]["2x1"]["energy"] == {"element": 6.0, "frame": 3.0, "total": 9.0}
    assert clocks == [None, 2.0, 2.0]  # of the unit, the element, the frame


def test_an_array_that_differs_gets_no_figure(tmp_path, capsys, monkeypatch):
    right = ppa_array.measure_array

    def wrong(spec, emitted, *arguments):
        text = emitted.verilog.read_text(encoding="utf-8")
        old = "assign product = { p, 16'h0000 };"
        assert text.count(old) == 1
        emitted.verilog.write_text(text.replace(old, old.replace("0000", "4000")), encoding="utf-8")
        return right(spec, emitted, *arguments)

    monkeypatch.setattr(ppa_array, "measure_array", wrong)
    status, out, _ = run(capsys, *line(tmp_path, "--json"))
    assert status == 1
    result = json.loads(out)
    (row,) = result["rows"]
    found = row["arrays"]["2x1"]
    assert found["checked"]["mismatches"] > 1000
    assert not {"area", "delay", "energy"} & set(found)
    assert row["area"] > 0
    assert "ws_2x1" in result["alarms"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--array", "3"), "--array must be ROWSxCOLS, each 1 to 32, for example 8x8, not '3'"),
        (("--array", "0x4"), "not '0x4'"),
        (("--array", "4x33"), "not '4x33'"),
        (("--array", "4x4", "--part", "significand"), "--array is for whole units"),
    ],
)
def test_a_line_for_each_wrong_size(words, said, tmp_path, capsys):
    status, _, err = run(capsys, "ppa", UNIT, *words, "--work", str(tmp_path))
    assert status == 2
    assert said in err
    assert err.count("\n") == 1


def test_arrays_need_a_library(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    status, _, err = run(capsys, "ppa", UNIT, "--array", "2x2", "--work", str(tmp_path))
    assert status == 2
    assert "--array needs registers of a library" in err
