"""The closed form with every special case, one product at a time: any operands, any rounding.

The definition of the other closed-form kernels at the edges: subnormal operands are zeros, results below the normal
range are zeros, results above it infinities, NaN is canonical.
"""

import numba
import numpy as np

from axmac.model.fast.forms import Form

__all__ = ["constants", "dot_rows_careful", "products_careful"]

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_SIGN = np.uint32(0x80000000)
_INF = np.uint32(0x7F800000)
_NAN = np.uint32(0x7FC00000)
_FRAC = np.uint32(0x007FFFFF)
_HIDDEN = np.uint32(0x00800000)
_FRAC_WIDTH = 23
_LOWEST = 46


def constants(form: Form) -> np.ndarray:
    """int64[10]: masks x1 w1 x2 w2, halve, nearest, dropped bits, exponent range, smallest pattern read as non-zero."""
    low, high = form.exp_range
    masks = (form.x1, form.w1, form.x2, form.w2)
    smallest = (1 - form.operand.bias + 127) << _FRAC_WIDTH
    return np.array([*masks, form.halve, form.nearest, form.drop, low, high, smallest], np.int64)


@numba.njit(nogil=True, cache=True)
def _product(x, w, form):
    """Pattern uint32 of the product of two float32 patterns."""
    sign = (x ^ w) & _SIGN
    size_x, size_w = x & _MAGNITUDE, w & _MAGNITUDE
    smallest = form[9]
    zero = size_x < smallest or size_w < smallest
    if size_x >= _INF or size_w >= _INF:
        invalid = zero or size_x > _INF or size_w > _INF
        return _NAN if invalid else sign | _INF
    if zero:
        return sign
    sig_x = np.int64(size_x & _FRAC | _HIDDEN)
    sig_w = np.int64(size_w & _FRAC | _HIDDEN)
    product = (sig_x & form[0]) * (sig_w & form[1]) + 2 * ((sig_x & form[2]) * (sig_w & form[3]))
    extra = 2 if product >> (_LOWEST + 2) else 1 if product >> (_LOWEST + 1) else 0
    exp = np.int64(size_x >> _FRAC_WIDTH) + np.int64(size_w >> _FRAC_WIDTH) - 254 + extra
    if extra == 2 and form[4]:
        exp -= 1
    right = _FRAC_WIDTH + extra + form[6]
    kept = product >> right
    if form[5]:
        dropped = product - (kept << right)
        half = np.int64(1) << (right - 1)
        if dropped > half or (dropped == half and kept & 1):
            kept += 1
    kept <<= form[6]
    if kept >> 24:
        kept >>= 1
        exp += 1
    if exp < form[7]:
        return sign
    if exp > form[8]:
        return sign | _INF
    return sign | np.uint32((exp + 127) << _FRAC_WIDTH) | (np.uint32(kept) & _FRAC)


@numba.njit(nogil=True, cache=True)
def products_careful(x, w, form, out):
    """out[i] = product of x[i] and w[i]: uint32[n] patterns; ``form`` = ``constants(...)``."""
    for i in range(x.size):
        out[i] = _product(x[i], w[i], form)


@numba.njit(nogil=True, cache=True)
def dot_rows_careful(places, weights, form, out, column_stride):
    """Sequential dot products from +0 of M rows by N columns; NaN becomes canonical; ``form`` = ``constants(...)``.

    ``places`` = (x uint32[:] patterns, offsets int64[M] of the rows, int64[K] of the steps, places int64[M] of the
    rows' first results); weights uint32[K, N]. Result (m, n) goes to ``out`` float32[:] at place m + n * column_stride.
    """
    x, row_offsets, k_offsets, out_places = places
    columns = weights.shape[1]
    products, acc = np.empty(columns, np.uint32), np.empty(columns, np.float32)
    values = products.view(np.float32)
    for m in range(row_offsets.size):
        acc[:] = 0
        for k in range(k_offsets.size):
            element = x[row_offsets[m] + k_offsets[k]]
            for n in range(columns):
                products[n] = _product(element, weights[k, n], form)
            for n in range(columns):
                acc[n] += values[n]
        for n in range(columns):
            out[out_places[m] + n * column_stride] = np.float32(np.nan) if np.isnan(acc[n]) else acc[n]
