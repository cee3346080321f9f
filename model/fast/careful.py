"""Products with every special case, one at a time: any operands, any rounding, any source of the significand product.

The definition of the other kernels at the edges: subnormal operands are zeros, results below the normal range are
zeros, results above it infinities, NaN is canonical. The significand product comes from the terms of a closed form,
from a table, or from the caller. It stands at the upper end of 48 bits (and one more) whatever the format's width.
"""

import numba
import numpy as np

from axmac.model.spec import FpMul

__all__ = ["add_products", "dot_rows_careful", "finish_products", "limits_of", "products_careful"]

_MAGNITUDE = np.uint32(0x7FFFFFFF)
_SIGN = np.uint32(0x80000000)
_INF = np.uint32(0x7F800000)
_NAN = np.uint32(0x7FC00000)
_FRAC = np.uint32(0x007FFFFF)
_HIDDEN = np.uint32(0x00800000)
_FRAC_WIDTH = 23
_LOWEST = 46


def limits_of(spec: FpMul, *, bounded: bool = True) -> np.ndarray:
    """int64[6]: extra carry lost, nearest, dropped bits, smallest and largest exponent, smallest non-zero pattern.

    ``bounded=False`` gives the result float32's exponents, so that only the fraction is that of the result format.
    """
    result = spec.result_format
    bias = result.bias if bounded else 127
    smallest = (1 - spec.format.bias + 127) << _FRAC_WIDTH
    lost, nearest = spec.extra_carry == "lost", spec.rounding == "rne"
    return np.array([lost, nearest, _FRAC_WIDTH - result.frac_width, 1 - bias, bias, smallest], np.int64)


@numba.njit(nogil=True, cache=True)
def _finite(product, exp, sign, limits):
    """Pattern uint32: normalise by the two top bits, round, check the range. ``exp`` = e_x + e_w, unbiased."""
    extra = 2 if product >> (_LOWEST + 2) else 1 if product >> (_LOWEST + 1) else 0
    exp += 1 if extra == 2 and limits[0] else extra
    right = _FRAC_WIDTH + extra + limits[2]
    kept = (product >> right) & (_FRAC >> limits[2])
    if limits[1]:
        dropped = product & ((np.int64(1) << right) - 1)
        half = np.int64(1) << (right - 1)
        if dropped > half or (dropped == half and kept & 1):
            kept += 1
    kept <<= limits[2]
    if kept >> _FRAC_WIDTH:
        kept = np.int64(0)
        exp += 1
    if exp < limits[3]:
        return sign
    if exp > limits[4]:
        return sign | _INF
    return sign | np.uint32((exp + 127) << _FRAC_WIDTH) | np.uint32(kept)


@numba.njit(nogil=True, cache=True)
def _finish(product, x, w, limits):
    """Pattern uint32 of the product of two float32 patterns whose significand product is given."""
    sign = (x ^ w) & _SIGN
    size_x, size_w = x & _MAGNITUDE, w & _MAGNITUDE
    zero = size_x < limits[5] or size_w < limits[5]
    if size_x >= _INF or size_w >= _INF:
        invalid = zero or size_x > _INF or size_w > _INF
        return _NAN if invalid else sign | _INF
    if zero:
        return sign
    exp = np.int64(size_x >> _FRAC_WIDTH) + np.int64(size_w >> _FRAC_WIDTH) - 254
    return _finite(product, exp, sign, limits)


@numba.njit(nogil=True, cache=True)
def _significands(x, w, source):
    """The significand product. ``source`` int64[T + 1, 3] = terms and shift, or int64[S, S] = table with S >= 16."""
    sig_x, sig_w = np.int64(x & _FRAC | _HIDDEN), np.int64(w & _FRAC | _HIDDEN)
    size = source.shape[1]
    if size > 3:
        shift = _FRAC_WIDTH
        while size > 1:
            size >>= 1
            shift -= 1
        return source[(sig_w & _FRAC) >> shift, (sig_x & _FRAC) >> shift]
    total = np.int64(0)
    for i in range(source.shape[0] - 1):
        total += (sig_x & source[i, 0]) * (sig_w & source[i, 1]) * source[i, 2]
    return total >> source[source.shape[0] - 1, 0]


@numba.njit(nogil=True, cache=True)
def products_careful(x, w, source, limits, out):
    """out[i] = product of x[i] and w[i]: uint32[n] patterns; ``source`` as ``_significands``, ``limits_of``."""
    for i in range(x.size):
        out[i] = _finish(_significands(x[i], w[i], source), x[i], w[i], limits)


@numba.njit(nogil=True, cache=True)
def dot_rows_careful(places, weights, source, limits, acc, out, column_stride):
    """Sequential dot products from +0 of M rows by N columns; NaN becomes canonical.

    ``places`` = (x uint32[:] patterns, offsets int64[M] of the rows, int64[K] of the steps, places int64[M] of the
    rows' first results); weights uint32[K, N]; acc float32[N] or float64[N], the accumulators. Result (m, n) goes to
    ``out`` float32[:] at place m + n * column_stride.
    """
    x, row_offsets, k_offsets, out_places = places
    columns = weights.shape[1]
    products = np.empty(columns, np.uint32)
    values = products.view(np.float32)
    for m in range(row_offsets.size):
        acc[:] = 0
        for k in range(k_offsets.size):
            element = x[row_offsets[m] + k_offsets[k]]
            for n in range(columns):
                weight = weights[k, n]
                products[n] = _finish(_significands(element, weight, source), element, weight, limits)
            for n in range(columns):
                acc[n] += values[n]
        for n in range(columns):
            out[out_places[m] + n * column_stride] = np.float32(np.nan) if np.isnan(acc[n]) else np.float32(acc[n])


@numba.njit(nogil=True, cache=True)
def finish_products(products, x, w, limits, out):
    """out[i] = pattern of the product of x[i] and w[i], uint32[n], whose significand product is products[i], int64."""
    for i in range(x.size):
        out[i] = _finish(products[i], x[i], w[i], limits)


@numba.njit(nogil=True, cache=True)
def add_products(products, lanes, scalars, limits, acc):
    """acc[s, i] += product of lanes[i] and scalars[s], whose significand product is products[s, i].

    Patterns uint32, in either role: here the product no longer depends on the order. acc float32 or float64.
    """
    patterns = np.empty(lanes.size, np.uint32)
    values = patterns.view(np.float32)
    for s in range(scalars.size):
        for i in range(lanes.size):
            patterns[i] = _finish(products[s, i], lanes[i], scalars[s], limits)
        for i in range(lanes.size):
            acc[s, i] += values[i]
