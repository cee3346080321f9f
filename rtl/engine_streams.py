"""Operands from AXI4-Stream beats."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BEAT_WIDTH", "OperandStream", "beat_ports", "operands_per_beat"]

BEAT_WIDTH = 32


def operands_per_beat(width: int) -> int:
    """How many operands of ``width`` bits a beat holds: 4 of at most 8 bits, 2 of at most 16, else 1."""
    return BEAT_WIDTH // max(8, 1 << (width - 1).bit_length())


def beat_ports(width: int) -> dict[str, wiring.Member]:
    """The AXI4-Stream ports for operands of ``width`` bits, as the subordinate has them."""
    ports = {"tvalid": In(1), "tready": Out(1), "tdata": In(BEAT_WIDTH), "tlast": In(1)}
    return ports if operands_per_beat(width) == 1 else ports | {"tkeep": In(BEAT_WIDTH // 8)}


class OperandStream(wiring.Component):
    """Takes the operands out of 32-bit beats, the one in the low bits first, one per cycle.

    Operands of 17 to 32 bits fill a beat each. Shorter ones are packed without gaps over the whole matrix, each in the
    low bits of a lane of 16 or 8; a lane whose lowest byte has TKEEP low is skipped, as at the end of a matrix.

    Ports: ``clk``; ``rst``, synchronous, high; ``tvalid`` in, ``tready`` out, ``tdata``, ``tkeep`` (packed operands
    only), ``tlast`` in; ``valid`` out, ``ready`` in, ``operand``, ``last`` out, the latter with the last operand of a
    beat with TLAST. ``tready`` follows ``ready`` in the same cycle and does not depend on ``tvalid``.
    """

    def __init__(self, width: int) -> None:
        self._lanes = operands_per_beat(width)
        super().__init__(beat_ports(width) | {"valid": Out(1), "ready": In(1), "operand": Out(width), "last": Out(1)})

    def elaborate(self, _platform: object) -> Module:
        """Pass on, or shift a beat out lane by lane."""
        m = Module()
        if self._lanes == 1:
            m.d.comb += [
                self.valid.eq(self.tvalid),
                self.tready.eq(self.ready),
                self.operand.eq(self.tdata),
                self.last.eq(self.tlast),
            ]
            return m
        lane_width = BEAT_WIDTH // self._lanes
        beat, kept, with_last = Signal(BEAT_WIDTH), Signal(self._lanes), Signal()
        ends = kept[1:] == 0
        m.d.comb += [
            self.valid.eq(kept[0]),
            self.operand.eq(beat),
            self.last.eq(with_last & ends),
            self.tready.eq(ends & (~kept[0] | self.ready)),
        ]
        with m.If(self.tready):
            bytes_per_lane = lane_width // 8
            lanes_kept = Cat(self.tkeep[lane * bytes_per_lane] for lane in range(self._lanes))
            m.d.sync += [
                kept.eq(lanes_kept & self.tvalid.replicate(self._lanes)),
                beat.eq(self.tdata),
                with_last.eq(self.tlast),
            ]
        with m.Elif(self.ready | ~kept[0]):
            m.d.sync += [kept.eq(kept >> 1), beat.eq(beat >> lane_width)]
        return m
