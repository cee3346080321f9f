"""Registers that keep their values while a mode does, and the critical path without them."""

import random

import pytest
from small_library import small_liberty

from axmac.gen.liberty import open_library
from axmac.gen.mapping import map_to_cells
from axmac.gen.scalable import scalable_text
from axmac.gen.sta import critical_path
from axmac.model.spec import ScalableMac
from axmac.sim.clocked import Clocked
from axmac.sim.constant_registers import constant_registers
from axmac.sim.netlist import Netlist

FIXED = {"out_ready": 1, "in_valid": 1, "in_a_signed": 0, "rst": 0}
RESET, RUN, LANES = 4, 60, 64
LATE = """
module late(input clk, input rst, input mode, input data, output reg m, output reg z, output reg y);
  always @(posedge clk) begin
    m <= mode & ~rst;
    z <= (z | data & ~m) & ~rst;
    y <= (y | data & ~mode) & ~rst;
  end
endmodule
"""


def mapped(kind, folder):
    """Library, files of the netlist, and netlist of a MAC of 8 bits."""
    spec = ScalableMac(kind, 8, 2)
    gated = kind == "dvafs"
    library = open_library(small_liberty(folder, register=True, clock_gate=gated), folder)
    registers = "gated" if gated else "clocked"
    found = map_to_cells(scalable_text(spec)[0], spec.id, library, folder, registers=registers)
    return spec, library, found, Netlist(found.netlist, spec.id, gating=library.clock_gates(found.cells))


def held(spec, bits):
    mode, width = spec.mode_of(bits), (len(spec.precisions) - 1).bit_length()
    return {name: [value] for name, value in FIXED.items()} | {"in_mode": [mode >> bit & 1 for bit in range(width)]}


def moved(netlist, ports, found, late):
    """Pins of ``found`` that have another value in some of ``RUN`` cycles, ``late`` cycles after a reset."""
    rng, unit = random.Random(1), Clocked(netlist, LANES, {})
    output = {register.pin: register.output for register in netlist.registers}
    wrong = set()
    for cycle in range(RESET + RUN):
        words = {
            net: unit.ones * ports[name][bit] if name in ports else rng.getrandbits(LANES)
            for name, nets in netlist.inputs.items()
            for bit, net in enumerate(nets)
        }
        words |= dict.fromkeys(netlist.inputs["rst"], unit.ones * (cycle < RESET))
        unit.settle(unit.edge() | words)
        if cycle >= RESET + late:
            wrong |= {pin for pin, value in found.items() if unit.words[output[pin]] != unit.ones * value}
    return wrong


@pytest.mark.parametrize(("kind", "widths"), [("dg", (8, 4, 1)), ("dvafs", (8, 4, 2)), ("standard", (8,))])
def test_what_is_found_has_its_value_in_every_cycle(kind, widths, tmp_path):
    """The fewer bits the more of it with gating, the more lanes the less; most other registers do move."""
    spec, _, _, netlist = mapped(kind, tmp_path)
    counts = []
    for bits in widths:
        ports = {name: values for name, values in held(spec, bits).items() if name in netlist.inputs}
        found = constant_registers(netlist, ports, "rst")
        assert moved(netlist, ports, found, 3) == set()
        others = {register.pin: 0 for register in netlist.registers if register.pin not in found}
        assert len(moved(netlist, ports, others, 3)) > 0.7 * len(others)
        assert bits < 8 or len(moved(netlist, ports, others, 3)) == len(others)
        counts.append(len(found))
    assert counts == sorted(counts, reverse=kind == "dvafs")
    assert len(set(counts)) == len(counts)
    if kind == "dg":
        assert counts[1] - counts[0] == 8 + 8  # of four bits, the low eight of products and sums


def test_a_register_that_settles_after_the_reset_does_not_hold_others_before(tmp_path):
    """z is 1 as soon as data was 1 before m; y never is."""
    library = open_library(small_liberty(tmp_path, register=True), tmp_path)
    netlist = Netlist(map_to_cells(LATE, "late", library, tmp_path, registers="clocked").netlist, "late")
    names = {netlist.outputs[port][0]: port for port in netlist.outputs}
    pins = {register.pin: names[register.output] for register in netlist.registers}
    found = constant_registers(netlist, {"mode": [1]}, "rst")
    assert {pins[pin]: value for pin, value in found.items()} == {"m": 1, "y": 0}
    assert moved(netlist, {"mode": [1]}, found, 1) == set()
    assert moved(netlist, {"mode": [1]}, dict.fromkeys(pins, 0), 1) == {pin for pin in pins if pins[pin] != "y"}


def test_a_mode_that_changes_holds_nothing(tmp_path):
    spec, _, _, netlist = mapped("dg", tmp_path)
    loose = held(spec, 4) | {"in_mode": [None] * 3}
    assert constant_registers(netlist, loose, "rst") == constant_registers(netlist, held(spec, 8), "rst")


@pytest.mark.parametrize(("kind", "narrow"), [("dg", 4), ("dvafs", 2)])
def test_paths_are_shorter_in_a_narrow_mode(kind, narrow, tmp_path):
    spec, library, found, netlist = mapped(kind, tmp_path)
    delays = {}
    for bits in (8, narrow):
        ports = held(spec, bits)
        fixed = FIXED | {f"{{in_mode[{bit}]}}": value for bit, value in enumerate(ports["in_mode"])}
        still = constant_registers(netlist, ports, "rst")
        delays[bits] = critical_path(found, library, 100.0, tmp_path, "clk", fixed, still)
    assert 0 < delays[narrow] < delays[8]
