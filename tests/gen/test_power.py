"""Energy against sums made by hand from the library's numbers, and against OpenSTA where it says the same thing."""

import json
import shutil

import pytest
from small_library import CAPACITANCE, ENERGY, LEAKAGE, VOLTAGE, small_liberty

from axmac.gen import sta
from axmac.gen.liberty import open_library
from axmac.gen.mapping import OUTPUT_LOAD_FF, Mapped
from axmac.gen.power import PowerModel, interpolated
from axmac.model.spec import InputError

THREE = """module three(a, b, p);
  input a, b; output p; wire x, y;
  nand2 g1(.a(a), .b(b), .y(x));
  inv g2(.a(x), .y(y));
  inv g3(.a(y), .y(p));
endmodule
"""
PERIOD = 10.0


def cell(kind, **nets):
    directions = {pin: "output" if pin == "y" else "input" for pin in nets}
    return {"type": kind, "port_directions": directions, "connections": {pin: [net] for pin, net in nets.items()}}


@pytest.fixture
def three(tmp_path):
    """Library, netlist and timing of a NAND gate and two inverters in a row."""
    return three_gates(tmp_path, small_liberty(tmp_path))


def three_gates(tmp_path, liberty):
    ports = {name: {"direction": "input", "bits": [net]} for name, net in (("a", 2), ("b", 3))}
    ports["p"] = {"direction": "output", "bits": [6]}
    cells = {"g1": cell("nand2", a=2, b=3, y=4), "g2": cell("inv", a=4, y=5), "g3": cell("inv", a=5, y=6)}
    (tmp_path / "three.v").write_text(THREE, encoding="utf-8")
    (tmp_path / "three.json").write_text(json.dumps({"modules": {"three": {"ports": ports, "cells": cells}}}))
    mapped = Mapped("three", tmp_path / "three.v", tmp_path / "three.json", 4.0, {"nand2": 1, "inv": 2})
    library = open_library(liberty, tmp_path)
    return library, mapped, sta.analyse(mapped, library, PERIOD, ["g1/y", "g2/y", "g3/y"], tmp_path)


def test_energy_of_three_gates_by_hand(three):
    library, mapped, timing = three
    activity = {"g1/y": 0.5, "g2/y": 0.25, "g3/y": 0.125, "a": 0.8, "b": 0.6}
    energy = PowerModel(mapped, library, timing).energy(activity, PERIOD)
    half_square = VOLTAGE**2 / 2
    # loads: an inverter's pin, another one's, and the output's 10 fF
    assert energy.switching == pytest.approx(
        1e-3 * half_square * (0.5 * 3 + 0.25 * 3 + 0.125 * OUTPUT_LOAD_FF), rel=1e-4
    )
    assert energy.internal == pytest.approx(0.5 * sum(ENERGY["nand2"]) / 2)
    assert energy.leakage == pytest.approx((LEAKAGE["nand2"] + 2 * LEAKAGE["inv"]) * PERIOD * 1e-6)
    assert energy.total == energy.switching + energy.internal + energy.leakage


def test_internal_energy_by_load_and_slew_and_leakage_by_state(tmp_path):
    """An inverter of .01 pJ + 3 pJ/ns x slew + 2 pJ/pF x load, which leaks 2 or 4 nW; slews are 10 ps throughout."""
    path = small_liberty(tmp_path)
    template = """  power_lut_template (energy) {
    variable_1 : input_transition_time; variable_2 : total_output_net_capacitance; index_1 ("0, 1"); index_2 ("0, 1"); }
"""
    values = 'values ("0.01, 2.01", "3.01, 5.01");'
    states = 'leakage_power () { when : "a"; value : 2; } leakage_power () { when : "!a"; value : 4; }'
    text = path.read_text(encoding="utf-8")
    before, inverter = text.split("  cell (inv) {")
    inverter, after = inverter.split("  cell (buf) {")
    inverter = inverter.replace('(scalar) { values ("0.0"); }', f"(energy) {{ {values} }}")
    assert inverter.count("(energy)") == 2
    path.write_text(f"{before}{template}  cell (inv) {{ {states}{inverter}  cell (buf) {{{after}", encoding="utf-8")
    library, mapped, timing = three_gates(tmp_path, path)
    energy = PowerModel(mapped, library, timing).energy({"g1/y": 0.0, "g2/y": 0.5, "g3/y": 0.25}, PERIOD)
    assert energy.internal == pytest.approx(
        0.5 * (0.01 + 3 * 0.01 + 2 * CAPACITANCE["inv"] / 1000) + 0.25 * (0.01 + 3 * 0.01 + 2 * OUTPUT_LOAD_FF / 1000),
        rel=1e-4,
    )
    assert energy.leakage == pytest.approx((LEAKAGE["nand2"] + 2 * 3.0) * PERIOD * 1e-6)


def test_constant_operands_cost_leakage_only(three):
    library, mapped, timing = three
    energy = PowerModel(mapped, library, timing).energy(dict.fromkeys(("g1/y", "g2/y", "g3/y"), 0.0), PERIOD)
    assert (energy.switching, energy.internal) == (0.0, 0.0)
    assert energy.total == energy.leakage > 0


def test_leakage_and_delay_as_opensta_has_them(three):
    library, mapped, timing = three
    assert timing.power["leakage"] == pytest.approx(PowerModel(mapped, library, timing).leakage, rel=1e-5)
    assert timing.delay == pytest.approx(0.2 + 0.1 + 0.1)
    assert timing.slews == dict.fromkeys(("g1/y", "g2/y", "g3/y"), pytest.approx((0.01, 0.01)))


def test_every_pin_needs_an_activity(three):
    library, mapped, timing = three
    with pytest.raises(InputError, match="2 pins, for example g2/y"):
        PowerModel(mapped, library, timing).energy({"g1/y": 1.0}, PERIOD)


def test_a_table_is_bilinear_inside_and_outside():
    def plane(x, y):
        return 2 + 3 * x + 5 * y + 7 * x * y

    axes = [[0.0, 1.0, 4.0], [1.0, 2.0]]
    values = [plane(x, y) for x in axes[0] for y in axes[1]]
    points = [(0.5, 1.5), (4.0, 2.0), (3.0, 1.0), (5.0, 3.0), (-1.0, 0.0)]
    assert [interpolated(values, axes, list(point)) for point in points] == pytest.approx([plane(*p) for p in points])
    assert interpolated([7.0], [], []) == 7.0
    bent = [[0.0, 1.0, 4.0]]
    assert [interpolated([0.0, 10.0, 40.0], bent, [x]) for x in (0.5, 1.0, 2.5)] == [5.0, 10.0, 25.0]
    assert [interpolated([0.0, 10.0, 10.0], bent, [x]) for x in (-1.0, 0.5, 2.0, 5.0)] == [-10.0, 5.0, 10.0, 10.0]
    with pytest.raises(InputError, match="has 5 values where its axes have 6"):
        interpolated(values[:-1], axes, [0.0, 0.0])


def test_opensta_is_missing(three, monkeypatch, tmp_path):
    library, mapped, _ = three
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(InputError, match="apt-get install opensta"):
        sta.analyse(mapped, library, PERIOD, [], tmp_path)


def test_opensta_says_itself_what_is_wrong(three, tmp_path):
    library, mapped, _ = three
    mapped.verilog.write_text("module other(); endmodule", encoding="utf-8")
    with pytest.raises(InputError, match=r"OpenSTA: .*sta.log"):
        sta.analyse(mapped, library, PERIOD, [], tmp_path)
