"""Operands taken apart: sign, exponent, significand with its hidden bit, and class."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FloatFormat, FpMul

__all__ = ["Unpack"]


class Unpack(wiring.Component):
    """The fields of both operands.

    Ports: ``a``, ``b`` in, patterns of ``spec.format``. For x = a and b, out: ``sign_x``; ``exp_x``, the biased
    exponent; ``sig_x``, the significand with its hidden bit; ``zero_x``, ``inf_x``, ``nan_x``. Combinational.

    With ``subnormals='flush'`` a subnormal operand is a zero (DAZ) and the hidden bit is always 1. With ``ieee`` a
    subnormal operand has hidden bit 0 and the biased exponent 1 that its fraction is scaled by.
    """

    def __init__(self, spec: FpMul) -> None:
        self._format = spec.format
        self._flush = spec.subnormals == "flush"
        ports = {"a": In(spec.format.width), "b": In(spec.format.width)}
        for x in "ab":
            ports |= operand_ports(spec.format, x)
        super().__init__(ports)

    def elaborate(self, _platform: object) -> Module:
        """Split the patterns and classify them."""
        m = Module()
        for x in "ab":
            self._unpack(m, x)
        return m

    def _unpack(self, m: Module, x: str) -> None:
        frac_width, exp_width = self._format.frac_width, self._format.exp_width
        pattern = getattr(self, x)
        sign, biased_exp, sig, is_zero, is_inf, is_nan = (
            getattr(self, f"{port}_{x}") for port in ("sign", "exp", "sig", "zero", "inf", "nan")
        )
        frac, stored_exp = Signal(frac_width, name=f"frac_{x}"), Signal(exp_width, name=f"stored_exp_{x}")
        m.d.comb += [
            Cat(frac, stored_exp, sign).eq(pattern),
            is_inf.eq(stored_exp.all() & ~frac.any()),
            is_nan.eq(stored_exp.all() & frac.any()),
        ]
        below_normal = Signal(name=f"below_normal_{x}")
        m.d.comb += below_normal.eq(~stored_exp.any())
        if self._flush:
            m.d.comb += [biased_exp.eq(stored_exp), sig.eq(Cat(frac, 1)), is_zero.eq(below_normal)]
        else:
            m.d.comb += [
                biased_exp.eq(Cat(stored_exp[0] | below_normal, stored_exp[1:])),
                sig.eq(Cat(frac, ~below_normal)),
                is_zero.eq(below_normal & ~frac.any()),
            ]


def operand_ports(number_format: FloatFormat, x: str) -> dict[str, wiring.Member]:
    """The output ports of one operand."""
    return {
        f"sign_{x}": Out(1),
        f"exp_{x}": Out(number_format.exp_width),
        f"sig_{x}": Out(number_format.sig_width),
        f"zero_{x}": Out(1),
        f"inf_{x}": Out(1),
        f"nan_{x}": Out(1),
    }
