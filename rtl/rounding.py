"""Rounding of the fraction to the result format."""

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul
from axmac.rtl.exponent import exponent_shape

__all__ = ["Round"]


class Round(wiring.Component):
    """``rtz`` drops the bits below the result fraction; ``rne`` rounds to nearest, ties to even, by guard and sticky.

    A carry out of the fraction increments the exponent (and makes a subnormal result normal, where the exponent was 0).
    Ports: ``exp_norm`` in, ``exp_round`` out, of `exponent_shape`; ``fraction`` in, ``fraction_width`` bits,
    left-aligned; ``frac_round`` out, the stored fraction of ``spec.result_format``. Combinational.
    """

    def __init__(self, spec: FpMul, fraction_width: int) -> None:
        self._nearest = spec.rounding == "rne"
        shape = exponent_shape(spec)
        super().__init__(
            {
                "exp_norm": In(shape),
                "fraction": In(fraction_width),
                "exp_round": Out(shape),
                "frac_round": Out(spec.result_format.frac_width),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Cut the fraction and round it up where it must be."""
        m = Module()
        dropped = len(self.fraction) - len(self.frac_round)
        kept = self.fraction[dropped:] if dropped > 0 else Cat(Const(0, -dropped), self.fraction)
        if self._nearest and dropped > 0:
            guard, sticky, round_up = Signal(), Signal(), Signal()
            m.d.comb += [
                guard.eq(self.fraction[dropped - 1]),
                sticky.eq(self.fraction[: dropped - 1].any()),
                round_up.eq(guard & (sticky | kept[0])),
                Cat(self.frac_round, self.exp_round).eq(Cat(kept, self.exp_norm) + round_up),
            ]
        else:
            m.d.comb += [self.frac_round.eq(kept), self.exp_round.eq(self.exp_norm)]
        return m
