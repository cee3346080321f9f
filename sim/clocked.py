"""A mapped netlist with registers, clock cycle by clock cycle, for many independent lanes at once.

A cycle is ``edge`` and ``settle``: registers take what they read before the edge, ports get new values, gates follow.
Transitions of a cycle are counted as `axmac.sim.transitions` counts those of a product: registers change after their
delay from clock to output, ports after the mean of these delays, since a register drives them.
"""

from collections import Counter
from collections.abc import Mapping

from axmac.sim.netlist import Netlist, Words
from axmac.sim.transitions import Wheel, delay_steps

__all__ = ["Clocked"]


class Clocked:
    """``words`` are the values of all nets of ``netlist`` for ``lanes`` lanes; all registers and ports begin as 0.

    ``delays``: ns by driver pin. ``cycles`` counts the cycles whose transitions were counted.
    """

    def __init__(self, netlist: Netlist, lanes: int, delays: Mapping[str, float]) -> None:
        self.netlist, self.ones, self.lanes = netlist, (1 << lanes) - 1, lanes
        self.cycles = 0
        self._pins = {net: f"{name}[{bit}]" for name, nets in netlist.inputs.items() for bit, net in enumerate(nets)}
        for part, ports in netlist.parts.items():
            for name in netlist.part_outputs:
                self._pins |= {net: f"{part}/{name}[{bit}]" for bit, net in enumerate(ports.get(name, ()))}
        self.words: Words = {0: 0, 1: self.ones} | dict.fromkeys(self._pins, 0)
        self._pins |= {gate.output: gate.pin for gate in (*netlist.gates, *netlist.registers)}
        self.settle({register.output: 0 for register in netlist.registers})
        steps = delay_steps([*netlist.gates, *netlist.registers], delays)
        self._late = {register.output: steps[register.pin] for register in netlist.registers}
        self._port_delay = round(sum(self._late.values()) / len(self._late)) if self._late else 0
        self._wheel = Wheel(netlist, self.words, self.ones, steps)
        self._changes: Counter[int] = Counter()
        self._needed = 0
        self._edges: Counter[str] = Counter()
        self._now: dict[str, int] = {}

    def edge(self) -> Words:
        """What the outputs of all registers become at a clock edge."""
        words, ones = self.words, self.ones
        self._now = {gate.pin: words[gate.enable].bit_count() for gate in self.netlist.clock_gates}
        changed = {}
        for register in self.netlist.registers:
            moved = words[register.enable]
            changed[register.output] = register.value(words, ones) & moved | words[register.output] & ~moved
        return changed

    def settle(self, changes: Mapping[int, int], *, counted: bool = False) -> None:
        """Give registers and ports their new words, by net, and let the gates follow; ``counted``: with transitions."""
        if not counted:
            self.words |= changes
            for gate in self.netlist.gates:
                self.words[gate.output] = gate.value(self.words, self.ones)
            return
        before = dict(self.words)
        timed: dict[int, dict[int, int]] = {}
        for net, word in changes.items():
            timed.setdefault(self._late.get(net, self._port_delay), {})[net] = word
        self._changes.update(self._wheel.run(timed))
        self._needed += sum((before[net] ^ self.words[net]).bit_count() for net in self._pins)
        self._edges.update(self._now)
        self.cycles += 1

    def per_cycle(self) -> dict[str, float]:
        """Transitions per counted cycle and lane of each driver: ``cell/pin``, ``port[bit]``, ``part/port[bit]``.

        Of a gated clock a rise and a fall where it has an edge.
        """
        count = self.cycles * self.lanes
        gated = {gate.pin: 2 * self._edges[gate.pin] / count for gate in self.netlist.clock_gates}
        return {pin: self._changes[net] / count for net, pin in self._pins.items()} | gated

    @property
    def glitches(self) -> float:
        """The share of transitions that settled values alone do not need."""
        total = sum(self._changes.values())
        return 1 - self._needed / total if total else 0.0
