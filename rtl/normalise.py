"""Normalisation of significand products of normal operands."""

from amaranth.hdl import Cat, Const, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul
from axmac.rtl.exponent import exponent_shape

__all__ = ["Normalise"]


class Normalise(wiring.Component):
    """Where the fraction of a product P of width-w significands begins, and what that adds to the exponent.

    P >= 2^(2w), approximate arrays only: the fraction begins below bit 2w; + 1 (``extra_carry='lost'``, the value is
    halved) or + 2 (``counted``). Else P >= 2^(2w-1): below bit 2w-1; + 1. Else below bit 2w-2, whose value is taken as
    1 whatever it is; + 0.

    Ports: ``product`` in, ``spec.product_width`` bits; ``exp_sum`` in; ``exp_norm`` out, both of `exponent_shape`;
    ``fraction`` out, all bits below the hidden one, left-aligned. Combinational.
    """

    def __init__(self, spec: FpMul) -> None:
        self._sig_width = spec.format.sig_width
        self._extra = 2 if spec.extra_carry == "counted" else 1
        shape = exponent_shape(spec)
        super().__init__(
            {
                "product": In(spec.product_width),
                "exp_sum": In(shape),
                "exp_norm": Out(shape),
                "fraction": Out(spec.product_width - 1),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Choose one of three alignments."""
        m = Module()
        top = 2 * self._sig_width - 1
        has_extra_bit = len(self.product) > top + 1

        def begin_below(bit: int, increment: int) -> None:
            padding = Const(0, len(self.fraction) - bit)
            m.d.comb += [
                self.fraction.eq(Cat(padding, self.product[:bit])),
                self.exp_norm.eq(self.exp_sum + increment),
            ]

        with m.If(self.product[top + 1] if has_extra_bit else Const(0, 1)):
            begin_below(len(self.product) - 1, self._extra)
        with m.Elif(self.product[top]):
            begin_below(top, 1)
        with m.Else():
            begin_below(top - 1, 0)
        return m
