"""One tile of an array multiplier: an AND array and rows of full-adder cells.

A tile of width t = 4, rows from the activation, drawn with the columns i of row j moved to their weight i + j:

    weight        7      6      5      4      3      2      1      0
    row 0                                    pp03   pp02   pp01   pp00 ----------------------> p0
    row 1                             FA13   FA12   FA11   FA10 -----------------------------> p1
    row 2                      FA23   FA22   FA21   FA20 ------------------------------------> p2
    row 3               FA33   FA32   FA31   FA30 -------------------------------------------> p3

FAji takes pp[j][i] = a[j] & b[i], the sum from above (row j-1, column i+1) and a carry:

    array: from the right, FAj(i-1). The carry-out of the last column goes to sum-in of the last column of the next row;
           in row 3: p4..p6 are the sums of FA31..FA33, p7 is the carry-out of FA33.
    csa:   from above, row j-1, the same column i. Below row 3 the sums of FA31..FA33 and the carries of FA30..FA33
           enter an exact carry-propagate adder that gives p4..p7, modulo 2^4.

Absent inputs are 0, and every position has a full-adder cell, also where a half adder would do.
"""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ArraySig
from axmac.rtl.cells import full_adder

__all__ = ["ArrayTile"]


class ArrayTile(wiring.Component):
    """The product of two digits of ``spec.tile`` bits by cells (topology, wiring, orientation and cells from ``spec``).

    Ports: ``a`` in, t bits, digit of the activation; ``b`` in, t bits, digit of the weight; ``p`` out, 2t bits.
    Combinational.
    """

    def __init__(self, spec: ArraySig) -> None:
        self._spec = spec
        super().__init__({"a": In(spec.tile), "b": In(spec.tile), "p": Out(2 * spec.tile)})

    def elaborate(self, _platform: object) -> Module:
        """The AND array, then the rows of cells."""
        m = Module()
        rows, columns = (self.a, self.b) if self._spec.rows == "activation" else (self.b, self.a)
        partial_products = []
        for j in range(self._spec.tile):
            row = Signal(self._spec.tile, name=f"pp_{j}")
            m.d.comb += row.eq(self._partial_products(j, rows[j], columns))
            partial_products.append(row)
        m.d.comb += self.p.eq(self._add_rows(m, partial_products))
        return m

    def _partial_products(self, _j: int, bit: Value, columns: Value) -> Value:
        return Cat(bit & column for column in columns)

    def _cell(self, j: int, i: int, ports: Sequence[Value]) -> tuple[Value, Value]:
        return full_adder(self._spec.cell_at(j, i), *ports)

    def _add_rows(self, m: Module, partial_products: Sequence[Signal]) -> Value:
        tile = self._spec.tile
        ripple = self._spec.topology == "array"
        zero = Const(0, 1)
        product, sums, carries = [partial_products[0][0]], list(partial_products[0]), [zero] * tile
        for j in range(1, tile):
            # One signal per bit: a vector whose bits feed each other looks like a loop to simulators.
            row_sums = [Signal(name=f"sum_{j}_{i}") for i in range(tile)]
            row_carries = [Signal(name=f"cout_{j}_{i}") for i in range(tile)]
            sums_in = [*sums[1:], carries[-1] if ripple else zero]
            carries_in = [zero, *row_carries[:-1]] if ripple else carries
            for i in range(tile):
                nets = {"p": partial_products[j][i], "s": sums_in[i], "c": carries_in[i]}
                sum_out, cout = self._cell(j, i, [nets[letter] for letter in self._spec.wiring])
                m.d.comb += [row_sums[i].eq(sum_out), row_carries[i].eq(cout)]
            sums, carries = row_sums, row_carries
            product.append(sums[0])
        if ripple:
            return Cat(product, sums[1:], carries[-1])
        upper = Signal(tile, name="cpa_sum")
        m.d.comb += upper.eq(Cat(sums[1:]) + Cat(carries))
        return Cat(product, upper)
