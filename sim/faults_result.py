"""The faults that `axmac mutate` plants in normalisation, rounding and packing."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Mux, Value

from axmac.model.spec import FpMul
from axmac.rtl.gradual import AlignShift, ShiftDistance, right_limit
from axmac.rtl.normalise import Normalise
from axmac.rtl.pack import Pack
from axmac.rtl.rounding import Round
from axmac.sim.fault import Fault, Ports
from axmac.sim.unreachable import product_reach

__all__ = ["RESULT_MAKERS"]


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
        return [*faults, Fault("rounded up instead of cut", "rounding", nearest, _no_guard(spec))]
    table = {
        "guard dropped": {"fraction": lambda p: p["fraction"] & ~guard},
        "sticky dropped": {"fraction": lambda p: p["fraction"] & ~(guard - 1)},
        "ties away from zero": {"fraction": lambda p: p["fraction"] | 1},
        "rounding carry lost": {"exp_round": lambda p: p["exp_norm"]},
    }
    return faults + [Fault(what, "sticky or guard dropped", changes) for what, changes in table.items()]


def _no_guard(spec: FpMul) -> str:
    """The proof that the highest bit that truncation drops is never 1; empty where it may be."""
    reach, top = product_reach(spec), 2 * spec.format.sig_width
    lower, upper, extra = reach.low < 1 << (top - 1), reach.high >= 1 << (top - 1), reach.high >= 1 << top
    first = top - 3 - spec.result_format.frac_width
    guards = [first + case for case, possible in enumerate((lower, upper, extra)) if possible]
    if all(reach.constant.get(bit) == 0 or (bit, 1) in reach.never for bit in guards):
        return f"product bit {' and '.join(map(str, guards))}, the highest that is dropped, is never 1"
    return ""


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


RESULT_MAKERS = {
    Normalise: _normalise,
    Round: _rounding,
    Pack: _pack,
    ShiftDistance: _shift,
    AlignShift: _align,
}
"""What makes the faults of a class of blocks, from the spec."""
