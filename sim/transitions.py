"""Transitions of every net of a netlist, glitches included, as a gate-level simulator with SDF delays counts them.

Each cell output has one delay: the mean of the rise and fall delays of its arcs in the SDF file, rounded to `STEP`. A
change that is taken back before the delay is over does not appear (inertial delay, as Verilog's gates have it). All
products are simulated at once: product k begins from the settled state of product k - 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from axmac.sim.netlist import Gate, Netlist, Words

__all__ = ["STEP", "Transitions", "count_transitions", "read_delays"]

STEP = 0.025
"""Step of time in ns."""

_INSTANCE = re.compile(r"\(INSTANCE ([^)\s]+)\)(.*?)(?=\(INSTANCE|\Z)", re.DOTALL)
_PATH = re.compile(r"\(IOPATH \S+ (\S+) \(([^)]*)\)(?: \(([^)]*)\))?\)")


@dataclass(frozen=True)
class Transitions:
    """By driver pin (``cell/pin``, ``port[bit]``): transitions per product, and the share of products at which the
    settled value is 1. ``glitches`` is the share of transitions that the settled values alone do not need."""

    per_product: dict[str, float]
    duty: dict[str, float]
    glitches: float
    products: int


def read_delays(path: Path) -> dict[str, float]:
    """Delay in ns of each driver pin ``cell/pin``: the mean of all numbers of its arcs."""
    found: dict[str, list[float]] = {}
    for instance, body in _INSTANCE.findall(path.read_text(encoding="utf-8")):
        for pin, *triples in _PATH.findall(body):
            numbers = [float(word) for triple in triples for word in triple.split(":") if word]
            found.setdefault(f"{instance}/{pin}", []).extend(numbers)
    return {pin: sum(numbers) / len(numbers) for pin, numbers in found.items() if numbers}


def count_transitions(
    netlist: Netlist, inputs: Mapping[str, list[int]], count: int, delays: Mapping[str, float]
) -> Transitions:
    """Count over ``count`` products, of which the first only sets the state; a pin without a delay takes one step."""
    if count < 2:
        raise ValueError(f"count must be at least 2, not {count!r}")
    after = netlist.settled(inputs, count)
    ones = (1 << count) - 1
    now = {net: (word << 1 | word & 1) & ones for net, word in after.items()}
    steps = {gate.pin: max(1, round(delays.get(gate.pin, 0.0) / STEP)) for gate in netlist.gates}
    changes = _Wheel(netlist, now, ones, steps).run({n: after[n] for nets in netlist.inputs.values() for n in nets})
    assert all(now[net] == word for net, word in after.items()), "the simulation did not settle where it must"
    pins = {gate.output: gate.pin for gate in netlist.gates}
    pins |= {net: f"{name}[{bit}]" for name, nets in netlist.inputs.items() for bit, net in enumerate(nets)}
    needed = sum((((after[net] << 1 | after[net] & 1) ^ after[net]) & ones).bit_count() for net in pins)
    total = sum(changes.get(net, 0) for net in pins)
    return Transitions(
        per_product={pin: changes.get(net, 0) / (count - 1) for net, pin in pins.items()},
        duty={pin: after[net].bit_count() / count for net, pin in pins.items()},
        glitches=1 - needed / total if total else 0.0,
        products=count - 1,
    )


class _Wheel:
    """Events in time; ``now`` is changed in place."""

    def __init__(self, netlist: Netlist, now: Words, ones: int, steps: Mapping[str, int]) -> None:
        self._now, self._ones, self._steps = now, ones, steps
        self._readers: dict[int, list[Gate]] = {}
        for gate in netlist.gates:
            for net in dict.fromkeys(gate.inputs):
                self._readers.setdefault(net, []).append(gate)
        self._planned: dict[int, dict[int, int]] = {}
        self._pending: dict[int, int] = {}
        self._due: dict[int, set[int]] = {}

    def run(self, inputs: Mapping[int, int]) -> dict[int, int]:
        """Set the inputs at time 0 and go on until nothing changes; transitions of each net."""
        changes: dict[int, int] = {}
        flips = {net: self._now[net] ^ word for net, word in inputs.items()}
        time = 0
        while True:
            touched: dict[str, Gate] = {}
            for net, flip in flips.items():
                if flip:
                    self._now[net] ^= flip
                    changes[net] = changes.get(net, 0) + flip.bit_count()
                    touched |= {gate.pin: gate for gate in self._readers.get(net, ())}
            for gate in touched.values():
                self._plan(gate, time + self._steps[gate.pin])
            if not self._due:
                return changes
            time = min(self._due)
            flips = {net: self._take(net, time) for net in self._due.pop(time)}

    def _plan(self, gate: Gate, time: int) -> None:
        """What the gate makes of its inputs now appears at ``time``; planned changes that it takes back are dropped."""
        net = gate.output
        wanted = gate.value(self._now, self._ones) ^ self._now[net]
        pending = self._pending.get(net, 0)
        if dropped := pending & ~wanted:
            planned = self._planned[net]
            for moment in planned:
                planned[moment] &= ~dropped
        if new := wanted & ~pending:
            self._planned.setdefault(net, {})[time] = self._planned.get(net, {}).get(time, 0) | new
            self._due.setdefault(time, set()).add(net)
        self._pending[net] = wanted

    def _take(self, net: int, time: int) -> int:
        flip = self._planned[net].pop(time)
        self._pending[net] &= ~flip
        return flip
