"""A mapped netlist at speed: one Python integer a net holds its bit for every product, so that a gate costs a few
operations for all products together.

The netlist and the functions of its cells are what Yosys wrote as JSON (`axmac.gen.mapping`): the functions are Yosys'
reading of the Liberty file, and of its own generic gates where there is none.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from axmac.model.spec import InputError
from axmac.sim.cell_functions import CellFunction, Steps, cell_functions, nets_of

__all__ = ["ClockGate", "Gate", "Netlist", "Words"]

Words = dict[int, int]
"""By net: an integer whose bit k is the net's value at product k. Nets 0 and 1 are the constants."""

_ZERO, _ONE = 0, 1


@dataclass(frozen=True)
class Gate:
    """An output of a cell: ``pin`` is ``cell/pin``; ``steps`` compute it over slots: zero, all ones, the inputs, then
    one slot a step; each step is (operation, slot, slot) and ``result`` the slot of the output. A register keeps its
    value where the net ``enable`` is 0."""

    pin: str
    output: int
    inputs: tuple[int, ...]
    steps: Steps
    result: int
    enable: int = _ONE

    def value(self, words: Mapping[int, int], ones: int) -> int:
        """The output for the values of the nets."""
        slots = [0, ones, *[words[net] for net in self.inputs]]
        for operation, left, right in self.steps:
            slots.append(operation(slots[left], slots[right]))
        return slots[self.result]


@dataclass(frozen=True)
class ClockGate:
    """``pin``, ``cell/pin``, is the gated clock: it has an edge where net ``enable`` is 1 before that of the clock."""

    pin: str
    enable: int


class Netlist:
    """Module ``top`` of a JSON of Yosys.

    ``inputs`` and ``outputs`` are the nets of each port, lowest bit first; ``gates`` stand in an order in which each
    reads only what is computed before it. ``registers`` are gates whose value is the next state of their output; all
    are taken to have one clock. ``parts``: by name the nets of each port of the instances of the module ``part``, which
    are not looked into; ``part_outputs`` are its outputs. ``clock_gates`` are the cells of the kinds ``gating``, whose
    pins for enable, clock and gated clock that says. Raises ``InputError`` for a cell without a function, with
    state that is no register, or whose kind is unknown, for a net without a driver, and for a timing loop.
    """

    def __init__(
        self, path: Path, top: str, part: str = "", gating: Mapping[str, tuple[str, str, str]] | None = None
    ) -> None:
        gating = gating or {}
        modules = json.loads(path.read_text(encoding="utf-8"))["modules"]
        self.name = top
        ports = modules[top]["ports"]
        self.inputs = {name: nets_of(port["bits"]) for name, port in ports.items() if port["direction"] == "input"}
        self.outputs = {name: nets_of(port["bits"]) for name, port in ports.items() if port["direction"] == "output"}
        self.parts: dict[str, dict[str, list[int]]] = {}
        functions: dict[str, dict[str, CellFunction]] = {}
        gates, registers = [], []
        cells = modules[top]["cells"]
        gated = {}
        for name, cell in cells.items():
            if cell["type"] in gating:
                enable, _, out = (nets_of(cell["connections"][pin])[0] for pin in gating[cell["type"]])
                gated[out] = ClockGate(f"{name}/{gating[cell['type']][2]}", enable)
        self.clock_gates = list(gated.values())
        for name, cell in cells.items():
            kind = cell["type"]
            if kind == part:
                self.parts[name] = {port: nets_of(bits) for port, bits in cell["connections"].items()}
            if kind == part or kind in gating:
                continue
            if kind not in functions:
                functions[kind] = cell_functions(kind, modules)
            nets = {pin: nets_of(bits)[0] for pin, bits in cell["connections"].items() if bits}
            for pin, found in functions[kind].items():
                if pin in nets:
                    inputs = tuple(nets[name] for name in found.inputs)
                    gate = Gate(f"{name}/{pin}", nets[pin], inputs, found.steps, found.result)
                    if found.clock and nets[found.clock] in gated:
                        gate = replace(gate, enable=gated[nets[found.clock]].enable)
                    (registers if found.clock else gates).append(gate)
        self.registers = registers
        ports = modules[part]["ports"] if part else {}
        self.part_outputs = [name for name, port in ports.items() if port["direction"] == "output"]
        driven = [net for nets in self.parts.values() for port in self.part_outputs for net in nets.get(port, ())]
        self.gates = self._ordered(gates, driven)

    def settled(self, inputs: Mapping[str, list[int]], count: int) -> Words:
        """All nets for ``count`` products; ``inputs`` are the words of each port, lowest bit first."""
        ones = (1 << count) - 1
        words = {_ZERO: 0, _ONE: ones}
        for name, nets in self.inputs.items():
            words |= dict(zip(nets, inputs[name], strict=True))
        for gate in self.gates:
            words[gate.output] = gate.value(words, ones)
        return words

    def _ordered(self, gates: list[Gate], known: Collection[int]) -> list[Gate]:
        by_net = {gate.output: gate for gate in gates}
        readers: dict[int, list[Gate]] = {}
        waits = {}
        ready = []
        known = {_ZERO, _ONE, *known, *(net for nets in self.inputs.values() for net in nets)}
        known |= {register.output for register in self.registers}
        for gate in gates:
            unknown = {net for net in gate.inputs if net not in known}
            if lost := [net for net in unknown if net not in by_net]:
                raise InputError(f"{self.name}: net {lost[0]} before {gate.pin} has no driver")
            waits[gate.pin] = len(unknown)
            for net in unknown:
                readers.setdefault(net, []).append(gate)
            if not unknown:
                ready.append(gate)
        ordered = []
        while ready:
            gate = ready.pop()
            ordered.append(gate)
            for reader in readers.get(gate.output, ()):
                waits[reader.pin] -= 1
                if waits[reader.pin] == 0:
                    ready.append(reader)
        if len(ordered) < len(gates):
            stuck = next(gate for gate in gates if waits[gate.pin])
            raise InputError(f"{self.name}: has a timing loop, which {stuck.pin} is on or behind")
        return ordered
