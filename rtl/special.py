"""The sign and the class of a product from those of its operands."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["SpecialCases"]


class SpecialCases(wiring.Component):
    """The special cases of a product, in this order: NaN operand or inf x 0 is NaN; inf; zero.

    Ports: ``sign_x``, ``zero_x``, ``inf_x``, ``nan_x`` in, for x = a and b; ``sign`` out, the exclusive or of the
    signs; ``is_nan``, ``is_inf``, ``is_zero`` out, at most one of them set; none means a finite product. Combinational.
    """

    def __init__(self) -> None:
        operands = {f"{port}_{x}": In(1) for x in "ab" for port in ("sign", "zero", "inf", "nan")}
        super().__init__(operands | {"sign": Out(1), "is_nan": Out(1), "is_inf": Out(1), "is_zero": Out(1)})

    def elaborate(self, _platform: object) -> Module:
        """Sort the product into its class."""
        m = Module()
        any_inf, any_zero = self.inf_a | self.inf_b, self.zero_a | self.zero_b
        m.d.comb += [
            self.sign.eq(self.sign_a ^ self.sign_b),
            self.is_nan.eq(self.nan_a | self.nan_b | (any_inf & any_zero)),
            self.is_inf.eq(any_inf & ~self.is_nan),
            self.is_zero.eq(any_zero & ~self.is_nan),
        ]
        return m
