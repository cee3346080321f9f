"""Transitions of every net of a netlist, glitches included, as a gate-level simulator with SDF delays counts them.

Each cell output has one delay: the mean of the rise and fall delays of its arcs in the SDF file, rounded to `STEP`. A
change that is taken back before the delay is over does not appear (inertial delay, as Verilog's gates have it). All
products are simulated at once: product k begins from the settled state of product k - 1.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from axmac.sim.netlist import Gate, Netlist, Words

__all__ = ["STEP", "Transitions", "Wheel", "count_transitions", "delay_steps", "read_delays"]

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
    steps = delay_steps(netlist.gates, delays)
    changes = Wheel(netlist, now, ones, steps).run({0: {n: after[n] for nets in netlist.inputs.values() for n in nets}})
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


def delay_steps(gates: Iterable[Gate], delays: Mapping[str, float]) -> dict[str, int]:
    """The delay of each driver pin in steps, at least one."""
    return {gate.pin: max(1, round(delays.get(gate.pin, 0.0) / STEP)) for gate in gates}


class Wheel:
    """Events in time; ``now``, the words of all nets, is changed in place. ``steps``: the delay of each gate's pin."""

    def __init__(self, netlist: Netlist, now: Words, ones: int, steps: Mapping[str, int]) -> None:
        self._now, self._ones, self._steps = now, ones, steps
        self._readers: dict[int, list[Gate]] = {}
        for gate in netlist.gates:
            for net in dict.fromkeys(gate.inputs):
                self._readers.setdefault(net, []).append(gate)
        self._planned: dict[int, dict[int, int]] = {}
        self._pending: dict[int, int] = {}
        self._due: dict[int, set[int]] = {}

    def run(self, changes: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
        """Set nets that no gate drives to words, by step of time, and go on until nothing changes.

        Returns the transitions of each net that had some.
        """
        for time, words in changes.items():
            for net, word in words.items():
                if flip := self._now[net] ^ word:
                    self._planned.setdefault(net, {})[time] = flip
                    self._due.setdefault(time, set()).add(net)
        counts: dict[int, int] = {}
        while self._due:
            time = min(self._due)
            touched: dict[str, Gate] = {}
            for net in self._due.pop(time):
                if flip := self._take(net, time):
                    self._now[net] ^= flip
                    counts[net] = counts.get(net, 0) + flip.bit_count()
                    touched |= {gate.pin: gate for gate in self._readers.get(net, ())}
            for gate in touched.values():
                self._plan(gate, time + self._steps[gate.pin])
        return counts

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
        self._pending[net] = self._pending.get(net, 0) & ~flip
        return flip
