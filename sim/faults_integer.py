"""The faults that `axmac mutate` plants at the ports of the blocks of integer multipliers."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Mux, Value
from amaranth.lib import wiring

from axmac.model.spec import ExactProduct, IntMul, TruncatedProduct
from axmac.rtl.adder_tree import AdderTree
from axmac.rtl.foreign import ForeignProduct
from axmac.rtl.integer_blocks import (
    ApplySign,
    Fractions,
    LeadingOnes,
    Line,
    Magnitudes,
    Rows,
    Scale,
    Segments,
)
from axmac.rtl.significand import PlainProduct
from axmac.sim.fault import Fault, Ports, sample

__all__ = ["integer_faults"]


def integer_faults(block: wiring.Component, spec: IntMul) -> list[Fault]:
    """The faults of a block."""
    return _MAKERS[type(block)](spec)


def _magnitudes(spec: IntMul) -> list[Fault]:
    names = ("sig_a", "sig_b") if isinstance(spec.product, ExactProduct) else ("mag_a", "mag_b")
    faults = [
        Fault("signs ored", "sign", {"negative": lambda p: p["a"][-1] | p["b"][-1]}),
        Fault("signs anded", "sign", {"negative": lambda p: p["a"][-1] & p["b"][-1]}),
    ]
    for x, name in zip("ab", names, strict=True):
        table = {
            f"{x} complemented, not negated": lambda p, x=x: Mux(p[x][-1], ~p[x], p[x]),
            f"{x} not negated": lambda p, x=x: p[x],
            f"magnitude of {x} loses its highest bit": lambda p, name=name: p[name][:-1],
        }
        faults += [Fault(what, "sign", {name: change}) for what, change in table.items()]
        faults.append(Fault(f"sign of {x} ignored", "sign", {"negative": lambda p, x=x: (p["a"] ^ p["b"] ^ p[x])[-1]}))
    return faults


def _sign(spec: IntMul) -> list[Fault]:
    name = "product" if isinstance(spec.product, ExactProduct | TruncatedProduct) else "mag_p"
    table = {
        "result complemented, not negated": lambda p: Mux(p["negative"], ~p[name], p[name]),
        "result never negated": lambda p: p[name],
        "result always negated": lambda p: ~p[name] + 1,
    }
    return [Fault(what, "sign", {"p": change}) for what, change in table.items()]


def _plain(spec: IntMul) -> list[Fault]:
    exact = isinstance(spec.product, ExactProduct)
    largest = spec.format.largest_magnitude if exact else (1 << spec.product.k) - 1
    return [
        Fault(f"product bit {k} is 0", "partial product dropped", {"product": lambda p, k=k: p["product"] & ~(1 << k)})
        for k in range((largest * largest).bit_length())
    ]


def _rows(spec: IntMul) -> list[Fault]:
    width, columns = spec.format.width, spec.product.columns

    def column(p: Ports, number: int) -> Value:
        """What the partial products of one column add to the rows."""
        rows = []
        for j in range(width):
            i = number - j
            bit = p["mag_a"][j] & p["mag_b"][i] if 0 <= i < width else Const(0, 1)
            place = min(max(i, 0), width - 1)
            rows.append(Cat(Const(0, place), bit, Const(0, width - 1 - place)))
        return Cat(rows)

    table = {
        f"column {columns} dropped": lambda p: p["terms"] & ~column(p, columns),
        f"column {columns - 1} kept": lambda p: p["terms"] | column(p, columns - 1),
    }
    return [Fault(what, "partial product dropped", {"terms": change}) for what, change in table.items()]


def _row_adder(spec: IntMul) -> list[Fault]:
    width = spec.format.width
    kept = [j for j in range(width) if j + width - 1 >= spec.product.columns]

    def without(p: Ports, j: int) -> Value:
        return p["terms"] & ~(((1 << width) - 1) << j * width)

    return [Fault(f"row {j} dropped", "partial product dropped", {"terms": lambda p, j=j: without(p, j)}) for j in kept]


def _leading_ones(_spec: IntMul) -> list[Fault]:
    faults = []
    for x in "ab":
        lead, mag = f"lead_{x}", f"mag_{x}"
        table = {
            f"leading one of {x} one low": lambda p, lead=lead: p[lead] - p[lead].any(),
            f"leading one of {x} one high": lambda p, lead=lead, mag=mag: p[lead] + ~p[mag][-1],
            f"highest bit of {x} not seen": lambda p, lead=lead, mag=mag: Mux(p[mag][-1], 0, p[lead]),
        }
        faults += [Fault(what, "leading one", {lead: change}) for what, change in table.items()]
    return faults


def _segments(spec: IntMul) -> list[Fault]:
    k, faults = spec.product.k, []
    for x in "ab":
        sig, shift, lead = f"sig_{x}", f"shift_{x}", f"lead_{x}"
        cut = _shifted_out_last(x)
        table = {
            f"last bit of {x} not set": {sig: lambda p, sig=sig, cut=cut: p[sig] & (~1 | cut(p))},
            f"last bit of {x} set where nothing is dropped": {sig: lambda p, sig=sig: p[sig] | 1},
            f"shift of {x} one far": {shift: lambda p, shift=shift: p[shift] + p[shift].any()},
            f"shift of {x} starts one late": {
                shift: lambda p, shift=shift, lead=lead: Mux(p[lead] == k, 0, p[shift]),
            },
        }
        faults += [Fault(what, "segment", changes) for what, changes in table.items()]
    return faults


def _shifted_out_last(x: str) -> Callable[[Ports], Value]:
    """The last kept bit of an operand before it is set."""
    return lambda p: (p[f"mag_{x}"] >> p[f"shift_{x}"])[0]


def _fractions(spec: IntMul) -> list[Fault]:
    always_zero = spec.format.signed and spec.product.h == spec.format.width - 1
    proof = (
        "no magnitude but the highest, a power of two, has so many bits below its leading one" if always_zero else ""
    )
    faults = []
    for x in "ab":
        frac, mag = f"frac_{x}", f"mag_{x}"
        other = "b" if x == "a" else "a"
        faults += [
            Fault(f"last fraction bit of {x} is 0", "fraction", {frac: lambda p, frac=frac: p[frac] & ~1}, proof),
            Fault(f"fraction of {x} is 0", "fraction", {frac: lambda _: Const(0, 1)}),
            Fault(f"zero {x} not seen", "special case removed", {"zero": lambda p, o=f"mag_{other}": ~p[o].any()}),
            Fault(f"1 in {x} read as 0", "special case removed", {"zero": lambda p, m=mag: p["zero"] | (p[m] == 1)}),
        ]
    return faults


def _line(spec: IntMul) -> list[Fault]:
    h, frac_width, segments = spec.product.h, spec.product.frac_width, spec.product.segments

    def total(p: Ports) -> Value:
        return p["frac_a"] + p["frac_b"]

    table = {
        "quarter of the sum dropped": lambda p: p["line"] - (total(p) << frac_width - h >> 2),
        "half of the sum in place of the quarter": lambda p: p["line"] + (total(p) << frac_width - h >> 2),
        "the one dropped": lambda p: p["line"] - (1 << frac_width),
    }
    largest_exp = spec.format.width - 1 - spec.format.signed  # with a fraction
    shown = 1 << max(0, frac_width - 2 * largest_exp)  # the least change that the largest results show
    for k in range(segments):
        low, high = k * (2 << h) // segments, (k + 1) * (2 << h) // segments
        table[f"constant of segment {k} too large"] = lambda p, low=low, high=high: (
            p["line"] + shown * ((total(p) >= low) & (total(p) < high))
        )
    return [Fault(what, "line", {"line": change}) for what, change in table.items()]


def _scale(_spec: IntMul) -> list[Fault]:
    table = {
        "result shifted one short": lambda p: p["mag_p"] >> 1,
        "result shifted one far": lambda p: p["mag_p"] << 1,
        "last bit of the result is 0": lambda p: p["mag_p"] & ~1,
    }
    return [Fault(what, "shift", {"mag_p": change}) for what, change in table.items()]


def _foreign(spec: IntMul) -> list[Fault]:
    """The module itself is not ours: what is wrong is what comes out of it."""
    width = spec.result_format.width
    return [
        Fault(f"product bit {k} inverted", "product", {"p": lambda p, k=k: p["p"] ^ (1 << k)}) for k in sample(width, 8)
    ]


_MAKERS: dict[type, Callable[[IntMul], list[Fault]]] = {
    Magnitudes: _magnitudes,
    ApplySign: _sign,
    PlainProduct: _plain,
    Rows: _rows,
    AdderTree: _row_adder,
    LeadingOnes: _leading_ones,
    Segments: _segments,
    Fractions: _fractions,
    Line: _line,
    Scale: _scale,
    ForeignProduct: _foreign,
}
