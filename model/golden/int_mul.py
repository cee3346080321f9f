"""The definition of an integer product: sign and magnitude, product of the magnitudes, sign again; or a table."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from axmac.model.golden.imported import imported_table
from axmac.model.golden.rounding import bit_length, pattern_dtype
from axmac.model.spec import Drum, ExactProduct, ImportedProduct, IntFormat, IntMul, ScaleTrim, TruncatedProduct

__all__ = ["IntTrace", "integer_stages", "patterns_of", "values_of"]

_Stages = dict[str, np.ndarray]


@dataclass(frozen=True)
class IntTrace:
    """Every stage of n products, arrays int64[n] unless stated.

    ``sign`` is 1 where the product of the magnitudes is negated; it is 0 for an imported unit, whose ``product`` is the
    pattern that its table holds. ``stages`` holds what is particular to the unit, by name: DRUM ``lead``, ``shift`` and
    ``kept`` of both operands; scaleTRIM ``exp`` and ``frac`` of both, ``sum``, ``segment`` and ``line``; imported
    ``value`` and ``exact``. ``product`` is the product of the magnitudes, ``result`` holds patterns of the result.
    """

    spec: IntMul
    a: np.ndarray
    b: np.ndarray
    sign: np.ndarray
    mag_a: np.ndarray
    mag_b: np.ndarray
    stages: _Stages
    product: np.ndarray
    result: np.ndarray

    def describe(self, index: int = 0) -> str:
        """The stages of one pair as lines of text, patterns in hex."""
        width = self.spec.format.width
        digits, result_digits = -(-width // 4), -(-2 * width // 4)
        lines = [
            f"{self.spec.id}  a=0x{int(self.a[index]):0{digits}x}  b=0x{int(self.b[index]):0{digits}x}",
            f"magnitudes     a={int(self.mag_a[index])} b={int(self.mag_b[index])} negative={int(self.sign[index])}",
        ]
        lines += [f"{name:<14} {int(values[index])}" for name, values in self.stages.items()]
        lines.append(f"product        {int(self.product[index])}")
        lines.append(f"result         0x{int(self.result[index]):0{result_digits}x}")
        return "\n".join(lines)


def integer_stages(spec: IntMul, a: np.ndarray, b: np.ndarray) -> IntTrace:
    """Every stage of the products of patterns a (activation) and b (weight), both of one length."""
    values = values_of(spec.format, a), values_of(spec.format, b)
    mag_a, mag_b = (np.abs(value) for value in values)
    if isinstance(spec.product, ImportedProduct):
        mask = (1 << spec.format.width) - 1
        result = imported_table(spec)[a & mask, b & mask]
        pattern = result.astype(np.int64)
        stages = {"value": values_of(spec.result_format, result), "exact": values[0] * values[1]}
        return IntTrace(spec, a, b, np.zeros_like(pattern), mag_a, mag_b, stages, pattern, result)
    sign = ((values[0] < 0) != (values[1] < 0)).astype(np.int64)
    product, stages = _PRODUCTS[type(spec.product)](spec, mag_a, mag_b)
    result = patterns_of(spec.result_format, np.where(sign == 1, -product, product))
    return IntTrace(spec, a, b, sign, mag_a, mag_b, stages, product, result)


def values_of(number_format: IntFormat, patterns: np.ndarray) -> np.ndarray:
    """The integers int64 that patterns stand for."""
    wide = patterns.astype(np.int64) & (1 << number_format.width) - 1
    return np.where(wide > number_format.max, wide - (1 << number_format.width), wide)


def patterns_of(number_format: IntFormat, values: np.ndarray) -> np.ndarray:
    """The patterns of integers int64, modulo 2^width, in the unsigned dtype of the format."""
    return (values & (1 << number_format.width) - 1).astype(pattern_dtype(number_format))


def _exact(_spec: IntMul, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, _Stages]:
    return a * b, {}


def _truncated(spec: IntMul, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, _Stages]:
    """Partial product by partial product."""
    width, total = spec.format.width, np.zeros(a.shape, np.int64)
    for j in range(width):
        for i in range(width):
            if i + j >= spec.product.columns:
                total += (a >> i & b >> j & 1) << (i + j)
    return total, {}


def _drum(spec: IntMul, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, _Stages]:
    k, stages = spec.product.k, {}
    for name, x in (("a", a), ("b", b)):
        lead = np.maximum(bit_length(x) - 1, 0)
        shift = np.maximum(lead - k + 1, 0)
        kept = np.where(lead < k, x, x >> shift | 1)
        stages |= {f"lead {name}": lead, f"shift {name}": shift, f"kept {name}": kept}
    product = stages["kept a"] * stages["kept b"] << stages["shift a"] + stages["shift b"]
    return product, stages


def _scaletrim(spec: IntMul, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, _Stages]:
    """With F fraction bits: line = 2^F + S + S/4 + C, S scaled to F bits; the product is line * 2^(nA + nB - F)."""
    h, frac_width, stages = spec.product.h, spec.product.frac_width, {}
    for name, x in (("a", a), ("b", b)):
        exp = np.maximum(bit_length(x) - 1, 0)
        frac = (x - (np.int64(1) << exp) << h) >> exp
        stages |= {f"exp {name}": exp, f"frac {name}": np.where(x == 0, 0, frac)}
    total = stages["frac a"] + stages["frac b"]
    scaled = total << frac_width - h
    line = (1 << frac_width) + scaled + (scaled >> 2)
    stages["sum"] = total
    if spec.product.segments:
        stages["segment"] = total * spec.product.segments >> h + 1
        line = line + np.array(spec.product.constants)[stages["segment"]]
    stages["line"] = line
    exp_sum = stages["exp a"] + stages["exp b"]
    product = np.where((a == 0) | (b == 0), 0, line << exp_sum >> frac_width)
    return product, stages


_PRODUCTS: dict[type, Callable[[IntMul, np.ndarray, np.ndarray], tuple[np.ndarray, _Stages]]] = {
    ExactProduct: _exact,
    TruncatedProduct: _truncated,
    Drum: _drum,
    ScaleTrim: _scaletrim,
}
