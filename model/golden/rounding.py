"""Integers to floating point: one exact value, rounded once to nearest even, with subnormals and overflow."""

from fractions import Fraction

import numpy as np

from axmac.model.spec import FloatFormat, IntFormat

__all__ = [
    "bit_length",
    "check_patterns",
    "convert",
    "fields",
    "pattern_dtype",
    "round_fraction",
    "round_nearest_even",
    "value_of",
]


def pattern_dtype(number_format: FloatFormat | IntFormat) -> np.dtype:
    """The unsigned dtype that holds the patterns of a format: uint8, uint16 or uint32."""
    return np.dtype(np.uint8 if number_format.width <= 8 else np.uint16 if number_format.width <= 16 else np.uint32)


def check_patterns(number_format: FloatFormat | IntFormat, a: np.ndarray, b: np.ndarray) -> None:
    """Raises ``TypeError`` unless a and b are numpy arrays of the dtype of the format's patterns."""
    dtype = pattern_dtype(number_format)
    for name, operand in (("a", a), ("b", b)):
        if not isinstance(operand, (np.ndarray, np.generic)) or operand.dtype != dtype:
            kind = getattr(operand, "dtype", type(operand).__name__)
            raise TypeError(f"{name} must be {dtype} bit patterns of {number_format.name}, not {kind}")


def fields(number_format: FloatFormat, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sign, biased exponent and fraction of patterns, each int64 and of the patterns' shape."""
    wide = bits.astype(np.int64)
    frac_width = number_format.frac_width
    return (
        wide >> (number_format.width - 1),
        wide >> frac_width & number_format.exp_special,
        wide & number_format.frac_mask,
    )


def value_of(number_format: FloatFormat, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finite patterns as (significand int64, exponent int64 of its last bit): |value| = significand * 2^exponent."""
    _, biased_exp, frac = fields(number_format, bits)
    hidden = (biased_exp > 0).astype(np.int64) << number_format.frac_width
    return frac | hidden, np.maximum(biased_exp, 1) - number_format.bias - number_format.frac_width


def bit_length(values: np.ndarray) -> np.ndarray:
    """Position of the leading one plus 1, and 0 for 0; int64 for non-negative int64."""
    length = np.zeros(values.shape, np.int64)
    rest = values.copy()
    for step in (32, 16, 8, 4, 2, 1):
        high = rest >> step
        long = high > 0
        length += step * long
        rest = np.where(long, high, rest)
    return length + (rest > 0)


def round_nearest_even(number_format: FloatFormat, sign: np.ndarray, sig: np.ndarray, exp: np.ndarray) -> np.ndarray:
    """Patterns int64 of (-1)^sign * sig * 2^exp, sig int64 in [0, 2^62), rounded once, IEEE 754.

    A bit below the last one that counts may be folded into the last bit of ``sig`` (sticky).
    """
    frac_width = number_format.frac_width
    lowest = 1 - number_format.bias - frac_width
    quantum = np.maximum(exp + bit_length(sig) - number_format.sig_width, lowest)
    right = np.clip(quantum - exp, 0, 63)
    left = np.clip(exp - quantum, 0, 63)
    kept = (sig >> right) << left
    dropped = sig - ((sig >> right) << right)
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), 1)
    kept += (dropped > half) | ((dropped == half) & (kept & 1 == 1))
    pattern = np.minimum(((quantum - lowest) << frac_width) + kept, number_format.inf)
    return np.where(sig == 0, 0, pattern) | sign << (number_format.width - 1)


def round_fraction(number_format: FloatFormat, value: Fraction) -> int:
    """The pattern of a non-negative fraction, rounded once. Raises ``ValueError`` for a negative one."""
    if value < 0:
        raise ValueError(f"value must not be negative, not {value}")
    exp = value.numerator.bit_length() - value.denominator.bit_length() - 60
    scaled = value / Fraction(2) ** exp
    sig = int(scaled) | (scaled.denominator != 1)
    exp = max(min(exp, 1 << 20), -(1 << 20))
    return int(round_nearest_even(number_format, *(np.array([part], np.int64) for part in (0, sig, exp)))[0])


def convert(source: FloatFormat, target: FloatFormat, bits: np.ndarray) -> np.ndarray:
    """Patterns of one format as patterns of another, rounded to nearest even; every NaN becomes the canonical one."""
    sign, biased_exp, frac = fields(source, bits)
    finite = round_nearest_even(target, sign, *value_of(source, bits))
    inf = target.inf | sign << (target.width - 1)
    special = np.where(frac == 0, inf, target.nan)
    return np.where(biased_exp == source.exp_special, special, finite).astype(pattern_dtype(target))
