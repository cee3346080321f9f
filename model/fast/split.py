"""Cuts float32 operands into the records of the quick kernels, and finds the range of their exponents."""

import numba
import numpy as np

from axmac.model.fast.vectors import LANES

__all__ = [
    "SIGN",
    "SIGN_EXP",
    "cut_weights",
    "cut_x",
    "exponents",
    "flushed",
    "in_blocks",
    "index_weights",
    "index_x",
    "scale_weights",
    "scale_x",
]

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_INF = np.uint32(0x7F800000)
SIGN, SIGN_EXP = np.uint32(0x80000000), np.uint32(0xFF800000)
_FRAC = np.uint32(0x007FFFFF)
_HIDDEN = np.uint32(0x00800000)
_UNIT = 2.0**-23


@numba.njit(nogil=True, cache=True)
def exponents(bits, smallest):
    """Smallest and largest exponent of the values that are not zero, as (low, high); (0, 0) if there is none.

    ``bits`` uint32[:] holds float32 patterns; those below the pattern ``smallest`` count as zero. A NaN or an infinity
    gives high = 128.
    """
    low, high = np.uint32(_INF), np.uint32(0)
    for i in range(bits.size):
        magnitude = bits[i] & _MAGNITUDE
        high = max(high, magnitude)
        low = min(low, magnitude if magnitude >= smallest else _INF)
    if high < smallest:
        return 0, 0
    return (np.int64(low) >> 23) - 127, (np.int64(high) >> 23) - 127


def in_blocks(bits: np.ndarray) -> np.ndarray:
    """Patterns uint32[K, N] with columns of zeros up to a multiple of 16, contiguous."""
    missing = -bits.shape[1] % LANES
    return np.pad(bits, ((0, 0), (0, missing))) if missing else np.ascontiguousarray(bits)


def flushed(bits, smallest):
    """The patterns, with zeros of the same sign for those whose magnitude is below ``smallest``; same shape."""
    return np.where(bits & _MAGNITUDE >= smallest, bits, bits & ~_MAGNITUDE)


@numba.njit(nogil=True, cache=True)
def _power(pattern, kept, smallest):
    """The ``kept`` bits of sign and exponent of a value; 0 for those below ``smallest``."""
    return pattern & kept if pattern & _MAGNITUDE >= smallest else np.uint32(0)


@numba.njit(nogil=True, cache=True)
def cut_x(bits, mask, kept, smallest, field):
    """A field [n] (float, strided) of the records of activations, uint32[n] patterns: X & mask as a value of [0, 2).

    Times what the ``kept`` bits of the pattern stand for, such as sign and 2^exponent, 0 for a zero; kept = 0: times 1.
    """
    power = np.ones(1, np.float32)
    for i in range(bits.size):
        if kept:
            power.view(np.uint32)[0] = _power(bits[i], kept, smallest)
        field[i] = np.float64(np.int32((bits[i] & _FRAC | _HIDDEN) & mask)) * _UNIT * power[0]


@numba.njit(nogil=True, cache=True)
def scale_x(bits, kept, smallest, field):
    """A field uint32[n]: the ``kept`` bits of the patterns, 0 for a zero."""
    for i in range(bits.size):
        field[i] = _power(bits[i], kept, smallest)


@numba.njit(nogil=True, cache=True)
def index_x(bits, shift, step, field):
    """A field uint32[n]: fraction >> shift, times ``step``."""
    for i in range(bits.size):
        field[i] = ((bits[i] & _FRAC) >> shift) * step


@numba.njit(nogil=True, cache=True)
def cut_weights(bits, mask, factor, kept, smallest, field):
    """As ``cut_x`` for weights, uint32[K, 16 * J] patterns, in blocks of 16 columns; field [J, K, 16].

    The values are multiplied by ``factor``.
    """
    power = np.ones(LANES, np.float32)
    patterns = power.view(np.uint32)
    for j in range(field.shape[0]):
        for k in range(bits.shape[0]):
            block = bits[k, j * LANES : (j + 1) * LANES]
            if kept:
                for lane in range(LANES):
                    patterns[lane] = _power(block[lane], kept, smallest)
            for lane in range(LANES):
                sig = block[lane] & _FRAC | _HIDDEN
                field[j, k, lane] = np.float64(np.int32(sig & mask)) * (_UNIT * factor) * power[lane]


@numba.njit(nogil=True, cache=True)
def scale_weights(bits, kept, smallest, field):
    """As ``scale_x`` for weights; field uint32[J, K, 16]."""
    for j in range(field.shape[0]):
        for k in range(bits.shape[0]):
            for lane in range(LANES):
                field[j, k, lane] = _power(bits[k, j * LANES + lane], kept, smallest)


@numba.njit(nogil=True, cache=True)
def index_weights(bits, shift, field):
    """As ``index_x`` for weights with step 1; field uint32[J, K, 16]."""
    for j in range(field.shape[0]):
        for k in range(bits.shape[0]):
            for lane in range(LANES):
                field[j, k, lane] = (bits[k, j * LANES + lane] & _FRAC) >> shift
