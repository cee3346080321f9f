"""Netlists by words: gates against truth tables, transitions against hand counts and against Icarus."""

import json
import random
import re
import subprocess

import pytest

from axmac.model.spec import InputError
from axmac.sim.netlist import Netlist
from axmac.sim.transitions import STEP, count_transitions, read_delays

VERILOG = {"$_AND_": "and", "$_OR_": "or", "$_XOR_": "xor", "$_NAND_": "nand", "$_NOR_": "nor", "$_XNOR_": "xnor"}


def gate(kind, output, *inputs):
    pins = dict(zip("ABS", inputs, strict=False)) | {"Y": output}
    return {"type": kind, "connections": {pin: [net] for pin, net in pins.items()}}


def written(folder, inputs, outputs, cells, **modules):
    """A netlist file with one-bit ports, from {name: net}."""
    ports = {name: {"direction": "input", "bits": [net]} for name, net in inputs.items()}
    ports |= {name: {"direction": "output", "bits": [net]} for name, net in outputs.items()}
    path = folder / "top.json"
    path.write_text(json.dumps({"modules": {"top": {"ports": ports, "cells": cells}, **modules}}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        *(("$_AND_", "0001"), ("$_OR_", "0111"), ("$_XOR_", "0110")),
        *(("$_NAND_", "1110"), ("$_NOR_", "1000"), ("$_XNOR_", "1001")),
        ("$_MUX_", "00110101"),
    ],
)
def test_gates_by_their_truth_tables(kind, table, tmp_path):
    """Rows A B = 00 01 10 11; of the multiplexer S A B = 000 .. 111, where S chooses B."""
    names = "SAB" if kind == "$_MUX_" else "AB"
    count = len(table)
    words = {
        name: [sum((row >> (len(names) - 1 - place) & 1) << row for row in range(count))]
        for place, name in enumerate(names)
    }
    nets = {name: 2 + place for place, name in enumerate(names)}
    order = [nets[name] for name in "ABS" if name in nets]
    netlist = Netlist(written(tmp_path, nets, {"y": 9}, {"g": gate(kind, 9, *order)}), "top")
    found = netlist.settled(words, count)[9]
    assert "".join(str(found >> row & 1) for row in range(count)) == table


def test_functions_of_library_cells_come_with_the_file(tmp_path):
    """y = !((a1 & a2) | b1) as gates of a module of its own."""
    inner = {"and": gate("$_AND_", 6, 2, 3), "or": gate("$_OR_", 7, 6, 4), "not": gate("$_NOT_", 5, 7)}
    pins = {name: {"direction": "input", "bits": [2 + k]} for k, name in enumerate(("A1", "A2", "B1"))}
    cell = {"ports": pins | {"Y": {"direction": "output", "bits": [5]}}, "cells": inner}
    use = {"type": "a21oi", "connections": {"A1": [2], "A2": ["1"], "B1": [3], "Y": [9]}}
    netlist = Netlist(written(tmp_path, {"a": 2, "b": 3}, {"y": 9}, {"u": use}, a21oi=cell), "top")
    assert netlist.settled({"a": [0b0101], "b": [0b0011]}, 4)[9] == 0b1000
    assert [found.pin for found in netlist.gates] == ["u/Y"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"g": gate("$_AND_", 9, 2, 8), "h": gate("$_NOT_", 8, 9)}, "timing loop"),
        ({"g": gate("$_AND_", 9, 2, 8)}, "no driver"),
        ({"g": gate("$_DFF_P_", 9, 2, 3)}, "only gates and registers"),
        ({"g": gate("nand3", 9, 2, 3)}, "no function of cell nand3"),
    ],
)
def test_a_line_for_each_netlist_that_cannot_be_simulated(cells, said, tmp_path):
    with pytest.raises(InputError, match=said):
        Netlist(written(tmp_path, {"a": 2, "b": 3}, {"y": 9}, cells), "top")


def late_xor(folder):
    """y = a ^ !a', where a' is a after an inverter: settled it is always 1, every change of a makes a pulse."""
    cells = {"n": gate("$_NOT_", 8, 2), "x": gate("$_XOR_", 9, 2, 8)}
    return Netlist(written(folder, {"a": 2}, {"y": 9}, cells), "top")


@pytest.mark.parametrize(("slow", "pulses"), [(4, 2), (1, 0)], ids=["seen", "too short"])
def test_a_glitch_is_two_transitions_unless_it_is_shorter_than_the_gate(slow, pulses, tmp_path):
    delays = {"n/Y": slow * STEP, "x/Y": 2 * STEP}
    found = count_transitions(late_xor(tmp_path), {"a": [0b0101]}, 4, delays)
    assert found.per_product == {"n/Y": 1.0, "x/Y": float(pulses), "a[0]": 1.0}
    assert found.duty == {"n/Y": 0.5, "x/Y": 1.0, "a[0]": 0.5}
    assert found.glitches == (pulses / (2 + pulses))


def test_nothing_moves_where_the_operands_are_constant(tmp_path):
    found = count_transitions(late_xor(tmp_path), {"a": [0b1111]}, 4, {})
    assert set(found.per_product.values()) == {0.0}
    assert found.glitches == 0.0


def test_transitions_are_those_of_icarus(tmp_path):
    """A net of 60 gates with delays that are powers of two apart from one another, on 300 patterns."""
    rng = random.Random(3)
    inputs = {f"i{k}": 2 + k for k in range(8)}
    nets, cells, delays, lines = list(inputs.values()), {}, {}, []
    for k in range(60):
        kind, output = rng.choice(sorted(VERILOG)), 100 + k
        left, right = rng.sample(nets[-20:], 2)
        steps = rng.randrange(1, 4000)  # so many different times that no two events meet
        cells[f"g{k}"] = gate(kind, output, left, right)
        delays[f"g{k}/Y"] = steps * STEP
        lines.append(f"  {VERILOG[kind]} #{steps} g{k}(n{output}, n{left}, n{right});")
        nets.append(output)
    count = 300
    words = {name: rng.getrandbits(count) for name in inputs}
    netlist = Netlist(written(tmp_path, inputs, {"y": nets[-1]}, cells), "top")
    found = count_transitions(netlist, {name: [word] for name, word in words.items()}, count, delays)
    counters = "".join(f"  integer c{k} = 0; always @(n{100 + k}) if (on) c{k} = c{k} + 1;\n" for k in range(60))
    patterns = "".join(
        "    {" + ", ".join(f"n{net}" for net in inputs.values()) + "} = 8'b"
        f"{''.join(str(words[name] >> k & 1) for name in inputs)}; #1000000;{' on = 1;' * (k == 0)}\n"
        for k in range(count)
    )
    text = f"""`timescale 1ns/1ns
module bench; reg on = 0; reg {", ".join(f"n{net}" for net in inputs.values())};
{chr(10).join(f"  wire n{100 + k};" for k in range(60))}
{chr(10).join(lines)}
{counters}  initial begin
{patterns}{"".join(f'    $display("g{k} %0d", c{k});{chr(10)}' for k in range(60))}    $finish; end
endmodule
"""
    (tmp_path / "bench.v").write_text(text, encoding="utf-8")
    subprocess.run(["iverilog", "-g2012", "-o", "bench", "bench.v"], cwd=tmp_path, check=True)
    done = subprocess.run(["vvp", "bench"], cwd=tmp_path, capture_output=True, text=True, check=True)
    counted = {name: int(number) for name, number in re.findall(r"^(g\d+) (\d+)$", done.stdout, re.MULTILINE)}
    assert len(counted) == 60
    assert {name: round(found.per_product[f"{name}/Y"] * (count - 1)) for name in counted} == counted
    assert sum(counted.values()) > 60 * 100


def test_delays_of_an_sdf_file(tmp_path):
    path = tmp_path / "cells.sdf"
    path.write_text(
        '(CELL (CELLTYPE "top") (INSTANCE) (DELAY (ABSOLUTE (INTERCONNECT a g1/A (9::9) (9::9)))))\n'
        '(CELL (CELLTYPE "nand2") (INSTANCE g1) (DELAY (ABSOLUTE\n (IOPATH A Y (0.1::0.3) (0.2::0.2))\n'
        " (IOPATH B Y (0.4::0.4) (0.6::0.6))\n)))\n"
        '(CELL (CELLTYPE "inv") (INSTANCE g2) (DELAY (ABSOLUTE\n (IOPATH A Y (0.05::0.05))\n)))\n'
    )
    assert read_delays(path) == {"g1/Y": pytest.approx(0.35), "g2/Y": pytest.approx(0.05)}
