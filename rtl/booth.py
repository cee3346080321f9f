"""Radix-4 Booth digits of the weight, the multiples of the activation that they select, and the sum of these."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from axmac.rtl.columns import Columns, add_columns

__all__ = ["BoothAdder", "BoothMultiples", "booth_digits"]


def booth_digits(sig_width: int) -> int:
    """The number of radix-4 digits of an unsigned operand: the highest one has a 0 as its sign bit."""
    return sig_width // 2 + 1


class BoothMultiples(wiring.Component):
    """One partial product per radix-4 digit of the weight: digit k, of value -2..2, times the activation.

    Digit k reads the bits b[2k+1], b[2k], b[2k-1] (b[-1] = 0; 0 beyond the top): 000 0, 001 +1, 010 +1, 011 +2,
    100 -2, 101 -1, 110 -1, 111 0. With ``sig_width // 2`` digits a weight whose top bit is set, as every normal
    significand, would be read as negative; hence one digit more, which is never negative.

    Ports: ``sig_a``, ``sig_b`` in, ``sig_width`` bits, unsigned; ``terms`` out, one term of ``sig_width + 2`` bits in
    one's complement per digit, term k of weight 4^k: a negative digit gives all bits of its multiple inverted, which is
    one less than the multiple in two's complement; the sign bit says that this 1 is still to be added. Combinational.
    """

    def __init__(self, sig_width: int) -> None:
        self._width = sig_width
        self._digits = booth_digits(sig_width)
        super().__init__(
            {
                "sig_a": In(sig_width),
                "sig_b": In(sig_width),
                "terms": Out(data.ArrayLayout(sig_width + 2, self._digits)),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Recode the weight, then select a multiple per digit."""
        m = Module()
        bits = Cat(Const(0, 1), self.sig_b, Const(0, 2))
        for k in range(self._digits):
            m.d.comb += self.terms[k].eq(self._multiple(m, k, bits[2 * k : 2 * k + 3]))
        return m

    def _multiple(self, m: Module, k: int, digit: Value) -> Value:
        low, middle, high = digit
        one, two, negative = (Signal(name=f"{name}_{k}") for name in ("one", "two", "negative"))
        m.d.comb += [one.eq(middle ^ low), two.eq((high ^ middle) & ~one)]
        m.d.comb += negative.eq(high & ~(middle & low))  # 111 is 0, without inverting anything
        magnitude = Signal(self._width + 1, name=f"magnitude_{k}")
        m.d.comb += magnitude.eq(Mux(one, self.sig_a, 0) | Mux(two, self.sig_a << 1, 0))
        return Cat(magnitude ^ negative.replicate(self._width + 1), negative)


class BoothAdder(wiring.Component):
    """The sum of the terms of `BoothMultiples`, each with the 1 that its sign asks for, modulo 2^(2 sig_width).

    For sig_width 8, by columns; x: a bit of a term, s: its sign bit, S: the sign inverted:

        15 14 13 12 11 10  9  8  7  6  5  4  3  2  1  0
                     S  s  s  x  x  x  x  x  x  x  x  x    term 0
                  1  S  x  x  x  x  x  x  x  x  x     s    term 1; s of term 0
            1  S  x  x  x  x  x  x  x  x  x     s          term 2; s of term 1
         S  x  x  x  x  x  x  x  x  x     s                term 3; s of term 2
         x  x  x  x  x  x  x  x     s                      term 4; s of term 3

    The 1 of a negative digit stands in a place that the next row leaves free. With w = sig_width a sign weighs -2^(w+1)
    at its row's weight 4^k. As S = 1 - s, the high bits of row 0 are 4 - s in units of 2^(w+1), those of a row k in
    between (3 - s) 4^k; all constants together are a multiple of 2^(2w).

    Ports: ``terms`` in, one's complement, the last one's sign bit is not read; ``product`` out, 2 sig_width bits.
    Combinational: carry-save adders, then one carry-propagate adder.
    """

    def __init__(self, sig_width: int) -> None:
        self._width = sig_width
        layout = data.ArrayLayout(sig_width + 2, booth_digits(sig_width))
        super().__init__({"terms": In(layout), "product": Out(2 * sig_width)})

    def elaborate(self, _platform: object) -> Module:
        """Rows to columns, columns to the sum."""
        m = Module()
        width = self._width
        columns: Columns = [[] for _ in range(2 * width)]
        for k in range(booth_digits(width)):
            *bits, sign = self.terms[k]
            row = list(enumerate(bits, start=2 * k))
            if k < booth_digits(width) - 1:
                high = [sign, sign, ~sign] if k == 0 else [~sign, Const(1, 1)]
                row += [*enumerate(high, start=2 * k + len(bits)), (2 * k, sign)]
            for place, bit in row:
                if place < 2 * width:
                    columns[place].append(bit)
        m.d.comb += self.product.eq(add_columns(m, columns))
        return m
