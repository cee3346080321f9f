"""Data paths as levels of blocks that are connected by the names of their ports."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from amaranth.hdl import Instance, Module, Signal, Value, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In

__all__ = ["Copies", "Hierarchy", "Level", "Values", "add_block", "chain", "comb_level"]

Level = dict[str, wiring.Component]
"""Named blocks without clock. A block reads inputs, results of earlier levels, and results of blocks before it."""

Values = dict[str, ValueLike]
"""The values of a data path by port name; every name is produced once."""


class Hierarchy(Protocol):
    """What `axmac.gen` passes as the platform of an elaboration to get one Verilog module per distinct block."""

    def instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """An instance of the module of ``block`` with its inputs and outputs connected as given."""


def add_block(m: Module, hierarchy: Hierarchy | None, name: str, block: wiring.Component, inputs: Values) -> Values:
    """Make ``block`` a submodule of ``m`` and connect its inputs; by way of ``hierarchy`` where there is one.

    Returns the values of its outputs.
    """
    connected, outputs = _connections(m, name, block, inputs)
    if hierarchy is None:
        m.submodules[name] = block
        m.d.comb += [getattr(block, port).eq(value) for port, value in connected.items()]
    else:
        m.submodules[name] = hierarchy.instance(block, connected, outputs)
    return outputs


class Copies:
    """Many instances of one block, which ``make`` constructs: elaborated once where there is a hierarchy."""

    def __init__(self, make: Callable[[], wiring.Component]) -> None:
        self._make = make
        self._block: wiring.Component | None = None

    def add(self, m: Module, hierarchy: Hierarchy | None, name: str, inputs: Values) -> Values:
        """One more instance; like `add_block`."""
        if hierarchy is None:
            return add_block(m, None, name, self._make(), inputs)
        self._block = self._block or self._make()
        connected, outputs = _connections(m, name, self._block, inputs)
        outputs = {port: Signal.like(value, name=f"{name}_{port}") for port, value in outputs.items()}
        m.submodules[name] = hierarchy.instance(self._block, connected, outputs)
        return outputs


def _connections(m: Module, name: str, block: wiring.Component, inputs: Values) -> tuple[Values, Values]:
    """What goes into ``block``, cut or extended to the width of its port, and the signals of its outputs."""
    ports = block.signature.members
    connected = {port: inputs[port] for port in ports if ports[port].flow == In}
    for port, value in connected.items():
        if len(Value.cast(value)) != len(Value.cast(getattr(block, port))):
            connected[port] = Signal.like(getattr(block, port), name=f"{name}_{port}")
            m.d.comb += connected[port].eq(value)
    return connected, {port: getattr(block, port) for port in ports if port not in connected}


def comb_level(_index: int, values: Values) -> Values:
    """What stands between two levels of a combinational data path: nothing."""
    return values


def chain(
    m: Module,
    hierarchy: Hierarchy | None,
    levels: Sequence[Level],
    inputs: Values,
    outputs: Collection[str],
    after_level: Callable[[int, Values], Values],
) -> Values:
    """Put the blocks of all levels into ``m`` and connect every input port to the value of its name.

    ``after_level(index, values)`` gets the values that later levels or ``outputs`` still read, and returns what they
    read instead: the same values, or registers that hold them. The result holds ``outputs``.
    """
    values = dict(inputs)
    for index, level in enumerate(levels):
        for name, block in level.items():
            values |= add_block(m, hierarchy, name, block, values)
        live = _read_by(levels[index + 1 :]) | set(outputs)
        values = after_level(index, {name: value for name, value in values.items() if name in live})
    return values


def _read_by(levels: Sequence[Level]) -> set[str]:
    members = (block.signature.members for level in levels for block in level.values())
    return {port for ports in members for port in ports if ports[port].flow == In}
