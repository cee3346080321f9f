"""The faults that `axmac mutate` plants at the ports of the blocks in front of normalisation; the choice by block."""

from amaranth.hdl import Cat, Const, Value
from amaranth.lib import wiring

from axmac.model.spec import ArraySig, FpMul, IntMul, Multiplier
from axmac.rtl.adder_tree import AdderTree
from axmac.rtl.booth import BoothAdder, BoothMultiples
from axmac.rtl.exponent import Exponent
from axmac.rtl.significand import PlainProduct, TileArray
from axmac.rtl.special import SpecialCases
from axmac.rtl.unpack import Unpack
from axmac.sim.fault import Fault, Ports, sample
from axmac.sim.faults_integer import integer_faults
from axmac.sim.faults_result import RESULT_MAKERS

__all__ = ["block_faults"]

_MOST_TERMS = 36


def block_faults(block: wiring.Component, spec: Multiplier) -> list[Fault]:
    """The faults of a block; none for a block of a class that is not listed."""
    if isinstance(spec, IntMul):
        return integer_faults(block, spec)
    make = (_MAKERS | RESULT_MAKERS).get(type(block))
    return make(spec) if make else []


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


_MAKERS = {
    Unpack: _unpack,
    SpecialCases: _special,
    Exponent: _exponent,
    AdderTree: _adder_tree,
    BoothAdder: _adder_tree,
    BoothMultiples: _booth,
    PlainProduct: _plain,
    TileArray: _tile_array,
}
