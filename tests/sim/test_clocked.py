"""Netlists with registers by clock cycles: states and transitions against hand counts."""

import json
import random

from axmac.sim.clocked import Clocked
from axmac.sim.netlist import Netlist
from axmac.sim.transitions import STEP

DFF = {
    "ports": {
        "clk": {"direction": "input", "bits": [2]},
        "d": {"direction": "input", "bits": [3]},
        "q": {"direction": "output", "bits": [4]},
    },
    "cells": {"ff": {"type": "$_DFF_P_", "connections": {"C": [2], "D": [3], "Q": [4]}}},
}
PART = {"ports": {"x": {"direction": "input", "bits": [2]}, "y": {"direction": "output", "bits": [3]}}, "cells": {}}


def netlist(folder, inputs, outputs, cells, part=""):
    ports = {name: {"direction": "input", "bits": [net]} for name, net in inputs.items()}
    ports |= {name: {"direction": "output", "bits": [net]} for name, net in outputs.items()}
    made = {
        name: {"type": kind, "connections": {pin: [net] for pin, net in pins.items()}}
        for name, (kind, pins) in cells.items()
    }
    path = folder / "top.json"
    modules = {"top": {"ports": ports, "cells": made}, "dff": DFF, "part": PART}
    path.write_text(json.dumps({"modules": modules}), encoding="utf-8")
    return Netlist(path, "top", part)


def counter(folder):
    """Two bits that count up: low' = !low, high' = high ^ low."""
    cells = {
        "low": ("dff", {"clk": 2, "d": 5, "q": 3}),
        "high": ("dff", {"clk": 2, "d": 6, "q": 4}),
        "not": ("$_NOT_", {"A": 3, "Y": 5}),
        "xor": ("$_XOR_", {"A": 3, "B": 4, "Y": 6}),
    }
    return netlist(folder, {"clk": 2}, {"l": 3, "h": 4}, cells)


def test_a_counter_counts_and_its_transitions_are_those_of_a_counter(tmp_path):
    """Per cycle: low and its inverse change always, high every second time; the XOR is 0 1 1 0, with a pulse where both
    of its inputs change, since high comes later than low."""
    delays = {"low/q": 2 * STEP, "high/q": 4 * STEP, "xor/Y": STEP, "not/Y": STEP}
    made = Clocked(counter(tmp_path), 3, delays)
    states = []
    for _ in range(8):
        made.settle(made.edge(), counted=True)
        states.append((made.words[4] & 1) * 2 + (made.words[3] & 1))
    assert states == [1, 2, 3, 0] * 2
    assert made.words[3] in (0, 0b111)  # the lanes are the same
    found = made.per_cycle()
    assert found == {"clk[0]": 0.0, "low/q": 1.0, "high/q": 0.5, "not/Y": 1.0, "xor/Y": 0.5 + 2 * 0.5}
    assert made.glitches == 1 - (1 + 0.5 + 1 + 0.5) / (1 + 0.5 + 1 + 1.5)


def test_counted_and_plain_cycles_settle_alike(tmp_path):
    rng = random.Random(2)
    lanes, inputs = 70, {f"i{k}": 10 + k for k in range(4)}
    nets, cells = list(inputs.values()), {}
    for k in range(12):
        left, right = rng.sample(nets[-8:], 2)
        cells[f"g{k}"] = (rng.choice(["$_AND_", "$_XOR_", "$_NAND_", "$_OR_"]), {"A": left, "B": right, "Y": 100 + k})
        nets.append(100 + k)
        if k % 3 == 0:
            cells[f"r{k}"] = ("dff", {"clk": 2, "d": 100 + k, "q": 200 + k})
            nets.append(200 + k)
    top = netlist(tmp_path, inputs | {"clk": 2}, {"y": nets[-1]}, cells)
    delays = {f"g{k}/Y": rng.randrange(1, 9) * STEP for k in range(12)}
    quick, slow = (Clocked(top, lanes, delays) for _ in range(2))
    for _ in range(25):
        ports = {net: rng.getrandbits(lanes) for net in inputs.values()}
        quick.settle(quick.edge() | ports)
        slow.settle(slow.edge() | ports, counted=True)
        assert quick.words == slow.words
    assert (quick.cycles, slow.cycles) == (0, 25)
    assert sum(slow.per_cycle().values()) > 5


def test_outputs_of_parts_are_set_from_outside(tmp_path):
    cells = {"p": ("part", {"x": 5, "y": 6}), "n": ("$_NOT_", {"A": 6, "Y": 7}), "m": ("$_NOT_", {"A": 3, "Y": 5})}
    top = netlist(tmp_path, {"a": 3}, {"z": 7}, cells, part="part")
    assert (top.part_outputs, top.parts) == (["y"], {"p": {"x": [5], "y": [6]}})
    made = Clocked(top, 2, {})
    made.settle({3: 0b01, 6: 0b10}, counted=True)
    assert (made.words[5], made.words[7]) == (0b10, 0b01)
    assert made.per_cycle() == {"a[0]": 0.5, "p/y[0]": 0.5, "n/Y": 0.5, "m/Y": 0.5}
