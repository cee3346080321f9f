"""Normalisation as IEEE 754 has it: subnormal operands and gradual underflow."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul
from axmac.rtl.exponent import exponent_shape

__all__ = ["AlignShift", "ShiftDistance", "leading_zeros"]


def leading_zeros(value: Value) -> Value:
    """The number of zeros above the highest one of ``value``, by halving; ``len(value)`` or more for zero."""
    if len(value) == 1:
        return ~value
    half = 1 << (len(value) - 1).bit_length() - 1
    if len(value) < 2 * half:
        value = Cat(Const(-1, 2 * half - len(value)), value)
    high_zeros, low_zeros = leading_zeros(value[half:]), leading_zeros(value[:half])
    high_is_zero = ~value[half:].any()
    return Mux(high_is_zero, low_zeros + half, high_zeros)


class ShiftDistance(wiring.Component):
    """How far a significand product is shifted, and its exponent after that.

    The product goes left until its top bit is set or the biased exponent is 1, and right where it begins below 1.
    Ports: ``product`` in, 2w bits, not yet normalised; ``exp_sum`` in; ``shift_left``, ``shift_right`` out, at most one
    of them not 0; ``exp_norm`` out: 0 where the top bit stays 0 (subnormal). ``shift_right`` stops at `right_limit`.
    Combinational.
    """

    def __init__(self, spec: FpMul) -> None:
        shape = exponent_shape(spec)
        self._limit = right_limit(spec)
        super().__init__(
            {
                "product": In(spec.product_width),
                "exp_sum": In(shape),
                "shift_left": Out(range(spec.product_width + 1)),
                "shift_right": Out(range(self._limit + 1)),
                "exp_norm": Out(shape),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Count the leading zeros, then choose the direction."""
        m = Module()
        zeros = Signal(range(2 * len(self.product)))
        room = Signal.like(self.exp_sum)  # the exponent of bit 2w-1 is exp_sum + 1, and 1 is the least
        m.d.comb += [zeros.eq(leading_zeros(self.product)), room.eq(self.exp_sum)]
        with m.If(room >= zeros):
            m.d.comb += [self.shift_left.eq(zeros), self.exp_norm.eq(room + 1 - zeros)]
        with m.Elif(room >= 0):
            m.d.comb += self.shift_left.eq(room)
        with m.Elif(room < -self._limit):
            m.d.comb += self.shift_right.eq(self._limit)
        with m.Else():
            m.d.comb += self.shift_right.eq(-room)
        return m


class AlignShift(wiring.Component):
    """The product after its shift. No bit is lost: the result has room for all that the right shift moves down.

    Ports: ``product``, ``shift_left``, ``shift_right`` in; ``fraction`` out, all bits below the hidden one,
    left-aligned. Combinational.
    """

    def __init__(self, spec: FpMul) -> None:
        self._limit = right_limit(spec)
        super().__init__(
            {
                "product": In(spec.product_width),
                "shift_left": In(range(spec.product_width + 1)),
                "shift_right": In(range(self._limit + 1)),
                "fraction": Out(spec.product_width + self._limit - 1),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Shift left or right."""
        m = Module()
        normal = Signal(len(self.product))
        m.d.comb += normal.eq(self.product << self.shift_left)
        m.d.comb += self.fraction.eq(Cat(Const(0, self._limit), normal) >> self.shift_right)
        return m


def right_limit(spec: FpMul) -> int:
    """The shift that moves the top bit just below the guard bit; a longer one rounds the same."""
    return spec.result_format.sig_width + 1
