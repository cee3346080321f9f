"""IEEE 754 addition in integers: align with a sticky bit, add or subtract, round once to nearest even."""

import numpy as np

from axmac.model.golden.rounding import fields, pattern_dtype, round_nearest_even, value_of
from axmac.model.spec import FloatFormat

__all__ = ["add"]

_GUARD = 3
"""Bits below the last place: guard, round and sticky decide every rounding, also after a cancellation of one place."""


def add(number_format: FloatFormat, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sums of patterns in the broadcast shape, RNE, with subnormals and signed zeros; every NaN is the canonical one.

    Raises ``TypeError`` for operands that are not the format's unsigned patterns.
    """
    dtype = pattern_dtype(number_format)
    for name, operand in (("a", a), ("b", b)):
        if operand.dtype != dtype:
            raise TypeError(f"{name} must be {dtype} bit patterns of {number_format.name}, not {operand.dtype}")
    a, b = np.broadcast_arrays(a, b)
    magnitude = number_format.sign_mask - 1
    swap = (b & magnitude) > (a & magnitude)
    large, small = np.where(swap, b, a), np.where(swap, a, b)
    sign, exp_large, frac_large = fields(number_format, large)
    sign_small, _, _ = fields(number_format, small)
    (sig_large, ulp_large), (sig_small, ulp_small) = value_of(number_format, large), value_of(number_format, small)

    distance = np.minimum(ulp_large - ulp_small, number_format.sig_width + _GUARD)
    shifted = sig_small << _GUARD
    aligned = shifted >> distance
    sticky = (aligned << distance) != shifted
    subtract = sign != sign_small
    total = (sig_large << _GUARD) + np.where(subtract, -(aligned | sticky), aligned | sticky)

    sign_sum = np.where((total == 0) & subtract, 0, sign)
    finite = round_nearest_even(number_format, sign_sum, total, ulp_large - _GUARD)

    inf = number_format.inf
    special = exp_large == number_format.exp_special
    opposite = ((small & magnitude) == inf) & subtract
    nan = (frac_large != 0) | opposite
    result = np.where(special, inf | sign << (number_format.width - 1), finite)
    return np.where(special & nan, number_format.nan, result).astype(dtype)
