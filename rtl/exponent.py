"""The exponent of a product before normalisation."""

from amaranth.hdl import Module, Shape
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul

__all__ = ["Exponent", "exponent_shape"]


def exponent_shape(spec: FpMul) -> Shape:
    """A shape that holds every biased exponent of the data path in the result format, also out of its range.

    The sum of exponents lies in 0..2*exp_special before the biases; normalisation adds at most 2, rounding 1, and the
    exponent 0 marks a subnormal result.
    """
    offset = spec.result_format.bias - 2 * spec.format.bias
    return Shape.cast(range(min(offset, 0), 2 * spec.format.exp_special + offset + 4))


class Exponent(wiring.Component):
    """The biased exponent, in the result format, of a significand product in [1, 2).

    Ports: ``exp_a``, ``exp_b`` in, biased exponents of the operand format; ``exp_sum`` out, exp_a + exp_b less both
    biases plus the bias of the result, of `exponent_shape`. Combinational.
    """

    def __init__(self, spec: FpMul) -> None:
        self._offset = spec.result_format.bias - 2 * spec.format.bias
        exp_width = spec.format.exp_width
        super().__init__({"exp_a": In(exp_width), "exp_b": In(exp_width), "exp_sum": Out(exponent_shape(spec))})

    def elaborate(self, _platform: object) -> Module:
        """Add the exponents, remove the biases."""
        m = Module()
        m.d.comb += self.exp_sum.eq(self.exp_a + self.exp_b + self._offset)
        return m
