"""Registers of a netlist that keep one value while some of its input ports do: those behind a mode, and what it gates.

Values are 0, 1, or None for unknown; a gate is known where all values of its unknown inputs give the same output.
"""

import itertools
from collections.abc import Mapping, Sequence

from axmac.sim.netlist import Gate, Netlist

__all__ = ["constant_registers"]

_Known = dict[int, int]
"""Values by net; nets that are not there are unknown."""


def constant_registers(netlist: Netlist, held: Mapping[str, Sequence[int | None]], reset: str) -> dict[str, int]:
    """By output pin the values of registers that never change again after a reset, while ports keep values.

    ``held``: by port its values, lowest bit first, None for a bit that changes; ports that are not there change. Found
    are registers whose next state is known from the ports and other such registers, and, by induction from the reset,
    those that stay 0 while all of them are 0. ``reset``: the port that makes registers 0 where it is 1. Not every
    constant register is found, but every one that is found is constant.
    """
    quiet = dict.fromkeys(netlist.inputs[reset], 0)
    ports = _ports(netlist, held) | quiet
    settled: _Known = {}
    while True:
        values = _values(netlist, ports | settled)
        new = {
            register.output: state
            for register in netlist.registers
            if register.output not in settled
            and values.get(register.enable) == 1
            and (state := _state(register, values)) is not None
        }
        if not new:
            break
        settled |= new
    in_reset = _values(netlist, ports | dict.fromkeys(quiet, 1))
    zero = {
        register.output
        for register in netlist.registers
        if register.output not in settled and in_reset.get(register.enable) == 1 and _state(register, in_reset) == 0
    }
    while True:
        values = _values(netlist, ports | settled | dict.fromkeys(zero, 0))
        moved = {
            register.output
            for register in netlist.registers
            if register.output in zero and values.get(register.enable) != 0 and _state(register, values) != 0
        }
        if not moved:
            break
        zero -= moved
    found = settled | dict.fromkeys(zero, 0)
    return {register.pin: found[register.output] for register in netlist.registers if register.output in found}


def _ports(netlist: Netlist, held: Mapping[str, Sequence[int | None]]) -> _Known:
    pairs = (
        (net, value) for name, values in held.items() for net, value in zip(netlist.inputs[name], values, strict=True)
    )
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
