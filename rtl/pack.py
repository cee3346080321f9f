"""The result pattern from sign, class, exponent and fraction."""

from amaranth.hdl import Cat, Const, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul
from axmac.rtl.exponent import exponent_shape

__all__ = ["Pack"]


class Pack(wiring.Component):
    """A pattern of ``spec.result_format``: NaN, inf, zero, or the finite product, judged on its final biased exponent.

    Above the largest exponent the result is inf. Below 1 it is zero with ``subnormals='flush'``; with ``ieee`` the
    exponent is never below 0, and 0 stands for a subnormal. Every NaN is canonical and positive.
    Ports: ``sign``, ``is_nan``, ``is_inf``, ``is_zero`` in; ``exp_round`` in, of `exponent_shape`; ``frac_round`` in;
    ``p`` out, the pattern. Combinational.
    """

    def __init__(self, spec: FpMul) -> None:
        self._format = spec.result_format
        self._flush = spec.subnormals == "flush"
        super().__init__(
            {
                "sign": In(1),
                "is_nan": In(1),
                "is_inf": In(1),
                "is_zero": In(1),
                "exp_round": In(exponent_shape(spec)),
                "frac_round": In(self._format.frac_width),
                "p": Out(self._format.width),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Choose the first case that holds."""
        m = Module()
        frac_width, exp_width = self._format.frac_width, self._format.exp_width
        overflow = self.exp_round >= self._format.exp_special
        underflow = self.exp_round < 1 if self._flush else Const(0, 1)
        with m.If(self.is_nan):
            m.d.comb += self.p.eq(self._format.nan)
        with m.Elif(self.is_zero | (underflow & ~self.is_inf)):
            m.d.comb += self.p.eq(Cat(Const(0, frac_width + exp_width), self.sign))
        with m.Elif(self.is_inf | overflow):
            m.d.comb += self.p.eq(Cat(Const(self._format.inf, frac_width + exp_width), self.sign))
        with m.Else():
            m.d.comb += self.p.eq(Cat(self.frac_round, self.exp_round[:exp_width], self.sign))
        return m
