"""Which units have a closed form, and whether the quick kernels can compute it.

A bilinear significand multiplier is a sum of few terms ``coefficient * (X & x) * (W & w)`` (``spec.bilinear``); an
exact one is one such term. The value before rounding then is a sum of few exact products of floats.
"""

from dataclasses import dataclass
from math import lcm

import numpy as np

from axmac.model.spec import FloatFormat, FpMul
from axmac.model.spec.bilinear import Term, bilinear_terms

__all__ = ["Form", "closed_form"]

_SIG_WIDTH = 24
_MOST_TERMS = 4
_DOUBLE = 53


@dataclass(frozen=True)
class Form:
    """P = sum of the terms, for float32 significands X (activation) and W (weight).

    Operands of a narrower format are float32 values, so masks stand at the upper end of 24 bits and P at that of 48.
    ``lost``: a product P >= 2^48 is halved. ``nearest``: round to nearest even, otherwise truncate. ``operand`` and
    ``result`` give the limits of the exponents and the fraction that is kept.
    """

    terms: tuple[Term, ...]
    lost: bool
    nearest: bool
    operand: FloatFormat
    result: FloatFormat

    @property
    def extremes(self) -> tuple[int, int]:
        """Smallest and largest P of normal operands; coefficients are positive, so more bits never give less."""
        hidden, every = 1 << (_SIG_WIDTH - 1), (1 << _SIG_WIDTH) - 1
        return self.product(hidden, hidden), self.product(every, every)

    def product(self, x: int, w: int) -> int:
        """P of one pair of significands."""
        return int(sum(term.coefficient * (x & term.x) * (w & term.w) for term in self.terms))

    @property
    def exponent_is_fixed(self) -> bool:
        """Whether every product of normal operands has the exponent e_x + e_w + 1: P >= 2^47, and halved from 2^48."""
        return self.lost and self.extremes[0] >= 1 << (2 * _SIG_WIDTH - 1)

    @property
    def quick(self) -> bool:
        """Whether a sum of float products gives P and its own exponent is that of the result, or a fixed one."""
        if self.nearest or len(self.terms) > _MOST_TERMS or any(term.coefficient <= 0 for term in self.terms):
            return False
        low, high = self.extremes
        scale = lcm(*(term.coefficient.denominator for term in self.terms))
        natural = low >= 1 << (2 * _SIG_WIDTH - 2) and not (self.lost and high >> (2 * _SIG_WIDTH))
        return (high * scale).bit_length() <= _DOUBLE and (natural or self.exponent_is_fixed)

    @property
    def exact_in_float32(self) -> bool:
        """Whether float32 holds every significand product before rounding."""
        return 2 * self.operand.sig_width + 1 <= _SIG_WIDTH and len(self.terms) <= 2

    @property
    def native(self) -> bool:
        """Whether the machine's own float32 product is that of the unit where it is a normal number."""
        exact = len(self.terms) == 1 and self.terms[0].coefficient == 1
        rounded_alike = self.nearest or 2 * self.operand.sig_width <= self.result.sig_width
        return exact and rounded_alike and self.result.sig_width == _SIG_WIDTH

    def constants(self) -> np.ndarray:
        """int64[terms + 1, 3]: masks and numerator of each coefficient; then the bits to shift the sum right."""
        scale = lcm(*(term.coefficient.denominator for term in self.terms))
        rows = [(term.x, term.w, int(term.coefficient * scale)) for term in self.terms]
        return np.array([*rows, (scale.bit_length() - 1, 0, 0)], np.int64)


def closed_form(spec: FpMul) -> Form | None:
    """The closed form of a unit, or None where there is none."""
    width = spec.format.sig_width
    terms = None if spec.subnormals == "ieee" else bilinear_terms(spec.significand, width)
    if terms is None:
        return None
    shift = _SIG_WIDTH - width
    return Form(
        tuple(Term(term.x << shift, term.w << shift, term.coefficient) for term in terms),
        lost=not spec.significand.exact and spec.extra_carry == "lost",
        nearest=spec.rounding == "rne",
        operand=spec.format,
        result=spec.result_format,
    )
