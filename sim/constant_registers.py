"""Registers of a netlist that keep one value while some of its input ports do: those behind a mode, and what it gates.

A value is 0, 1, or unknown; a gate is known where all values of its unknown inputs give the same output.
"""

import itertools
from collections.abc import Mapping, Sequence

from axmac.sim.netlist import Gate, Netlist

__all__ = ["constant_registers"]

_MOST_LATE = 4
"""Registers that settle later, up to which both of their values are tried; more of them are unknown."""

_Known = dict[int, int]
"""Values by net; nets that are not there are unknown."""


def constant_registers(netlist: Netlist, held: Mapping[str, Sequence[int | None]], reset: str) -> dict[str, int]:
    """By output pin the values of registers that end up never changing while ports keep values since a long reset.

    ``held``: by port its values, lowest bit first, None for a bit that changes; ports that are not there change.
    ``reset``: the port of the reset, which makes registers known where it is 1. First, by induction from there: the
    largest set of registers that keep their values of the reset as long as all of them do, whatever those that settle
    later, such as valid bits, are by then. Then those whose next state is known from ports and from registers already
    found, until there are no more. Not every constant register is found, but every one that is found is constant.
    """
    ports = _ports(netlist, held)
    running, resetting = (ports | dict.fromkeys(netlist.inputs[reset], value) for value in (0, 1))
    found, end = _settled(netlist, resetting, {}), _settled(netlist, running, {})
    while True:
        late = [net for net, value in end.items() if found.get(net) != value]
        cases = itertools.product((0, 1), repeat=len(late) if len(late) <= _MOST_LATE else 0)
        moved: set[int] = set()
        for case in cases:
            values = _values(netlist, running | found | dict(zip(late, case, strict=False)))
            moved |= {
                register.output
                for register in netlist.registers
                if register.output in found
                and values.get(register.enable) != 0
                and _state(register, values) != found[register.output]
            }
        if not moved:
            break
        found = {net: value for net, value in found.items() if net not in moved}
    found = _settled(netlist, running, found)
    return {register.pin: found[register.output] for register in netlist.registers if register.output in found}


def _settled(netlist: Netlist, ports: _Known, found: _Known) -> _Known:
    """``found`` and all registers that take known values by and by, from ports and from each other."""
    while True:
        values = _values(netlist, ports | found)
        new = {
            register.output: state
            for register in netlist.registers
            if register.output not in found
            and values.get(register.enable) == 1
            and (state := _state(register, values)) is not None
        }
        if not new:
            return found
        found = found | new


def _ports(netlist: Netlist, held: Mapping[str, Sequence[int | None]]) -> _Known:
    pairs = (pair for name, values in held.items() for pair in zip(netlist.inputs[name], values, strict=True))
    return {net: value for net, value in pairs if value is not None}


def _values(netlist: Netlist, known: _Known) -> _Known:
    """All nets that are known, from ports and registers."""
    values = {0: 0, 1: 1} | known
    for gate in netlist.gates:
        value = _state(gate, values)
        if value is not None:
            values[gate.output] = value
    return values


def _state(gate: Gate, values: _Known) -> int | None:
    """What a gate gives, or a register takes, where the known inputs decide that."""
    unknown = [net for net in dict.fromkeys(gate.inputs) if net not in values]
    given = {net: values[net] for net in gate.inputs if net in values}
    found = {
        gate.value(given | dict(zip(unknown, bits, strict=True)), 1) & 1
        for bits in itertools.product((0, 1), repeat=len(unknown))
    }
    return found.pop() if len(found) == 1 else None
