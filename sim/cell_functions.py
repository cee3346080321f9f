"""What the cells of a netlist compute: steps of bitwise operations, from the functions that Yosys read in Liberty.

Steps compute over slots: zero, all ones, the inputs, then one slot a step; each is (operation, slot, slot).
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from axmac.model.spec import InputError

__all__ = ["CellFunction", "Steps", "cell_functions", "nets_of"]

Steps = tuple[tuple[Callable[[int, int], int], int, int], ...]

_INVERTED = {"$_NAND_": operator.and_, "$_NOR_": operator.or_, "$_XNOR_": operator.xor}
_PLAIN = {"$_AND_": operator.and_, "$_OR_": operator.or_, "$_XOR_": operator.xor}
_REGISTER = "$_DFF_P_"


@dataclass(frozen=True)
class CellFunction:
    """An output pin: names of the pins it depends on, steps, and the slot of the result.

    Of a register, which has a ``clock`` pin, the result is its next state, and the output pin itself is among the
    inputs.
    """

    inputs: tuple[str, ...]
    steps: Steps
    result: int
    clock: str = ""


def cell_functions(kind: str, modules: Mapping[str, Any]) -> dict[str, CellFunction]:
    """By output pin what a kind of cell computes, of generic gates and of modules that hold the functions of cells.

    A register is clocked by the rising edge of an input pin; pins of its inverted state are left out.
    Raises ``InputError`` for a kind that is unknown, and for cells with latches, resets or other state.
    """
    if kind.startswith("$"):
        return {"Y": _primitive(kind)}
    if kind not in modules:
        raise InputError(f"the library says no function of cell {kind}")
    module = modules[kind]
    ports = module["ports"]
    cells = module["cells"].values()
    states = {nets_of(cell["connections"]["Q"])[0]: cell for cell in cells if cell["type"] == _REGISTER}
    outputs = {name: nets_of(port["bits"])[0] for name, port in ports.items() if port["direction"] == "output"}
    if not states:
        return {name: _function(kind, module, net) for name, net in outputs.items()}
    clocked = {name: net for name, net in outputs.items() if net in states}
    if not clocked:
        raise InputError(f"cell {kind}: no output is its state: only registers with an output Q are simulated")
    return {name: _next_state(kind, module, name, states[net]) for name, net in clocked.items()}


def nets_of(bits: list[int | str]) -> list[int]:
    """Yosys counts nets from 2 on; an undefined bit is taken as 0."""
    return [bit if isinstance(bit, int) else int(bit == "1") for bit in bits]


def _next_state(kind: str, module: Mapping[str, Any], output: str, register: Mapping[str, Any]) -> CellFunction:
    """The register's D as a function of the input pins and of its own output."""
    ports = module["ports"]
    clock = nets_of(register["connections"]["C"])[0]
    pins = [name for name, port in ports.items() if port["direction"] == "input" and nets_of(port["bits"])[0] == clock]
    if not pins:
        raise InputError(f"cell {kind}: its clock is no input pin: only registers of a rising edge are simulated")
    return _function(kind, module, nets_of(register["connections"]["D"])[0], pins[0], output)


def _function(kind: str, module: Mapping[str, Any], net: int, clock: str = "", state: str = "") -> CellFunction:
    """Net ``net`` of a cell's module as a function of its input pins but ``clock``, and of ``state`` where given."""
    ports = module["ports"]
    inputs = [name for name, port in ports.items() if port["direction"] == "input" and name != clock]
    inputs += [state] if state else []
    slots = {0: 0, 1: 1} | {nets_of(ports[name]["bits"])[0]: 2 + k for k, name in enumerate(inputs)}
    drivers = {cell["connections"]["Y"][0]: cell for cell in module["cells"].values() if "Y" in cell["connections"]}
    steps: list[tuple] = []

    def slot(wanted: int) -> int:
        if wanted not in slots:
            if wanted not in drivers:
                raise InputError(f"cell {kind} holds state or has no function: only gates and registers are simulated")
            cell = drivers[wanted]
            inner = _primitive(cell["type"])
            places = {0: 0, 1: 1}
            places |= {2 + k: slot(nets_of(cell["connections"][name])[0]) for k, name in enumerate(inner.inputs)}
            for k, (operation, left, right) in enumerate(inner.steps):
                places[2 + len(inner.inputs) + k] = 2 + len(inputs) + len(steps)
                steps.append((operation, places[left], places[right]))
            slots[wanted] = places[inner.result]
        return slots[wanted]

    result = slot(net)
    return CellFunction(tuple(inputs), tuple(steps), result, clock)


def _primitive(kind: str) -> CellFunction:
    """A generic gate of Yosys; slot 1 is all ones."""
    if kind in _PLAIN:
        return CellFunction(("A", "B"), ((_PLAIN[kind], 2, 3),), 4)
    if kind in _INVERTED:
        return CellFunction(("A", "B"), ((_INVERTED[kind], 2, 3), (operator.xor, 4, 1)), 5)
    if kind == "$_NOT_":
        return CellFunction(("A",), ((operator.xor, 2, 1),), 3)
    if kind == "$_BUF_":
        return CellFunction(("A",), (), 2)
    if kind == "$_MUX_":  # S ? B : A
        return CellFunction(("A", "B", "S"), ((operator.xor, 2, 3), (operator.and_, 5, 4), (operator.xor, 2, 6)), 7)
    raise InputError(f"cell {kind} is no gate that is known here: only gates and registers of a library are simulated")
