"""Nested loops as a counter: the one control element of the matrix engine."""

from dataclasses import dataclass

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Loop", "Nest", "index_width"]


def index_width(count: int) -> int:
    """Bits of an index below ``count``, at least one: a port has some width."""
    return max(1, (count - 1).bit_length())


@dataclass(frozen=True)
class Loop:
    """``for name in range(0, limit, step)``; the limit is an input of at most ``largest`` and at least 1."""

    name: str
    step: int
    largest: int


class Nest(wiring.Component):
    """``loops``, the outermost first. After the last iteration all values are 0 again.

    Ports: ``clk``; ``rst``, synchronous, high; ``start`` in, begins; ``step`` in, goes to the next iteration, only
    while ``active`` out. For each loop: ``limit_<name>`` in, which may depend on the values of outer loops;
    ``<name>`` out, its value; ``<name>_index`` out, value / step; ``<name>_end`` out, set in its last iteration.
    """

    def __init__(self, loops: tuple[Loop, ...]) -> None:
        self._loops = loops
        ports = {"start": In(1), "step": In(1), "active": Out(1)}
        for loop in loops:
            ports[f"limit_{loop.name}"] = In(range(loop.largest + 1))
            ports[loop.name] = Out(index_width(loop.largest))
            ports[f"{loop.name}_index"] = Out(index_width(-(-loop.largest // loop.step)))
            ports[f"{loop.name}_end"] = Out(1)
        super().__init__(ports)

    def elaborate(self, _platform: object) -> Module:
        """From the innermost loop outwards: each one moves when all inside it end."""
        m = Module()
        move = self.step
        for loop in reversed(self._loops):
            value, index = getattr(self, loop.name), getattr(self, f"{loop.name}_index")
            limit, end = getattr(self, f"limit_{loop.name}"), getattr(self, f"{loop.name}_end")
            m.d.comb += end.eq(value + loop.step >= limit)
            with m.If(move):
                m.d.sync += value.eq(Mux(end, 0, value + loop.step))
                if loop.step > 1:
                    m.d.sync += index.eq(Mux(end, 0, index + 1))
            if loop.step == 1:
                m.d.comb += index.eq(value)
            ends = Signal(name=f"{loop.name}_moves_on")
            m.d.comb += ends.eq(move & end)
            move = ends
        with m.If(self.start):
            m.d.sync += self.active.eq(1)
        with m.Elif(move):
            m.d.sync += self.active.eq(0)
        return m
