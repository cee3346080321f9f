"""A mapped netlist at speed: one Python integer a net holds its bit for every product, so that a gate costs a few
operations for all products together.

The netlist and the functions of its cells are what Yosys wrote as JSON (`axmac.gen.mapping`): the functions are Yosys'
reading of the Liberty file, and of its own generic gates where there is none.
"""

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axmac.model.spec import InputError

__all__ = ["Gate", "Netlist", "Words"]

Words = dict[int, int]
"""By net: an integer whose bit k is the net's value at product k. Nets 0 and 1 are the constants."""

_ZERO, _ONE = 0, 1
_INVERTED = {"$_NAND_": operator.and_, "$_NOR_": operator.or_, "$_XNOR_": operator.xor}
_PLAIN = {"$_AND_": operator.and_, "$_OR_": operator.or_, "$_XOR_": operator.xor}


@dataclass(frozen=True)
class Gate:
    """An output of a cell: ``pin`` is ``cell/pin``; ``steps`` compute it over slots: zero, all ones, the inputs, then
    one slot a step; each step is (operation, slot, slot) and ``result`` the slot of the output."""

    pin: str
    output: int
    inputs: tuple[int, ...]
    steps: tuple[tuple[Callable[[int, int], int], int, int], ...]
    result: int

    def value(self, words: Mapping[int, int], ones: int) -> int:
        """The output for the values of the nets."""
        slots = [0, ones, *[words[net] for net in self.inputs]]
        for operation, left, right in self.steps:
            slots.append(operation(slots[left], slots[right]))
        return slots[self.result]


class Netlist:
    """Combinational module ``top`` of a JSON of Yosys.

    ``inputs`` and ``outputs`` are the nets of each port, lowest bit first; ``gates`` stand in an order in which each
    reads only what is computed before it. Raises ``InputError`` for a cell without a function, with a register, or
    whose kind is unknown, for a net without a driver, and for a timing loop.
    """

    def __init__(self, path: Path, top: str) -> None:
        modules = json.loads(path.read_text(encoding="utf-8"))["modules"]
        self.name = top
        ports = modules[top]["ports"]
        self.inputs = {name: _nets(port["bits"]) for name, port in ports.items() if port["direction"] == "input"}
        self.outputs = {name: _nets(port["bits"]) for name, port in ports.items() if port["direction"] == "output"}
        functions: dict[str, dict[str, tuple]] = {}
        gates = []
        for name, cell in modules[top]["cells"].items():
            kind = cell["type"]
            if kind not in functions:
                functions[kind] = _functions(kind, modules)
            nets = {pin: _nets(bits)[0] for pin, bits in cell["connections"].items()}
            for pin, (inputs, steps, result) in functions[kind].items():
                if pin in nets:
                    gates.append(Gate(f"{name}/{pin}", nets[pin], tuple(nets[p] for p in inputs), steps, result))
        self.gates = self._ordered(gates)

    def settled(self, inputs: Mapping[str, list[int]], count: int) -> Words:
        """All nets for ``count`` products; ``inputs`` are the words of each port, lowest bit first."""
        ones = (1 << count) - 1
        words = {_ZERO: 0, _ONE: ones}
        for name, nets in self.inputs.items():
            words |= dict(zip(nets, inputs[name], strict=True))
        for gate in self.gates:
            words[gate.output] = gate.value(words, ones)
        return words

    def _ordered(self, gates: list[Gate]) -> list[Gate]:
        by_net = {gate.output: gate for gate in gates}
        readers: dict[int, list[Gate]] = {}
        waits = {}
        ready = []
        known = {_ZERO, _ONE, *(net for nets in self.inputs.values() for net in nets)}
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


def _nets(bits: list[int | str]) -> list[int]:
    """Yosys counts nets from 2 on; an undefined bit is taken as 0."""
    return [bit if isinstance(bit, int) else int(bit == "1") for bit in bits]


def _functions(kind: str, modules: Mapping[str, Any]) -> dict[str, tuple]:
    """By output pin of a kind of cell: names of its inputs, steps, and the slot of the result."""
    if kind.startswith("$"):
        return {"Y": _primitive(kind)}
    if kind not in modules:
        raise InputError(f"the library says no function of cell {kind}")
    module = modules[kind]
    inputs = [name for name, port in module["ports"].items() if port["direction"] == "input"]
    slots = {0: 0, 1: 1} | {_nets(module["ports"][name]["bits"])[0]: 2 + k for k, name in enumerate(inputs)}
    drivers = {cell["connections"]["Y"][0]: cell for cell in module["cells"].values() if "Y" in cell["connections"]}
    steps: list[tuple] = []

    def slot(net: int) -> int:
        if net not in slots:
            if net not in drivers:
                raise InputError(f"cell {kind} holds state or has no function: only gates are simulated")
            cell = drivers[net]
            names, inner, result = _primitive(cell["type"])
            places = {0: 0, 1: 1} | {2 + k: slot(_nets(cell["connections"][name])[0]) for k, name in enumerate(names)}
            for k, (operation, left, right) in enumerate(inner):
                places[2 + len(names) + k] = 2 + len(inputs) + len(steps)
                steps.append((operation, places[left], places[right]))
            slots[net] = places[result]
        return slots[net]

    results = {
        name: slot(_nets(port["bits"])[0]) for name, port in module["ports"].items() if port["direction"] == "output"
    }
    return {name: (inputs, tuple(steps), result) for name, result in results.items()}


def _primitive(kind: str) -> tuple[list[str], list[tuple], int]:
    """A generic gate of Yosys as inputs, steps and result; slot 1 is all ones."""
    if kind in _PLAIN:
        return ["A", "B"], [(_PLAIN[kind], 2, 3)], 4
    if kind in _INVERTED:
        return ["A", "B"], [(_INVERTED[kind], 2, 3), (operator.xor, 4, 1)], 5
    if kind == "$_NOT_":
        return ["A"], [(operator.xor, 2, 1)], 3
    if kind == "$_BUF_":
        return ["A"], [], 2
    if kind == "$_MUX_":  # S ? B : A
        return ["A", "B", "S"], [(operator.xor, 2, 3), (operator.and_, 5, 4), (operator.xor, 2, 6)], 7
    raise InputError(f"cell {kind} is no gate that is known here: only combinational netlists are simulated")
