"""Registers onto cells: all of them clocked, or those with an enable behind a clock gate; the same values both ways."""

import pytest
from small_library import small_liberty

from axmac.gen.liberty import open_library
from axmac.gen.mapping import map_to_cells
from axmac.sim.clocked import Clocked
from axmac.sim.netlist import Netlist

COUNTER = """
module counter(clk, rst, enable, count, ticks);
  input clk, rst, enable;
  output reg [4:0] count;
  output reg [1:0] ticks;
  always @(posedge clk) begin
    ticks <= rst ? 0 : ticks + 1;
    if (rst) count <= 0;
    else if (enable) count <= count + 1;
  end
endmodule
"""


def mapped(folder, registers):
    library = open_library(small_liberty(folder, register=True, clock_gate=True), folder)
    found = map_to_cells(COUNTER, "counter", library, folder, registers=registers)
    gating = library.clock_gates(found.cells)
    return found, gating, Netlist(found.netlist, "counter", gating=gating)


def values(netlist, enables):
    """Count and ticks after each cycle, in two lanes of which the second is never enabled; the enables per cycle."""
    made = Clocked(netlist, 2, {})
    seen = []
    for cycle, enable in enumerate([0, *enables]):
        ports = {netlist.inputs["rst"][0]: 0b11 * (cycle == 0), netlist.inputs["enable"][0]: enable}
        made.settle(made.edge() | {netlist.inputs["clk"][0]: 0} | ports, counted=cycle > 0)
        lanes = [
            sum((made.words[net] >> lane & 1) << bit for bit, net in enumerate(netlist.outputs[name]))
            for name in ("count", "ticks")
            for lane in (0, 1)
        ]
        seen.append(lanes)
    return seen, made.per_cycle()


@pytest.mark.parametrize(("registers", "gates"), [("clocked", 0), ("gated", 1)])
def test_a_counter_counts_where_it_is_enabled(tmp_path, registers, gates):
    """Inputs set in a cycle act at the next edge: the reset of the first one, then the enables."""
    found, gating, netlist = mapped(tmp_path, registers)
    assert gating == ({"icg": ("en", "clk", "gclk")} if gates else {})
    assert (len(netlist.registers), len(netlist.clock_gates)) == (7, gates)
    assert found.cells.get("icg", 0) == gates
    seen, activity = values(netlist, [1, 1, 0, 1, 0, 0, 0])
    assert [one[0] for one in seen[1:]] == [0, 1, 2, 2, 3, 3, 3]
    assert [one[1] for one in seen[1:]] == [0] * 7
    assert [one[2] for one in seen[1:]] == [one[3] for one in seen[1:]] == [0, 1, 2, 3, 0, 1, 2]
    if gates:  # of 7 cycles and 2 lanes: the reset's edge in both lanes, and three enabled ones
        (pin,) = (gate.pin for gate in netlist.clock_gates)
        assert activity[pin] == pytest.approx(2 * (2 + 3) / 14)


def test_a_module_without_registers_is_mapped_as_before(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    found = map_to_cells("module m(input a, b, output p); assign p = a & b; endmodule", "m", library, tmp_path)
    assert set(found.cells) <= {"nand2", "inv", "nor2", "buf"}
    assert library.clock_gates(found.cells) == {}
