"""A balanced tree of exact adders for shifted terms."""

from collections.abc import Sequence

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["AdderTree"]


class AdderTree(wiring.Component):
    """The sum of equally wide terms, each shifted left by its own distance, modulo 2^product_width.

    ``shifts`` holds one distance per term. Neighbours in ``shifts`` are added first, so give it sorted.
    Ports: ``terms`` in, ``len(shifts)`` terms of ``term_width`` bits, term 0 in the low bits;
    ``product`` out, ``product_width`` bits. Combinational.
    """

    def __init__(self, shifts: Sequence[int], term_width: int, product_width: int) -> None:
        self._shifts = tuple(shifts)
        super().__init__({"terms": In(data.ArrayLayout(term_width, len(self._shifts))), "product": Out(product_width)})

    def elaborate(self, _platform: object) -> Module:
        """Add neighbours level by level."""
        m = Module()
        level = [(shift, Value.cast(self.terms[k])) for k, shift in enumerate(self._shifts)]
        depth = 0
        while len(level) > 1:
            depth += 1
            pairs = zip(level[0::2], level[1::2], strict=False)
            odd_one = level[len(level) & ~1 :]
            level = [self._add(m, *pair, f"sum_{depth}_{k}") for k, pair in enumerate(pairs)] + odd_one
        shift, total = level[0]
        m.d.comb += self.product.eq(total << shift)
        return m

    def _add(self, m: Module, left: tuple[int, Value], right: tuple[int, Value], name: str) -> tuple[int, Value]:
        """The sum of two shifted terms as a shifted term; bits at or above the product's width are not made."""
        shift = min(left[0], right[0])
        width = len(self.product) - shift
        value = _low_bits(left[1] << (left[0] - shift), width) + _low_bits(right[1] << (right[0] - shift), width)
        width = min(len(value), width)
        total = Signal(width, name=name)
        m.d.comb += total.eq(value)
        return shift, total


def _low_bits(value: Value, width: int) -> Value:
    """The value modulo 2^width."""
    return value if len(value) <= width else value[:width]
