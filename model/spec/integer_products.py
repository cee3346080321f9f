"""Products of two magnitudes of n bits: exact, with low columns left out, DRUM, scaleTRIM.

Integer multipliers apply them to the absolute values of their operands; the sign is put on afterwards. A constructor
checks its own fields, ``check(format)`` whether they fit a format.

DRUM: Hashemi, Bahar, Reda, "DRUM: A dynamic range unbiased multiplier for approximate applications", ICCAD 2015.
scaleTRIM: a reconstruction. Its text, constants and error table are not public; the form below and the constants are
this project's, by least squares over the pairs 1..255.
"""

from dataclasses import dataclass
from typing import ClassVar

from axmac.model.spec.errors import InputError
from axmac.model.spec.formats import IntFormat
from axmac.model.spec.imported import ImportedProduct

__all__ = ["Drum", "ExactProduct", "IntegerProduct", "ScaleTrim", "TruncatedProduct"]

_CONSTANTS = {
    (3, 4): (16, 9, 44, 106),
    (4, 4): (-3, -11, 22, 84),
    (4, 8): (4, -5, -11, -10, 9, 40, 77, 112),
}
"""scaleTRIM's C by h and number of segments, in units of 2^-8: the mean of what the line leaves in each segment."""

_CONSTANT_FRACTION = 8


@dataclass(frozen=True)
class ExactProduct:
    """The exact product."""

    label: ClassVar[str] = "exact"

    def check(self, number_format: IntFormat) -> None:
        """Fits every format."""


@dataclass(frozen=True, repr=False)
class TruncatedProduct:
    """The sum of the partial products a_i b_j 2^(i+j) with i + j >= ``columns``; no correction for those left out.

    Raises ``TypeError`` and ``InputError``.
    """

    columns: int

    def __post_init__(self) -> None:
        _check_integer("columns", self.columns)
        if self.columns < 1:
            raise InputError(f"columns must be at least 1, not {self.columns!r}: use the exact product")

    def check(self, number_format: IntFormat) -> None:
        """At least one column stays; ``InputError`` otherwise."""
        _check_range("k", self.columns, 1, 2 * number_format.width - 2, number_format)

    @property
    def label(self) -> str:
        """As it stands in an id."""
        return f"trunc_k{self.columns}"

    def __repr__(self) -> str:
        return f"TruncatedProduct({self.columns})"


@dataclass(frozen=True, repr=False)
class Drum:
    """DRUM(k): an operand above k bits keeps k bits from its leading one on, the last of them set.

    With L the index of the leading one: L < k: m = x, s = 0; otherwise s = L - k + 1, m = (x >> s) | 1.
    The product is m_a m_b 2^(s_a + s_b). Raises ``TypeError`` and ``InputError``.
    """

    k: int

    def __post_init__(self) -> None:
        _check_integer("k", self.k)
        if self.k < 3:
            raise InputError(f"k must be at least 3, not {self.k!r}")  # with 2, -128 x -128 leaves 16 bits

    def check(self, number_format: IntFormat) -> None:
        """k is less than the width; ``InputError`` otherwise."""
        _check_range("k", self.k, 3, number_format.width - 1, number_format)

    @property
    def label(self) -> str:
        """As it stands in an id."""
        return f"drum_k{self.k}"

    def __repr__(self) -> str:
        return f"Drum({self.k})"


@dataclass(frozen=True, repr=False)
class ScaleTrim:
    """scaleTRIM(h, M), a reconstruction: a line in the sum of both fractions, and a constant for each of M segments.

    A = 2^nA (1 + X), B = 2^nB (1 + Y); X_h, Y_h are the first ``h`` fraction bits, truncated; S = X_h + Y_h.
    P = 2^(nA + nB) (1 + S + S/4 + C[top log2 M bits of the (h+1)-bit S]), rounded down; a zero operand gives 0.
    ``segments`` 0 is without C. The constants are known for (3, 4), (4, 4) and (4, 8).
    Raises ``TypeError`` and ``InputError``.
    """

    note: ClassVar[str] = "scaleTRIM as axmac reconstructed it: its text and constants are not public"

    h: int
    segments: int

    def __post_init__(self) -> None:
        _check_integer("h", self.h)
        _check_integer("segments", self.segments)
        if self.h < 2:
            raise InputError(f"h must be at least 2, not {self.h!r}")
        if self.segments and (self.h, self.segments) not in _CONSTANTS:
            known = ", ".join(f"h{h} m{segments}" for h, segments in _CONSTANTS)
            raise InputError(f"scaleTRIM has no constants for h{self.h} m{self.segments}: use m0 or one of {known}")

    def check(self, number_format: IntFormat) -> None:
        """A magnitude has h bits below its leading one; ``InputError`` otherwise."""
        _check_range("h", self.h, 2, number_format.width - 1, number_format)

    @property
    def constants(self) -> tuple[int, ...]:
        """C by segment, in units of 2^-frac_width; empty without segments."""
        return _CONSTANTS.get((self.h, self.segments), ())

    @property
    def frac_width(self) -> int:
        """Bits below the point of 1 + S + S/4 + C: 8, or as many as S/4 needs where there is no C."""
        return _CONSTANT_FRACTION if self.segments else self.h + 2

    @property
    def label(self) -> str:
        """As it stands in an id."""
        return f"scaletrim_h{self.h}_m{self.segments}"

    def __repr__(self) -> str:
        return f"ScaleTrim({self.h}, {self.segments})"


IntegerProduct = ExactProduct | TruncatedProduct | Drum | ScaleTrim | ImportedProduct


def _check_integer(field: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{field} must be an integer, not {value!r}")


def _check_range(field: str, value: int, low: int, high: int, number_format: IntFormat) -> None:
    if not low <= value <= high:
        raise InputError(f"{field} must be {low} to {high} for operands of {number_format.width} bits, not {value}")
