"""Products as float32: the exact conversion that stands between a multiplier and a float32 accumulator."""

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FLOAT32, FpMul, InputError
from axmac.rtl.gradual import leading_zeros

__all__ = ["Widen", "check_result"]


def check_result(spec: FpMul) -> None:
    """``InputError`` where float32 does not hold all values of the result format."""
    f = spec.result_format
    if f.exp_width > FLOAT32.exp_width or f.sig_width > FLOAT32.sig_width:
        raise InputError(f"float32 does not hold the products of {spec.id}: use a format of at most 8 exponent bits")


class Widen(wiring.Component):
    """A pattern of ``spec.result_format`` as the float32 pattern of the same value.

    Subnormals of a format with fewer exponent bits become normal numbers; a NaN keeps its fraction, so that the
    canonical one becomes the canonical one.
    Ports: ``p`` in; ``product`` out, 32 bits. Combinational. Raises ``InputError`` as `check_result` does.
    """

    def __init__(self, spec: FpMul) -> None:
        check_result(spec)
        f = self._format = spec.result_format
        super().__init__({"p": In(f.width), "product": Out(FLOAT32.width)})

    def elaborate(self, _platform: object) -> Module:
        """Pad the fraction; where the exponent is narrower, move its bias and normalise."""
        m = Module()
        f = self._format
        padding = Const(0, FLOAT32.frac_width - f.frac_width)
        if f.exp_width == FLOAT32.exp_width:
            m.d.comb += self.product.eq(Cat(padding, self.p))
            return m
        frac, stored_exp, sign = self.p[: f.frac_width], self.p[f.frac_width : -1], self.p[-1]
        wide_exp, wide_frac = Signal(FLOAT32.exp_width), Signal(f.frac_width)
        rebias = FLOAT32.bias - f.bias
        with m.If(stored_exp.all()):
            m.d.comb += [wide_exp.eq(FLOAT32.exp_special), wide_frac.eq(frac)]
        with m.Elif(stored_exp.any()):
            m.d.comb += [wide_exp.eq(stored_exp + rebias), wide_frac.eq(frac)]
        with m.Elif(frac.any()):
            zeros = Signal(range(2 * f.frac_width))
            m.d.comb += [
                zeros.eq(leading_zeros(frac)),
                wide_exp.eq(rebias - zeros),
                wide_frac.eq((frac << zeros) << 1),
            ]
        m.d.comb += self.product.eq(Cat(padding, wide_frac, wide_exp, sign))
        return m
