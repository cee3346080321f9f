"""Registers that keep their values while a mode does, and the critical path without them."""

import json

import pytest
from small_library import small_liberty

from axmac.gen.liberty import open_library
from axmac.gen.mapping import map_to_cells
from axmac.gen.scalable import scalable_text
from axmac.gen.sta import critical_path
from axmac.model.spec import ScalableMac
from axmac.sim.constant_registers import constant_registers
from axmac.sim.mac_work import run_mac
from axmac.sim.netlist import Netlist

FIXED = {"out_ready": 1, "in_valid": 1, "in_a_signed": 0, "rst": 0}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """Library, netlist files, netlist and folder of a MAC with data gating."""
    folder = tmp_path_factory.mktemp("dg")
    spec = ScalableMac("dg", 8, 2)
    library = open_library(small_liberty(folder, register=True), folder)
    found = map_to_cells(scalable_text(spec)[0], spec.id, library, folder, registers="clocked")
    return spec, library, found, Netlist(found.netlist, spec.id), folder


def held(spec, bits):
    mode = spec.mode_of(bits)
    return {name: [value] for name, value in FIXED.items()} | {"in_mode": [mode >> bit & 1 for bit in range(3)]}


def test_what_never_toggles_is_behind_the_gates(mapped, tmp_path):
    """Of four bits eight low ones of products and sums stay 0; a simulation sees none of these registers move."""
    spec, _, _, netlist, _ = mapped
    whole, found = (constant_registers(netlist, held(spec, bits), "rst") for bits in (8, 4))
    assert set(whole) < set(found)
    assert len(found) == len(whole) + 8 + 8
    run_mac(spec, 4, netlist, {}, 16, 8, 0, tmp_path / "activity.json")
    toggled = json.loads((tmp_path / "activity.json").read_text())["per_cycle"]
    assert {toggled.get(pin, 0.0) for pin, value in found.items() if value == 0} == {0.0}
    assert max(toggled.get(pin, 0.0) for pin in found) <= 1 / 15  # a valid bit, once
    assert sum(toggled.get(register.pin, 0.0) > 0 for register in netlist.registers) > 16


def test_a_mode_that_changes_holds_nothing(mapped):
    spec, _, _, netlist, _ = mapped
    loose = held(spec, 4) | {"in_mode": [None] * 3}
    assert set(constant_registers(netlist, loose, "rst")) == set(constant_registers(netlist, held(spec, 8), "rst"))


def test_paths_are_shorter_in_a_narrow_mode(mapped):
    spec, library, found, netlist, folder = mapped
    delays = {}
    for bits in (8, 4):
        ports = held(spec, bits)
        fixed = FIXED | {f"{{in_mode[{bit}]}}": value for bit, value in enumerate(ports["in_mode"])}
        still = constant_registers(netlist, ports, "rst")
        delays[bits] = critical_path(found, library, 100.0, folder, "clk", fixed, still)
    assert 0 < delays[4] < delays[8]
