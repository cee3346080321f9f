"""Memory with one write port and one read port."""

from amaranth.hdl import MemoryData, MemoryInstance, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Ram", "address_width"]


def address_width(count: int) -> int:
    """Bits that number ``count`` things."""
    return (count - 1).bit_length()


class Ram(wiring.Component):
    """``2^address_bits`` words of ``lanes`` elements of ``width`` bits; it holds anything at first.

    Ports: ``clk``; ``rst``, not used; ``write_lanes`` in, one enable per element; ``write_address``, ``write_data``
    in; ``read_enable``, ``read_address`` in; ``read_data`` out, one cycle later, kept until the next read. Reading an
    address in the cycle in which it is written gives the old word.
    """

    def __init__(self, width: int, lanes: int, address_bits: int) -> None:
        self._depth = 1 << address_bits
        super().__init__(
            {
                "write_lanes": In(lanes),
                "write_address": In(address_bits),
                "write_data": In(width * lanes),
                "read_enable": In(1),
                "read_address": In(address_bits),
                "read_data": Out(width * lanes),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """One memory."""
        m = Module()
        m.submodules.words = words = MemoryInstance(
            data=MemoryData(shape=len(self.write_data), depth=self._depth, init=[])
        )
        words.write_port(domain="sync", addr=self.write_address, data=self.write_data, en=self.write_lanes)
        words.read_port(
            domain="sync", addr=self.read_address, data=self.read_data, en=self.read_enable, transparent_for=()
        )
        return m
