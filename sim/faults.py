"""The faults that `axmac mutate` plants at the ports of the blocks of a multiplier's data path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from amaranth.hdl import Cat, Const, Mux, Value
from amaranth.lib import wiring

from axmac.model.spec import ArraySig, FpMul
from axmac.rtl.adder_tree import AdderTree
from axmac.rtl.booth import BoothMultiples
from axmac.rtl.exponent import Exponent
from axmac.rtl.gradual import AlignShift, ShiftDistance, right_limit
from axmac.rtl.normalise import Normalise
from axmac.rtl.pack import Pack
from axmac.rtl.rounding import Round
from axmac.rtl.significand import PlainProduct, TileArray
from axmac.rtl.special import SpecialCases
from axmac.rtl.unpack import Unpack
from axmac.sim.unreachable import product_reach

__all__ = ["Fault", "block_faults", "sample"]

_MOST_TERMS = 36

Ports = Mapping[str, Value]


@dataclass(frozen=True)
class Fault:
    """What is wrong, its kind, and for each changed port its wrong value from the right values of all ports.

    ``proof`` says why the fault changes nothing, where that is so.
    """

    what: str
    kind: str
    changes: dict[str, Callable[[Ports], Value]]
    proof: str = ""


def block_faults(block: wiring.Component, spec: FpMul) -> list[Fault]:
    """The faults of a block; none for a block of a class that is not listed."""
    make = _MAKERS.get(type(block))
    return make(spec) if make else []


def sample(count: int, most: int) -> list[int]:
    """At most ``most`` numbers below ``count``, spread evenly, the first and the last among them."""
    return list(range(count)) if count <= most else sorted({k * (count - 1) // (most - 1) for k in range(most)})


def _unpack(spec: FpMul) -> list[Fault]:
    frac_width, flush = spec.format.frac_width, spec.subnormals == "flush"
    faults = []
    for x in "ab":

        def frac(p: Ports, x: str = x) -> Value:
            return p[x][:frac_width]

        def exp(p: Ports, x: str = x) -> Value:
            return p[x][frac_width:-1]

        zero, sig, biased = f"zero_{x}", f"sig_{x}", f"exp_{x}"
        table = {
            f"zero of {x} not seen": {zero: lambda _: Const(0, 1)},
            f"inf of {x} not seen": {f"inf_{x}": lambda _: Const(0, 1)},
            f"NaN of {x} not seen": {f"nan_{x}": lambda _: Const(0, 1)},
            f"inf of {x} read as NaN": {f"nan_{x}": lambda p, exp=exp: exp(p).all()},
            f"sign of {x} ignored": {f"sign_{x}": lambda _: Const(0, 1)},
        }
        faults += [Fault(what, "special case removed", changes) for what, changes in table.items()]
        if flush:
            kept = {zero: lambda p, frac=frac, zero=zero: p[zero] & ~frac(p).any()}
            faults.append(Fault(f"subnormal {x} not read as zero", "DAZ removed", kept))
        else:
            table = {
                f"subnormal {x} read as zero": {zero: lambda p, exp=exp: ~exp(p).any()},
                f"hidden bit of subnormal {x} set": {sig: lambda p, sig=sig: p[sig] | 1 << frac_width},
                f"exponent of subnormal {x} is 0": {biased: lambda p, exp=exp: exp(p)},
            }
            faults += [Fault(what, "subnormal operand", changes) for what, changes in table.items()]
    return faults


def _special(_spec: FpMul) -> list[Fault]:
    table = {
        "inf x 0 is not NaN": {"is_nan": lambda p: p["nan_a"] | p["nan_b"]},
        "NaN case removed": {"is_nan": lambda _: Const(0, 1)},
        "inf case removed": {"is_inf": lambda _: Const(0, 1)},
        "zero case removed": {"is_zero": lambda _: Const(0, 1)},
        "sign from a alone": {"sign": lambda p: p["sign_a"]},
        "signs ored": {"sign": lambda p: p["sign_a"] | p["sign_b"]},
    }
    return [Fault(what, "special case removed", changes) for what, changes in table.items()]


def _exponent(_spec: FpMul) -> list[Fault]:
    return [
        Fault(f"exponent {step:+d}", "exponent off by one", {"exp_sum": lambda p, step=step: p["exp_sum"] + step})
        for step in (1, -1)
    ]


def _normalise(spec: FpMul) -> list[Fault]:
    top, reach = 2 * spec.format.sig_width, product_reach(spec)
    no_extra = "" if reach.high >= 1 << top else reach.why
    no_lower = "" if reach.low < 1 << (top - 1) else reach.why
    wrong = -1 if spec.extra_carry == "counted" else 1
    faults = [
        Fault("exponent not incremented", "exponent off by one", {"exp_norm": lambda p: p["exp_sum"]}),
        Fault("upper case not seen", "normalisation", {"product": lambda p: p["product"] & ~(1 << (top - 1))}),
        Fault("lower case not seen", "normalisation", {"product": lambda p: p["product"] | 1 << (top - 1)}, no_lower),
    ]
    if spec.product_width > top:
        counted = {"exp_norm": lambda p: p["exp_norm"] + Mux(p["product"][top], wrong, 0)}
        faults.append(Fault("extra carry counted wrongly", "exponent off by one", counted, no_extra))
        ignored = {"product": lambda p: p["product"] & ~(1 << top)}
        faults.append(Fault("extra carry not seen", "normalisation", ignored, no_extra))
    return faults


def _rounding(spec: FpMul) -> list[Fault]:
    fraction_width = 2 * spec.format.sig_width - 1 + (spec.product_width - 2 * spec.format.sig_width)
    if spec.subnormals == "ieee":
        fraction_width += right_limit(spec)
    dropped = fraction_width - spec.result_format.frac_width
    last = 1 << max(0, -dropped)
    faults = [Fault("last fraction bit inverted", "rounding", {"frac_round": lambda p: p["frac_round"] ^ last})]
    if dropped <= 0:
        return faults
    guard = 1 << (dropped - 1)
    if spec.rounding == "rtz":
        nearest = {"frac_round": lambda p: p["frac_round"] + p["fraction"][dropped - 1]}
        return [*faults, Fault("rounded up instead of cut", "rounding", nearest)]
    table = {
        "guard dropped": {"fraction": lambda p: p["fraction"] & ~guard},
        "sticky dropped": {"fraction": lambda p: p["fraction"] & ~(guard - 1)},
        "ties away from zero": {"fraction": lambda p: p["fraction"] | 1},
        "rounding carry lost": {"exp_round": lambda p: p["exp_norm"]},
    }
    return faults + [Fault(what, "sticky or guard dropped", changes) for what, changes in table.items()]


def _pack(spec: FpMul) -> list[Fault]:
    f = spec.result_format
    special = f.exp_special

    def finite(p: Ports) -> Value:
        return ~(p["is_nan"] | p["is_inf"] | p["is_zero"])

    def packed(p: Ports) -> Value:
        return Cat(p["frac_round"], p["exp_round"][: f.exp_width], p["sign"])

    def zero(p: Ports) -> Value:
        return Cat(Const(0, f.width - 1), p["sign"])

    def inf(p: Ports) -> Value:
        return Cat(Const(f.inf, f.width - 1), p["sign"])

    def where(condition: Callable[[Ports], Value], wrong: Callable[[Ports], Value]) -> dict:
        return {"p": lambda p: Mux(condition(p), wrong(p), p["p"])}

    low, high = _exponents(spec)
    table = {
        "sign of zero lost": where(lambda p: p["is_zero"], lambda _: Const(0, f.width)),
        "sign of inf lost": where(lambda p: p["is_inf"], lambda _: Const(f.inf, f.width)),
        "NaN keeps the sign": where(lambda p: p["is_nan"], lambda p: Cat(Const(f.nan, f.width - 1), p["sign"])),
        "NaN is inf": where(lambda p: p["is_nan"], inf),
    }
    if high >= special:
        table["overflow not seen"] = where(lambda p: finite(p) & (p["exp_round"] >= special), packed)
        table["overflow one late"] = where(lambda p: finite(p) & (p["exp_round"] == special), packed)
        table["overflow one early"] = where(lambda p: finite(p) & (p["exp_round"] == special - 1), inf)
    if low < 1 and spec.subnormals == "flush":
        table["underflow not seen"] = where(lambda p: finite(p) & (p["exp_round"] < 1), packed)
        table["underflow one late"] = where(lambda p: finite(p) & (p["exp_round"] == 0), packed)
        table["underflow one early"] = where(lambda p: finite(p) & (p["exp_round"] == 1), zero)
    elif low < 1:
        table["subnormal result is zero"] = where(lambda p: finite(p) & (p["exp_round"] == 0), zero)
    return [Fault(what, "special case removed", changes) for what, changes in table.items()]


def _exponents(spec: FpMul) -> tuple[int, int]:
    """The least and the largest biased exponent of the result format that products of normal operands have."""
    offset = spec.result_format.bias - 2 * spec.format.bias
    return 2 + offset, 2 * spec.format.exp_special - 1 + offset


def _adder_tree(spec: FpMul) -> list[Fault]:
    sig, width = spec.significand, spec.format.sig_width
    is_array = isinstance(sig, ArraySig)
    count, term = ((width // sig.tile) ** 2, 2 * sig.tile) if is_array else (width // 2 + 1, width + 2)
    odd = "" if term > 2 or spec.rounding == "rne" else "an odd product less 1 keeps all bits but the last"
    return [
        Fault(
            f"term {k} dropped",
            "partial product dropped",
            {"terms": lambda p, k=k: p["terms"] & ~(((1 << term) - 1) << k * term)},
            odd if k == 0 else "",
        )
        for k in sample(count, _MOST_TERMS)
    ]


def _booth(spec: FpMul) -> list[Fault]:
    term = spec.format.sig_width + 2

    def not_negated(p: Ports, k: int) -> Value:
        terms = [p["terms"].word_select(n, term) for n in range(len(p["terms"]) // term)]
        terms[k] = (terms[k] - p["sig_b"][2 * k + 1])[:term]
        return Cat(terms)

    return [
        Fault(f"negative digit {k} one too low", "truth-table bit", {"terms": lambda p, k=k: not_negated(p, k)})
        for k in range(spec.format.sig_width // 2)
    ]


def _plain(spec: FpMul) -> list[Fault]:
    width = spec.format.sig_width
    return [
        Fault(f"product bit {k} is 0", "partial product dropped", {"product": lambda p, k=k: p["product"] & ~(1 << k)})
        for k in range(width, 2 * width)
    ]


def _tile_array(spec: FpMul) -> list[Fault]:
    proof = "an exact product commutes" if spec.significand.exact else ""
    swap = {"sig_a": lambda p: p["sig_b"], "sig_b": lambda p: p["sig_a"]}
    return [Fault("operands swapped", "operand order", swap, proof)]


def _shift(_spec: FpMul) -> list[Fault]:
    table = {
        "left shift one short": {"shift_left": lambda p: p["shift_left"] - p["shift_left"].any()},
        "right shift one far": {"shift_right": lambda p: p["shift_right"] + p["shift_right"].any()},
        "exponent after shift +1": {"exp_norm": lambda p: p["exp_norm"] + 1},
    }
    return [Fault(what, "normalisation", changes) for what, changes in table.items()]


def _align(spec: FpMul) -> list[Fault]:
    lost = (1 << right_limit(spec)) - 1
    changes = {"fraction": lambda p: p["fraction"] & ~lost}
    return [Fault("bits shifted out are lost", "sticky or guard dropped", changes)]


_MAKERS = {
    Unpack: _unpack,
    SpecialCases: _special,
    Exponent: _exponent,
    Normalise: _normalise,
    Round: _rounding,
    Pack: _pack,
    AdderTree: _adder_tree,
    BoothMultiples: _booth,
    PlainProduct: _plain,
    TileArray: _tile_array,
    ShiftDistance: _shift,
    AlignShift: _align,
}
