"""Radix-4 Booth digits of the weight, and the multiples of the activation that they select."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BoothMultiples", "booth_digits"]


def booth_digits(sig_width: int) -> int:
    """The number of radix-4 digits of an unsigned operand: the highest one has a 0 as its sign bit."""
    return sig_width // 2 + 1


class BoothMultiples(wiring.Component):
    """One partial product per radix-4 digit of the weight: digit k, of value -2..2, times the activation.

    Digit k reads the bits b[2k+1], b[2k], b[2k-1] (b[-1] = 0; 0 beyond the top): 000 0, 001 +1, 010 +1, 011 +2,
    100 -2, 101 -1, 110 -1, 111 0. With ``sig_width // 2`` digits a weight whose top bit is set, as every normal
    significand, would be read as negative; hence one digit more.

    Ports: ``sig_a``, ``sig_b`` in, ``sig_width`` bits, unsigned; ``terms`` out, one term of ``sig_width + 2`` bits in
    two's complement per digit, term k of weight 4^k. Combinational.
    """

    def __init__(self, sig_width: int) -> None:
        self._digits = booth_digits(sig_width)
        self.term_width = sig_width + 2
        super().__init__(
            {
                "sig_a": In(sig_width),
                "sig_b": In(sig_width),
                "terms": Out(data.ArrayLayout(self.term_width, self._digits)),
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
        one, two = Signal(name=f"one_{k}"), Signal(name=f"two_{k}")
        m.d.comb += [one.eq(middle ^ low), two.eq((high ^ middle) & ~one)]
        magnitude = Signal(self.term_width, name=f"magnitude_{k}")
        m.d.comb += magnitude.eq(Mux(one, self.sig_a, 0) | Mux(two, self.sig_a << 1, 0))
        return (magnitude ^ high.replicate(self.term_width)) + high  # digit 111: ~0 + 1 is 0 again
