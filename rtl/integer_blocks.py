"""Blocks of integer multipliers: signs, leading ones, segments, rows, the line of scaleTRIM, shifts. All combinational.

Magnitudes are unsigned, of the width n of the operands; the magnitude of -2^(n-1) fits.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import Drum, IntFormat, ScaleTrim, TruncatedProduct
from axmac.rtl.cells import boolean_function

__all__ = ["ApplySign", "Fractions", "LeadingOnes", "Line", "Magnitudes", "Rows", "Scale", "Segments"]


class Magnitudes(wiring.Component):
    """Absolute values of operands in two's complement, and the sign of their product.

    Ports: ``a``, ``b`` in, n bits; ``names``, by default ``mag_a`` and ``mag_b``, out, n bits; ``negative`` out, set
    where the signs differ.
    """

    def __init__(self, number_format: IntFormat, names: tuple[str, str] = ("mag_a", "mag_b")) -> None:
        self._names = names
        width = number_format.width
        super().__init__({"a": In(width), "b": In(width), **{name: Out(width) for name in names}, "negative": Out(1)})

    def elaborate(self, _platform: object) -> Module:
        """Negate what is negative."""
        m = Module()
        for x, name in zip((self.a, self.b), self._names, strict=True):
            m.d.comb += getattr(self, name).eq(_negated_if(x[-1], x))
        m.d.comb += self.negative.eq(self.a[-1] ^ self.b[-1])
        return m


class ApplySign(wiring.Component):
    """The result in two's complement.

    Ports: ``name`` in, the product of the magnitudes, 2n bits; ``negative`` in; ``p`` out, 2n bits.
    """

    def __init__(self, number_format: IntFormat, name: str) -> None:
        self._name = name
        width = 2 * number_format.width
        super().__init__({name: In(width), "negative": In(1), "p": Out(width)})

    def elaborate(self, _platform: object) -> Module:
        """Negate where the signs differ; 0 stays 0."""
        m = Module()
        m.d.comb += self.p.eq(_negated_if(self.negative, getattr(self, self._name)))
        return m


class Rows(wiring.Component):
    """The rows of an array multiplier without its lowest columns.

    Ports: ``mag_a``, ``mag_b`` in, n bits; ``terms`` out: row j is bit j of ``mag_a`` AND ``mag_b``, n bits, with 0 in
    the columns i + j below ``spec.columns``.
    """

    def __init__(self, spec: TruncatedProduct, width: int) -> None:
        self._columns = spec.columns
        self._width = width
        super().__init__({"mag_a": In(width), "mag_b": In(width), "terms": Out(data.ArrayLayout(width, width))})

    def elaborate(self, _platform: object) -> Module:
        """One row per bit of the activation."""
        m = Module()
        for j in range(self._width):
            cut = min(max(self._columns - j, 0), self._width)
            row = Cat(Const(0, cut), self.mag_b[cut:])
            m.d.comb += self.terms[j].eq(row & self.mag_a[j].replicate(self._width))
        return m


class LeadingOnes(wiring.Component):
    """The index of the leading one of both magnitudes, 0 for a zero.

    Ports: ``mag_a``, ``mag_b`` in, n bits; ``lead_a``, ``lead_b`` out, the bits of n - 1.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        lead = range(width)
        super().__init__({"mag_a": In(width), "mag_b": In(width), "lead_a": Out(lead), "lead_b": Out(lead)})

    def elaborate(self, _platform: object) -> Module:
        """A chain of multiplexers; the highest one wins."""
        m = Module()
        for mag, lead in ((self.mag_a, self.lead_a), (self.mag_b, self.lead_b)):
            index: Value = Const(0, len(lead))
            for place in range(1, self._width):
                index = Mux(mag[place], Const(place, len(lead)), index)
            m.d.comb += lead.eq(index)
        return m


class Segments(wiring.Component):
    """DRUM: k bits of each magnitude from its leading one on, the last one set where bits below are dropped.

    Ports: ``mag_x``, ``lead_x`` in; ``sig_x`` out, k bits; ``shift_x`` out, the number of dropped bits, 0 to n - k.
    """

    def __init__(self, spec: Drum, width: int) -> None:
        self._k = spec.k
        ports = {}
        for x in "ab":
            ports |= {f"mag_{x}": In(width), f"lead_{x}": In(range(width))}
            ports |= {f"sig_{x}": Out(spec.k), f"shift_{x}": Out(range(width - spec.k + 1))}
        super().__init__(ports)

    def elaborate(self, _platform: object) -> Module:
        """Shift right, then set the last bit."""
        m = Module()
        for x in "ab":
            mag, lead, sig, shift = (getattr(self, f"{name}_{x}") for name in ("mag", "lead", "sig", "shift"))
            longer = lead >= self._k
            m.d.comb += [
                shift.eq(Mux(longer, (lead - (self._k - 1))[: len(shift)], 0)),
                sig.eq((mag >> shift)[: self._k] | longer),
            ]
        return m


class Fractions(wiring.Component):
    """scaleTRIM: the first h bits below the leading one of each magnitude, padded with 0; whether an operand is zero.

    Ports: ``mag_x``, ``lead_x`` in; ``frac_x`` out, h bits; ``zero`` out.
    """

    def __init__(self, spec: ScaleTrim, width: int) -> None:
        self._h = spec.h
        self._width = width
        ports = {"zero": Out(1)}
        for x in "ab":
            ports |= {f"mag_{x}": In(width), f"lead_{x}": In(range(width)), f"frac_{x}": Out(spec.h)}
        super().__init__(ports)

    def elaborate(self, _platform: object) -> Module:
        """Shift the leading one to the top and take what is below it."""
        m = Module()
        top = self._width - 1
        for x in "ab":
            mag, lead, frac = (getattr(self, f"{name}_{x}") for name in ("mag", "lead", "frac"))
            distance = (top - lead)[: len(lead)]
            m.d.comb += frac.eq((mag << distance)[top - self._h : top])
        m.d.comb += self.zero.eq(~self.mag_a.any() | ~self.mag_b.any())
        return m


class Line(wiring.Component):
    """scaleTRIM, as reconstructed: 1 + S + S/4 + C of the sum S of both fractions, C from a table of its segments.

    Ports: ``frac_a``, ``frac_b`` in, h bits; ``line`` out, ``frac_width`` bits below the point and two above.
    """

    def __init__(self, spec: ScaleTrim) -> None:
        self._spec = spec
        super().__init__({"frac_a": In(spec.h), "frac_b": In(spec.h), "line": Out(spec.frac_width + 2)})

    def elaborate(self, _platform: object) -> Module:
        """The line, and the constant of the segment as gates."""
        m = Module()
        spec = self._spec
        total = self.frac_a + self.frac_b
        scaled = Cat(Const(0, spec.frac_width - spec.h), total)
        line = (1 << spec.frac_width) + scaled + (scaled >> 2)
        if spec.segments:
            index_width = (spec.segments - 1).bit_length()
            segment = [total[place] for place in reversed(range(spec.h + 1 - index_width, spec.h + 1))]
            line = line + _table(spec.constants, tuple(segment), len(self.line))
        m.d.comb += self.line.eq(line[: len(self.line)])
        return m


class Scale(wiring.Component):
    """A value times two powers of two: ``value`` << (sum of ``amounts``) >> ``right``, rounded down.

    Ports: ``value`` (a name and its width) and ``amounts`` (names, one width) in; with ``zero`` a port ``zero`` in,
    which makes the result 0; ``mag_p`` out, 2n bits.
    """

    def __init__(
        self, value: tuple[str, int], amounts: tuple[str, str], largest: int, width: int, *, right: int = 0,
        zero: bool = False,
    ) -> None:  # fmt: skip
        self._value, self._amounts, self._right, self._zero = value[0], amounts, right, zero
        ports = {value[0]: In(value[1]), **{name: In(range(largest + 1)) for name in amounts}}
        super().__init__(ports | ({"zero": In(1)} if zero else {}) | {"mag_p": Out(2 * width)})

    def elaborate(self, _platform: object) -> Module:
        """Add the amounts and shift."""
        m = Module()
        first, second = (getattr(self, name) for name in self._amounts)
        shifted = getattr(self, self._value) << (first + second)
        result = shifted[self._right : self._right + len(self.mag_p)]
        m.d.comb += self.mag_p.eq(Mux(self.zero, 0, result) if self._zero else result)
        return m


def _negated_if(negative: Value, value: Value) -> Value:
    return Mux(negative, (~value + 1)[: len(value)], value)


def _table(constants: tuple[int, ...], index: tuple[Value, ...], width: int) -> Value:
    """The constant that ``index`` (its high bit first) selects, modulo 2^width, one Boolean function per bit."""
    columns = ["".join(str(value >> bit & 1) for value in constants) for bit in range(width)]
    return Cat(boolean_function(column, index) for column in columns)
