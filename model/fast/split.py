"""Cuts float32 operands into the records of the closed form's kernel, and finds the range of their exponents."""

import numba
import numpy as np

from axmac.model.fast.microkernel import LANES

__all__ = ["exponents", "split_weights", "split_x"]

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_INF = np.uint32(0x7F800000)
_SIGN_EXP = np.uint32(0xFF800000)
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


@numba.njit(nogil=True, cache=True)
def split_x(bits, smallest, masks, records):
    """Records of activations, uint32[n] patterns; masks = (x1, x2).

    ``records`` = (values, values, patterns): strided views [n] of the records' fields, the last one as uint32. They
    take (X & x1) and (X & x2) as significands in [0, 2), and the pattern of sign and exponent, 0 for a zero.
    """
    first, second, scale = records
    for i in range(bits.size):
        sig = bits[i] & _FRAC | _HIDDEN
        first[i] = np.float64(np.int32(sig & masks[0])) * _UNIT
        second[i] = np.float64(np.int32(sig & masks[1])) * _UNIT
        scale[i] = bits[i] & _SIGN_EXP if bits[i] & _MAGNITUDE >= smallest else np.uint32(0)


@numba.njit(nogil=True, cache=True)
def split_weights(bits, smallest, masks, unit, records):
    """Records of weights, uint32[K, N] patterns, in J blocks of 16 columns; masks = (w1, w2).

    As ``split_x``, with fields [J, K, 16]. The first field is multiplied by ``unit``, the second
    by 2 * ``unit``. Columns beyond N are left as they are.
    """
    first, second, scale = records
    steps, columns = bits.shape
    for j in range(first.shape[0]):
        for k in range(steps):
            for lane in range(min(LANES, columns - j * LANES)):
                pattern = bits[k, j * LANES + lane]
                sig = pattern & _FRAC | _HIDDEN
                first[j, k, lane] = np.float64(np.int32(sig & masks[0])) * (_UNIT * unit)
                second[j, k, lane] = np.float64(np.int32(sig & masks[1])) * (2 * _UNIT * unit)
                scale[j, k, lane] = pattern & _SIGN_EXP if pattern & _MAGNITUDE >= smallest else np.uint32(0)
