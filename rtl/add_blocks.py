"""The parts of a floating-point adder, one for each level of its data path.

p is the significand width with the hidden bit. Below the p bits of an aligned significand stand guard, round and
sticky: enough, because a shift of more than one place to the left follows only an alignment by 0 or 1 places.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FloatFormat
from axmac.rtl.gradual import leading_zeros

__all__ = ["AddAlign", "AddDistance", "AddOrder", "AddPack", "AddShift", "AddSum"]

_BELOW = 3  # guard, round, sticky


class AddOrder(wiring.Component):
    """Orders the operands by magnitude, and sorts out what is no number.

    Ports: ``a``, ``b`` in. Out, with ``large`` and ``small`` by magnitude: ``sign``, of the larger; ``subtract``, set
    where signs differ; ``exp_large``, the biased exponent, at least 1; ``distance`` of the exponents, at most p + 2;
    ``sig_large``, ``sig_small``, p bits; ``is_nan``, ``is_inf``. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        f = self._format = number_format
        super().__init__(
            {
                "a": In(f.width),
                "b": In(f.width),
                "sign": Out(1),
                "subtract": Out(1),
                "exp_large": Out(f.exp_width),
                "distance": Out(range(f.sig_width + 3)),
                "sig_large": Out(f.sig_width),
                "sig_small": Out(f.sig_width),
                "is_nan": Out(1),
                "is_inf": Out(1),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Compare, exchange, unpack."""
        m = Module()
        f = self._format
        magnitude = f.width - 1
        exchange = Signal()
        large, small = Signal(f.width), Signal(f.width)
        m.d.comb += [
            exchange.eq(self.b[:magnitude] > self.a[:magnitude]),
            Cat(large, small).eq(Mux(exchange, Cat(self.b, self.a), Cat(self.a, self.b))),
        ]
        exp_small, gap = Signal(f.exp_width), Signal(f.exp_width)
        for pattern, biased_exp, sig in ((large, self.exp_large, self.sig_large), (small, exp_small, self.sig_small)):
            stored_exp = pattern[f.frac_width : magnitude]
            is_normal = stored_exp.any()
            m.d.comb += [
                biased_exp.eq(Cat(stored_exp[0] | ~is_normal, stored_exp[1:])),
                sig.eq(Cat(pattern[: f.frac_width], is_normal)),
            ]
        limit = f.sig_width + 2  # from here on only the sticky bit is left
        m.d.comb += [
            self.sign.eq(large[-1]),
            self.subtract.eq(large[-1] ^ small[-1]),
            gap.eq(self.exp_large - exp_small),
            self.distance.eq(Mux(gap > limit, limit, gap)),
        ]
        large_is_special, small_is_special = self.exp_large.all(), exp_small.all()
        is_nan = large[: f.frac_width].any() | (small_is_special & self.subtract)
        m.d.comb += [self.is_nan.eq(large_is_special & is_nan), self.is_inf.eq(large_is_special & ~is_nan)]
        return m


class AddAlign(wiring.Component):
    """The smaller significand, shifted right; its last bit is the or of all that was shifted out (sticky).

    Ports: ``sig_small``, ``distance`` in; ``aligned`` out, p + 3 bits. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        p = self._sig_width = number_format.sig_width
        super().__init__({"sig_small": In(p), "distance": In(range(p + 3)), "aligned": Out(p + _BELOW)})

    def elaborate(self, _platform: object) -> Module:
        """Shift with room below, then gather the bits there."""
        m = Module()
        room = self._sig_width + 2
        shifted = Signal(room + len(self.aligned))
        m.d.comb += shifted.eq(Cat(Const(0, room + _BELOW), self.sig_small) >> self.distance)
        m.d.comb += self.aligned.eq(Cat(shifted[: room + 1].any(), shifted[room + 1 :]))
        return m


class AddSum(wiring.Component):
    """The larger significand plus or minus the aligned one; never negative.

    Ports: ``sig_large``, ``aligned``, ``subtract`` in; ``raw_sum`` out, p + 4 bits, the carry on top. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        p = number_format.sig_width
        super().__init__(
            {"sig_large": In(p), "aligned": In(p + _BELOW), "subtract": In(1), "raw_sum": Out(p + _BELOW + 1)}
        )

    def elaborate(self, _platform: object) -> Module:
        """One adder; subtraction adds the complement and 1."""
        m = Module()
        width = len(self.raw_sum)
        term = Signal(width)
        m.d.comb += [
            term.eq(Cat(self.aligned, 0) ^ self.subtract.replicate(width)),
            self.raw_sum.eq(Cat(Const(0, _BELOW), self.sig_large) + term + self.subtract),
        ]
        return m


class AddDistance(wiring.Component):
    """How far the sum goes left: to its leading one, but not below the biased exponent 1.

    Ports: ``raw_sum``, ``exp_large`` in; ``shift`` out; ``exp_norm`` out, the biased exponent of the top bit after the
    shift. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        width = number_format.sig_width + _BELOW + 1
        super().__init__(
            {
                "raw_sum": In(width),
                "exp_large": In(number_format.exp_width),
                "shift": Out(range(width + 1)),
                "exp_norm": Out(number_format.exp_width + 1),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """The top bit of the sum has the exponent ``exp_large + 1``."""
        m = Module()
        zeros = Signal(range(2 * len(self.raw_sum)))
        m.d.comb += [
            zeros.eq(leading_zeros(self.raw_sum)),
            self.shift.eq(Mux(self.exp_large < zeros, self.exp_large, zeros)),
            self.exp_norm.eq(self.exp_large + 1 - self.shift),
        ]
        return m


class AddShift(wiring.Component):
    """The sum after its shift.

    Ports: ``raw_sum``, ``shift`` in; ``norm_sum`` out, p + 4 bits, the hidden bit on top. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        width = number_format.sig_width + _BELOW + 1
        super().__init__({"raw_sum": In(width), "shift": In(range(width + 1)), "norm_sum": Out(width)})

    def elaborate(self, _platform: object) -> Module:
        """Shift left."""
        m = Module()
        m.d.comb += self.norm_sum.eq(self.raw_sum << self.shift)
        return m


class AddPack(wiring.Component):
    """Rounds to nearest even and makes the pattern.

    A hidden bit of 0 stands for a subnormal or zero; a carry out of the fraction moves the exponent. An exponent above
    the range is inf. An exact zero is -0 only where both operands are -0.
    Ports: ``norm_sum``, ``exp_norm``, ``sign``, ``subtract``, ``is_nan``, ``is_inf`` in; ``total`` out. Combinational.
    """

    def __init__(self, number_format: FloatFormat) -> None:
        f = self._format = number_format
        super().__init__(
            {
                "norm_sum": In(f.sig_width + _BELOW + 1),
                "exp_norm": In(f.exp_width + 1),
                "sign": In(1),
                "subtract": In(1),
                "is_nan": In(1),
                "is_inf": In(1),
                "total": Out(f.width),
            }
        )

    def elaborate(self, _platform: object) -> Module:
        """Round, then choose the first case that holds."""
        m = Module()
        f = self._format
        dropped = len(self.norm_sum) - f.sig_width
        hidden = self.norm_sum[-1]
        frac = self.norm_sum[dropped:-1]
        round_up, is_zero = Signal(), Signal()
        magnitude = Signal(f.width)  # one bit more than exponent and fraction
        m.d.comb += [
            round_up.eq(self.norm_sum[dropped - 1] & (self.norm_sum[: dropped - 1].any() | frac[0])),
            magnitude.eq(Cat(frac, Mux(hidden, self.exp_norm, 0)) + round_up),
            is_zero.eq(~self.norm_sum.any()),
        ]
        with m.If(self.is_nan):
            m.d.comb += self.total.eq(f.nan)
        with m.Elif(self.is_inf | (magnitude >= f.inf)):
            m.d.comb += self.total.eq(Cat(Const(f.inf, f.width - 1), self.sign))
        with m.Else():
            m.d.comb += self.total.eq(Cat(magnitude[: f.width - 1], self.sign & ~(is_zero & self.subtract)))
        return m
