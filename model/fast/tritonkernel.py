"""The GPU kernel: every special case for every product, in the order of k, in Triton's language.

One program computes a block of rows and columns; places are those of ``kernels.base``. Products are assembled as bit
patterns in integers, so that only the additions are floating-point, and none is fused. Triton's interpreter
(``TRITON_INTERPRET=1``) runs the same source on the CPU.
"""

import triton
import triton.language as tl

__all__ = ["COLUMNS", "ROWS", "dot_rows"]

ROWS, COLUMNS = tl.constexpr(16), tl.constexpr(64)
"""Results of one program."""

_MAGNITUDE = tl.constexpr(0x7FFFFFFF)
_SIGN = tl.constexpr(0x80000000)
_INF = tl.constexpr(0x7F800000)
_NAN = tl.constexpr(0x7FC00000)
_FRAC = tl.constexpr(0x007FFFFF)
_HIDDEN = tl.constexpr(0x00800000)


@triton.jit
def _significands(sig_x, sig_w, source, terms: tl.constexpr, index_width: tl.constexpr):
    """The significand product int64: terms and a shift from source int64[terms + 1, 3], or a table's entry."""
    if terms > 0:
        total = (sig_x & tl.load(source)) * (sig_w & tl.load(source + 1)) * tl.load(source + 2)
        for i in tl.static_range(1, terms):
            x_mask, w_mask = tl.load(source + 3 * i), tl.load(source + 3 * i + 1)
            total += (sig_x & x_mask) * (sig_w & w_mask) * tl.load(source + 3 * i + 2)
        return total >> tl.load(source + 3 * terms)
    row = (sig_w & _FRAC) >> (23 - index_width)
    return tl.load(source + (row << index_width) + ((sig_x & _FRAC) >> (23 - index_width)))


@triton.jit
def _products(x, w, unit, terms: tl.constexpr, index_width: tl.constexpr):
    """Patterns uint32 of the products of patterns uint32; ``unit`` begins with the limits of ``careful.limits_of``."""
    lost, nearest, dropped = tl.load(unit), tl.load(unit + 1), tl.load(unit + 2)
    lowest, highest, smallest = tl.load(unit + 3), tl.load(unit + 4), tl.load(unit + 5)
    size_x, size_w = (x & _MAGNITUDE).to(tl.int64), (w & _MAGNITUDE).to(tl.int64)
    sign = ((x ^ w) & _SIGN).to(tl.int64)
    product = _significands(size_x & _FRAC | _HIDDEN, size_w & _FRAC | _HIDDEN, unit + 6, terms, index_width)
    top, second = (product >> 48) > 0, (product >> 47) > 0
    extra = tl.where(top, 2, tl.where(second, 1, 0)).to(tl.int64)
    exp = (size_x >> 23) + (size_w >> 23) - 254 + tl.where(top & (lost != 0), 1, extra)
    right = 23 + extra + dropped
    kept = (product >> right) & (_FRAC >> dropped)
    one = tl.full(product.shape, 1, tl.int64)
    tail, half = product & ((one << right) - 1), one << (right - 1)
    up = (tail > half) | ((tail == half) & ((kept & 1) == 1))
    kept = (kept + tl.where(up & (nearest != 0), 1, 0)) << dropped
    exp += kept >> 23
    finite = sign | ((exp + 127) << 23) | (kept & _FRAC)
    finite = tl.where(exp < lowest, sign, tl.where(exp > highest, sign | _INF, finite))
    zero = (size_x < smallest) | (size_w < smallest)
    special = (size_x >= _INF) | (size_w >= _INF)
    invalid = zero | (size_x > _INF) | (size_w > _INF)
    result = tl.where(special, tl.where(invalid, _NAN, sign | _INF), tl.where(zero, sign, finite))
    return result.to(tl.uint32)


@triton.jit
def dot_rows(
    x,
    w,
    out,
    places,
    unit,
    count,
    depth,
    columns,
    column_stride,
    terms: tl.constexpr,
    index_width: tl.constexpr,
    native: tl.constexpr,
):
    """Sequential float32 dot products from +0 of ``count`` rows and the columns of w float32[depth, columns].

    x float32, out float32. ``places`` int64: rows[count], steps[depth], results[count]; ``unit`` int64: the six limits,
    then terms and shift, or a table. ``native``: the machine's own product instead.
    """
    m = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    n = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    here, there = m < count, n < columns
    x_rows = x + tl.load(places + m, mask=here, other=0)
    acc = tl.zeros((ROWS, COLUMNS), tl.float32)
    for k in range(depth):
        left = tl.load(x_rows + tl.load(places + count + k), mask=here, other=0.0)[:, None]
        right = tl.load(w + k * columns + n, mask=there, other=0.0)[None, :]
        if native:
            acc += left * right
        else:
            left, right = tl.broadcast(left, right)
            left, right = left.to(tl.uint32, bitcast=True), right.to(tl.uint32, bitcast=True)
            acc += _products(left, right, unit, terms, index_width).to(tl.float32, bitcast=True)
    patterns = acc.to(tl.uint32, bitcast=True)
    patterns = tl.where((patterns & _MAGNITUDE) > _INF, _NAN, patterns).to(tl.uint32)
    first = tl.load(places + count + depth + m, mask=here, other=0)
    targets = out + first[:, None] + (n * column_stride)[None, :]
    tl.store(targets, patterns.to(tl.float32, bitcast=True), mask=here[:, None] & there[None, :])
