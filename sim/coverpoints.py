"""What the bench of a multiplier must have seen: cover points over the stages of the golden model."""

import numpy as np

from axmac.model.golden import Trace
from axmac.model.golden.rounding import fields
from axmac.model.spec import FloatFormat, FpMul
from axmac.sim.bins import Point

__all__ = [
    "OPERANDS",
    "ROUNDINGS",
    "classes_of",
    "common_points",
    "crossed",
    "end_names",
    "end_of",
    "exponent_range",
    "near_tie",
    "normal_pairs",
    "rounding_bits",
]

OPERANDS = ("zero", "subnormal", "normal", "inf", "quiet NaN", "signalling NaN")
ROUNDINGS = tuple(f"last {k >> 2} guard {k >> 1 & 1} sticky {k & 1}" for k in range(8))

_RESULTS = (*OPERANDS[:4], "NaN")
_UNEXPECTED = -2


def common_points(spec: FpMul) -> list[Point]:
    """Operand class x operand class x result class, as far as the contract allows; signs; product bits at 0 and 1."""
    return [_operands(spec), _signs(spec), _product_bits(spec)]


def exponent_range(spec: FpMul, a: str = "normal", b: str = "normal") -> tuple[int, int]:
    """The least and the largest biased exponent, in the result format, of products of two finite classes."""
    f = spec.format
    ends = {"normal": (1, f.exp_special - 1), "subnormal": (1 - f.frac_width, 0)}
    offset = spec.result_format.bias - 2 * f.bias
    low, high = (ends[a][end] + ends[b][end] + offset for end in (0, 1))
    return low, high + (2 if spec.extra_carry == "counted" else 1)


def normal_pairs(trace: Trace) -> np.ndarray:
    """Whether both operands are normal, bool[n]."""
    return (classes_of(trace.spec.format, trace.a) == 2) & (classes_of(trace.spec.format, trace.b) == 2)


def rounding_bits(trace: Trace, dropped: np.ndarray) -> np.ndarray:
    """The number in `ROUNDINGS` of products of which rounding drops ``dropped`` bits; -1 where it drops none."""
    below = np.maximum(dropped, 1)
    last, guard = trace.product >> below & 1, trace.product >> (below - 1) & 1
    sticky = trace.product & ((np.int64(1) << (below - 1)) - 1) != 0
    return np.where(dropped > 0, 4 * last + 2 * guard + sticky, -1)


def end_names(spec: FpMul) -> tuple[str, ...]:
    """Names of the exponents at both ends of the range that products reach."""
    low, high = exponent_range(spec)
    special = spec.result_format.exp_special
    names = {-1: "below 0", 0: "0", 1: "1", special - 1: "largest", special: "overflow by 1", special + 1: "more"}
    return tuple(name for exp, name in names.items() if low <= exp <= high)


def end_of(spec: FpMul, ends: tuple[str, ...], exp: np.ndarray) -> np.ndarray:
    """The number in ``ends`` of exponents, -1 for those inside the range."""
    special = spec.result_format.exp_special
    found = np.full(exp.shape, -1)
    for number, name in enumerate(ends):
        holds = {
            "below 0": exp < 0,
            "0": exp == 0,
            "1": exp == 1,
            "largest": exp == special - 1,
            "overflow by 1": exp == special,
            "more": exp > special,
        }[name]
        found[holds] = number
    return found


def crossed(first: np.ndarray, count: int, second: np.ndarray) -> np.ndarray:
    """Bin numbers of a cross: ``first`` times ``count`` plus ``second``; -1 where one of them is."""
    return np.where((first < 0) | (second < 0), -1, first * count + second)


def near_tie(trace: Trace, dropped: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Whether only ``low`` of the ``dropped`` bits keep a product from a tie that would round down; bool[n]."""
    half = np.int64(1) << np.maximum(dropped - 1, 0)
    excess = (trace.product & (2 * half - 1)) - half
    even = trace.product >> dropped & 1 == 0
    return (dropped > 1) & even & (excess > 0) & (excess < np.int64(1) << low)


def classes_of(number_format: FloatFormat, bits: np.ndarray) -> np.ndarray:
    """The number in `OPERANDS` of each pattern, int64."""
    _, exp, frac = fields(number_format, bits)
    quiet = frac >> (number_format.frac_width - 1)
    special = np.where(frac == 0, 3, np.where(quiet == 1, 4, 5))
    return np.where(exp == 0, (frac > 0).astype(np.int64), np.where(exp == number_format.exp_special, special, 2))


def _allowed(spec: FpMul, a: str, b: str) -> tuple[str, ...]:
    """The result classes that the contract allows for operands of two classes."""
    ieee, result = spec.subnormals == "ieee", spec.result_format
    zeros = ("zero",) if ieee else ("zero", "subnormal")
    any_zero, any_inf = a in zeros or b in zeros, "inf" in (a, b)
    if "NaN" in a + b or (any_inf and any_zero):
        return ("NaN",)
    if any_inf or any_zero:
        return ("inf",) if any_inf else ("zero",)
    low, high = exponent_range(spec, a, b)
    reached = {
        "zero": low < (-result.frac_width if ieee else 1),
        "subnormal": ieee and low < 1 and high > -result.frac_width,
        "normal": high >= 1,
        "inf": high >= result.exp_special,
    }
    return tuple(name for name, reachable in reached.items() if reachable)


def _operands(spec: FpMul) -> Point:
    labels = []
    numbers = np.full((len(OPERANDS), len(OPERANDS), len(OPERANDS)), _UNEXPECTED)
    for i, a in enumerate(OPERANDS):
        for j, b in enumerate(OPERANDS):
            for result in _allowed(spec, a, b):
                numbers[i, j, _RESULTS.index(result)] = len(labels)
                labels.append(f"{a} x {b} = {result}")

    def find(trace: Trace) -> np.ndarray:
        a, b = classes_of(spec.format, trace.a), classes_of(spec.format, trace.b)
        return numbers[a, b, classes_of(spec.result_format, trace.result)]

    return Point("operands", tuple(labels), find)


def _signs(spec: FpMul) -> Point:
    kinds = ("zero", "finite", "inf")
    labels = tuple(f"{a} x {b}, {kind}" for a in "+-" for b in "+-" for kind in kinds)
    kind_of = np.array([0, 1, 1, 2, -1, -1])

    def find(trace: Trace) -> np.ndarray:
        kind = kind_of[classes_of(spec.result_format, trace.result)]
        signs = 2 * fields(spec.format, trace.a)[0] + fields(spec.format, trace.b)[0]
        return np.where(kind < 0, -1, signs * len(kinds) + kind)

    return Point("signs", labels, find)


def _product_bits(spec: FpMul) -> Point:
    """The bits of both significands' widths; a carry above them is a case of normalisation."""
    width = 2 * spec.format.sig_width
    labels = tuple(f"bit {bit} is {value}" for bit in range(width) for value in (0, 1))

    def find(trace: Trace) -> np.ndarray:
        bits = np.arange(width)[:, np.newaxis]
        return np.where(normal_pairs(trace), 2 * bits + (trace.product >> bits & 1), -1)

    return Point("product", labels, find)
