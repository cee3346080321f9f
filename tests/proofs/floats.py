"""What is proven of everything around the significand product, for all operands and any value of the product.

The specifications are the text of `axmac.model.spec.multiplier` and the table of special cases, as solver terms.
"""

from collections.abc import Callable
from dataclasses import dataclass

from axmac.gen import generate
from axmac.model.spec import FloatFormat, FpMul
from proofs.netlist import Netlist
from proofs.significands import LAST_LEVEL
from proofs.solver import counterexample
from proofs.terms import Bits, all_of, choose, concat, const

__all__ = ["finite_product", "special_cases", "specified_product"]

EXP_WIDTH = 14  # two's complement, holds every exponent of the data path with room


@dataclass(frozen=True)
class Operand:
    """A pattern taken apart; the last three are one bit each. ``zero`` is also set for a subnormal that is flushed."""

    sign: Bits
    exp: Bits
    frac: Bits
    zero: Bits
    inf: Bits
    nan: Bits


def operand(pattern: Bits, fmt: FloatFormat, *, flush: bool) -> Operand:
    """The fields and the class of a pattern."""
    frac, exp = pattern[: fmt.frac_width], pattern[fmt.frac_width : fmt.width - 1]
    special = exp == fmt.exp_special
    zero = (exp == 0) if flush else (exp == 0) & (frac == 0)
    return Operand(pattern[fmt.width - 1], exp, frac, zero, special & (frac == 0), special & (frac != 0))


def special_cases(spec: FpMul, seconds: float, verilog: Callable[[FpMul], str] = generate) -> dict[str, int] | None:
    """NaN, inf and zero operands give what the table says, whatever the significand product is."""
    netlist, x, y = _cut_core(spec, verilog)
    p, target, sign = netlist.wire("p"), spec.result_format, x.sign ^ y.sign
    invalid = x.nan | y.nan | (x.inf & y.zero) | (x.zero & y.inf)
    infinite = (x.inf | y.inf) & ~invalid
    zero = (x.zero | y.zero) & ~invalid
    claims = [
        ~invalid | (p == target.nan),
        ~infinite | (p == _signed(sign, const(target.inf, target.width - 1))),
        ~zero | (p == _signed(sign, const(0, target.width - 1))),
    ]
    return counterexample(all_of(claims), seconds, show=_shown(netlist))


def finite_product(spec: FpMul, seconds: float, verilog: Callable[[FpMul], str] = generate) -> dict[str, int] | None:
    """The whole result equals its specification for all operands, whatever the significand product is.

    Where subnormals are kept, the product is taken to be one that significands with these exponents can have.
    Also proven: what the significand multiplier reads are the significands, the activation's first.
    """
    netlist, x, y = _cut_core(spec, verilog)
    product = netlist.wire("product")
    significands = [netlist.wire("sig_a") == significand(spec, x), netlist.wire("sig_b") == significand(spec, y)]
    specified = specified_product(spec, x, y, product)
    claims = [*significands, netlist.wire("p") == specified]
    given = []
    if spec.subnormals == "ieee":
        both_normal = (x.exp != 0) & (y.exp != 0)
        given = [x.zero | y.zero | (product != 0), ~both_normal | (product >= 1 << product.width - 2)]
    return counterexample(all_of(claims), seconds, given, _shown(netlist))


def significand(spec: FpMul, x: Operand) -> Bits:
    """The fraction with its hidden bit, which is 0 for a subnormal where subnormals are kept."""
    return concat(x.frac, const(1, 1) if spec.subnormals == "flush" else x.exp != 0)


def specified_product(spec: FpMul, x: Operand, y: Operand, product: Bits) -> Bits:
    """The result pattern from the operands and the significand product."""
    target, sign = spec.result_format, x.sign ^ y.sign
    normalised = _gradual if spec.subnormals == "ieee" else _truncating
    exp, fraction = normalised(spec, x, y, product)
    exp, frac = _rounded(spec, exp, fraction)
    infinity, zero = const(target.inf, target.width - 1), const(0, target.width - 1)
    magnitude = concat(frac, exp[: target.exp_width])
    magnitude = choose(~exp.below(target.exp_special), infinity, magnitude)
    if spec.subnormals == "flush":
        magnitude = choose(exp.below(1), zero, magnitude)
    magnitude = choose(x.zero | y.zero, zero, choose(x.inf | y.inf, infinity, magnitude))
    invalid = x.nan | y.nan | (x.inf & y.zero) | (x.zero & y.inf)
    return choose(invalid, const(target.nan, target.width), _signed(sign, magnitude))


def _truncating(spec: FpMul, x: Operand, y: Operand, product: Bits) -> tuple[Bits, Bits]:
    """Biased exponent and all bits below the hidden one, for normal operands: three alignments."""
    width = 2 * spec.format.sig_width
    product = product.to(width + 1)
    carried, upper = product[width], product[width - 1]
    aligned = choose(carried, product, choose(upper, product << 1, product << 2))
    step = choose(carried, _exp(2 if spec.extra_carry == "counted" else 1), choose(upper, _exp(1), _exp(0)))
    exp = x.exp.to(EXP_WIDTH) + y.exp.to(EXP_WIDTH) + _exp(spec.result_format.bias - 2 * spec.format.bias)
    return exp + step, aligned[:width]


def _gradual(spec: FpMul, x: Operand, y: Operand, product: Bits) -> tuple[Bits, Bits]:
    """The same where subnormals are kept: exponent 0 stands for a result whose hidden bit is 0."""
    width = product.width
    leading = _exp(width - 1)  # zeros above the highest one
    for position in range(width):
        leading = choose(product[position], _exp(width - 1 - position), leading)
    low_exp = [choose(o.exp == 0, _exp(1), o.exp.to(EXP_WIDTH)) for o in (x, y)]
    top_exp = low_exp[0] + low_exp[1] + _exp(spec.result_format.bias - 2 * spec.format.bias + 1)
    is_normal = ~(top_exp - leading).below(1)
    wide = concat(const(0, width), product)
    left = choose(is_normal, leading, top_exp - 1)
    shifted = choose(
        ~is_normal & top_exp.below(1),
        wide >> (_exp(1) - top_exp).to(wide.width),
        wide << choose(left.below(0), _exp(0), left).to(wide.width),
    )
    return choose(is_normal, top_exp - leading, _exp(0)), shifted[: wide.width - 1]


def _rounded(spec: FpMul, exp: Bits, fraction: Bits) -> tuple[Bits, Bits]:
    """Exponent and stored fraction: truncated, or to nearest even, where a carry raises the exponent."""
    width = spec.result_format.frac_width
    dropped = fraction.width - width
    if dropped <= 0:
        return exp, fraction if dropped == 0 else concat(const(0, -dropped), fraction)
    kept, rest = fraction[dropped:], fraction[:dropped]
    if spec.rounding == "rtz":
        return exp, kept
    half = 1 << dropped - 1
    up = (rest > half) | ((rest == half) & kept[0])
    raised = concat(kept, exp) + up.to(width + EXP_WIDTH)
    return raised[width:], raised[:width]


def _cut_core(spec: FpMul, verilog: Callable[[FpMul], str]) -> tuple[Netlist, Operand, Operand]:
    """The core with the significand product as a free input, and its operands."""
    netlist = Netlist(verilog(spec), spec.id, (LAST_LEVEL[type(spec.significand)],))
    flush = spec.subnormals == "flush"
    return netlist, *(operand(netlist.wire(port), spec.format, flush=flush) for port in "ab")


def _exp(value: int) -> Bits:
    return const(value, EXP_WIDTH)


def _signed(sign: Bits, magnitude: Bits) -> Bits:
    return concat(magnitude, sign)


def _shown(netlist: Netlist) -> dict[str, Bits]:
    return {name: netlist.wire(name) for name in ("a", "b", "product", "p")}
