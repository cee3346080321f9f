"""The innermost loop: 8 rows by 16 columns of sequential dot products, in registers, written in LLVM vector types.

Vectors run over 16 columns (output channels), so that each lane adds its products in the order of k. LLVM lowers the
16-lane vectors to whatever the machine has (AVX-512, AVX2, SSE, NEON); the bits are the same on all of them, because
every fused operation below has an exact inner product.

    natural         v = x1*w1 + x2*w2 (+ ..)  exact, in the float type of the kind, signs and exponents in the factors
                    acc = acc + truncated(v)  one rounding, that of the addition
    fixed           v = x1*w1 + x2*w2 (+ ..)  of the significands alone, in [1, 8), scaled so that the upper bits of a
                    u = bits(v) & keep | force        float64 v, shifted by 3, are those of a float32
                    acc = acc + u * (sx*sw)   u * sx * sw is the product, exactly: one rounding, that of the addition
    native          acc = acc + x*w           two roundings: the exact unit

``fixed`` serves units whose results all have the exponent e_x + e_w + 1, whatever v is (a lost extra carry). An element
of x is a record of the fields x1, x2.. and for ``fixed`` sx (float32), filled up to a multiple of 8 bytes if there is a
float64; a record of the weights holds the same fields, each for 16 columns. ``sx`` and ``sw`` carry sign and exponent
and are 0 for zero operands. The record of element (row, k) lies at row_offset + k_offset, which makes a convolution a
matrix product without copying its patches. Where each column has its own activations (groups of a convolution), an
element of x is a record of the form of the weights' instead. Kernel and driver stand in one file because numba's
cache looks at one.
"""

from typing import NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from axmac.model.fast.vectors import F32, F64, I32, I64, LANES, at, load, splat, vector

__all__ = ["KINDS", "NATIVE", "ROWS", "Kind", "dot_rows", "dot_rows_native", "kind_of"]

ROWS = 8


class Kind(NamedTuple):
    """A variant of the loop: number of products in v, its float type, and whether exponents stand apart (``fixed``)."""

    terms: int
    wide: bool
    fixed: bool

    @property
    def fields(self) -> tuple[ir.Type, ...]:
        """Types of a record's fields."""
        return (F64 if self.wide else F32,) * self.terms + (F32,) * (self.wide or self.fixed)

    @property
    def record_bytes(self) -> int:
        """Bytes of a record of x."""
        used = sum(_SIZE[field] for field in self.fields)
        return -(-used // 8) * 8 if self.wide else used

    @property
    def weight_bytes(self) -> int:
        """Bytes of a record of the weights (16 columns)."""
        return sum(_SIZE[field] for field in self.fields) * LANES


_SIZE = {F64: 8, F32: 4}
NATIVE = Kind(1, wide=False, fixed=False)
KINDS = (
    NATIVE,
    *(Kind(2, wide=False, fixed=fixed) for fixed in (False, True)),
    *(Kind(terms, wide=True, fixed=fixed) for terms in (2, 3, 4) for fixed in (False, True)),
)
"""Every variant; the compiled loop knows one by its place here."""
_FUSE = ("contract",)
_CHUNK = 64
"""Rows whose accumulators a thread keeps at hand."""
_K_BLOCK = 256
"""Steps of k before the next column block: 80 KB of weights and at most 400 KB of x stay in the second-level cache."""


def kind_of(terms: int, *, wide: bool, fixed: bool) -> Kind:
    """The narrowest kind that adds so many products: at least two."""
    return next(kind for kind in KINDS[1:] if kind.terms >= terms and kind.wide == wide and kind.fixed == fixed)


def _load_fields(builder: ir.IRBuilder, record: ir.Value, kind: Kind, lanes: int) -> list[ir.Value]:
    """The fields of a record: scalars for lanes = 1, vectors for lanes = LANES."""
    loaded, offset = [], 0
    for field in kind.fields:
        wanted = field if lanes == 1 else vector(field)
        loaded.append(load(builder, record, offset, wanted))
        offset += _SIZE[field] * lanes
    return loaded


def _sum_of_products(builder: ir.IRBuilder, row: list[ir.Value], column: list[ir.Value]) -> ir.Value:
    value, *others = (builder.fmul(x, w, flags=_FUSE) for x, w in zip(row, column, strict=True))
    for other in others:
        value = builder.fadd(other, value, flags=_FUSE)
    return value


def _accumulate(builder: ir.IRBuilder, kind: Kind, row: list, column: list, masks: list, acc: ir.Value) -> ir.Value:
    """One step of k for one row: 16 products are added to their accumulators."""
    if kind == NATIVE:
        return builder.fadd(acc, builder.fmul(row[0], column[0]))
    value = _sum_of_products(builder, row[: kind.terms], column[: kind.terms])
    keep, force = masks
    if kind.wide:
        shifted = builder.shl(builder.bitcast(value, vector(I64)), ir.Constant(vector(I64), [3] * LANES))
        halves = builder.bitcast(shifted, ir.VectorType(I32, 2 * LANES))
        upper = ir.Constant(vector(I32), [2 * lane + 1 for lane in range(LANES)])
        bits = builder.shuffle_vector(halves, ir.Constant(halves.type, ir.Undefined), upper)
    else:
        bits = builder.bitcast(value, vector(I32))
    bits = builder.or_(builder.and_(bits, keep), force)
    if not kind.fixed:
        if kind.wide:
            signs = [builder.bitcast(side[-1], vector(I32)) for side in (row, column)]
            bits = builder.or_(bits, builder.xor(*signs))
        return builder.fadd(acc, builder.bitcast(bits, vector(F32)))
    unscaled = builder.bitcast(bits, vector(F32))
    scale = builder.fmul(row[-1], column[-1])
    return builder.fadd(builder.fmul(unscaled, scale, flags=_FUSE), acc, flags=_FUSE)


class _Call(NamedTuple):
    """The operands of one call of a kernel, as LLVM values (``_block``)."""

    rows: list[ir.Value]
    steps: ir.Value
    count: ir.Value
    weights: ir.Value
    masks: list[ir.Value]
    acc: list[ir.Value]


def _loop(builder: ir.IRBuilder, kind: Kind, own: bool, call: _Call, done: ir.Block) -> None:
    """The loop over k of one kind, then a jump to ``done``."""
    first = []
    for pointer in call.acc:
        first.append(builder.load(pointer))
        first[-1].align = 4
    entry, loop, end = builder.block, builder.append_basic_block("k"), builder.append_basic_block("end")
    builder.branch(loop)

    builder.position_at_end(loop)
    k = builder.phi(I64)
    sums = [builder.phi(vector(F32)) for _ in range(ROWS)]
    offset = builder.load(builder.gep(call.steps, [k]))
    record = builder.gep(call.weights, [builder.mul(k, ir.Constant(I64, kind.weight_bytes))])
    column = _load_fields(builder, record, kind, LANES)
    following = []
    for base, total in zip(call.rows, sums, strict=True):
        fields = _load_fields(builder, builder.gep(base, [offset]), kind, LANES if own else 1)
        row = fields if own else [splat(builder, field) for field in fields]
        following.append(_accumulate(builder, kind, row, column, call.masks, total))
    next_k = builder.add(k, ir.Constant(I64, 1))
    for phi, start, stop in zip([k, *sums], [ir.Constant(I64, 0), *first], [next_k, *following], strict=True):
        phi.add_incoming(start, entry)
        phi.add_incoming(stop, loop)
    builder.cbranch(builder.icmp_signed("<", next_k, call.count), loop, end)

    builder.position_at_end(end)
    for pointer, value in zip(call.acc, following, strict=True):
        builder.store(value, pointer).align = 4
    builder.branch(done)


@intrinsic
def _block(_typing, kind, own, x, rows, steps, weights, masks, acc):
    """One call: 8 rows by 16 columns, the loop of a kind (its place in KINDS), columns with their ``own`` x or not.

    x uint8[:], byte offsets int64[>=8] of the rows and int64[K] of the steps (K >= 1), weights
    uint8[K, weight_bytes], masks (keep, force) uint32, acc float32[8, 16] (any row stride), read and written.
    """

    def generate(context, builder, signature, args):
        x, rows, steps, weights, acc = (
            context.make_array(signature.args[i])(context, builder, args[i]) for i in (2, 3, 4, 5, 7)
        )
        row_base = []
        for r in range(ROWS):
            row_offset = builder.load(builder.gep(rows.data, [ir.Constant(I64, r)]))
            row_base.append(builder.gep(x.data, [row_offset]))
        masks = [splat(builder, builder.extract_value(args[6], i)) for i in range(2)]
        stride = builder.extract_value(acc.strides, 0)
        acc_rows = [at(builder, acc.data, builder.mul(stride, ir.Constant(I64, r)), vector(F32)) for r in range(ROWS)]
        count = builder.extract_value(steps.shape, 0)
        call = _Call(row_base, steps.data, count, weights.data, masks, acc_rows)
        done = builder.append_basic_block("done")
        place = builder.add(builder.shl(args[0], ir.Constant(I64, 1)), builder.zext(args[1], I64))
        choice = builder.switch(place, done)
        for number, variant in enumerate(KINDS):
            for has_own in (False, True):
                case = builder.append_basic_block("kind")
                choice.add_case(ir.Constant(I64, 2 * number + has_own), case)
                builder.position_at_end(case)
                _loop(builder, variant, has_own, call, done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(kind, own, x, rows, steps, weights, masks, acc), generate


@numba.njit(nogil=True, cache=True)
def dot_rows(kind, own, places, weights, masks, out, column_stride):
    """Sequential dot products from +0 of M rows and the columns of ``weights``; NaN becomes canonical.

    With ``own``, x has a record for each element and column (and there is one block of columns).
    ``places`` = (x uint8[:] of records, byte offsets int64[M] of the rows, byte offsets int64[K] of the steps, places
    int64[M] of the rows' first results); ``weights`` = (uint8[ceil(N/16), K, weight_bytes], N); masks (keep, force)
    uint32. Result (m, n) goes to ``out`` float32[:] at place m + n * column_stride.
    """
    x, row_offsets, k_offsets, out_places = places
    panels, columns = weights
    acc = np.empty((_CHUNK, panels.shape[0] * LANES), np.float32)
    rows = np.empty(_CHUNK, np.int64)
    for chunk in range(0, row_offsets.size, _CHUNK):
        used = min(_CHUNK, row_offsets.size - chunk)
        for r in range(_CHUNK):
            rows[r] = row_offsets[chunk + min(r, used - 1)]
        acc[:] = 0
        for k in range(0, k_offsets.size, _K_BLOCK):
            steps = k_offsets[k : k + _K_BLOCK]
            for j in range(panels.shape[0]):
                for r in range(0, used, ROWS):
                    target = acc[r : r + ROWS, j * LANES : (j + 1) * LANES]
                    _block(kind, own, x, rows[r:], steps, panels[j, k:], masks, target)
        _store(acc, used, columns, out, out_places[chunk:], column_stride)


@numba.njit(nogil=True, cache=True)
def _store(acc, rows, columns, out, places, column_stride):
    """Writes the accumulators of a chunk, along the direction in which ``out`` is contiguous."""
    outer, inner = (rows, columns) if column_stride == 1 else (columns, rows)
    for i in range(outer):
        for j in range(inner):
            m, n = (i, j) if column_stride == 1 else (j, i)
            value = acc[m, n]
            out[places[m] + n * column_stride] = np.float32(np.nan) if np.isnan(value) else value


@numba.njit(nogil=True, cache=True)
def dot_rows_native(places, weights, out, column_stride):
    """As ``dot_rows`` for exact float32 products and a float64 accumulator: x float32[:], weights float32[K, N]."""
    x, row_offsets, k_offsets, out_places = places
    acc = np.empty(weights.shape[1], np.float64)
    for m in range(row_offsets.size):
        acc[:] = 0
        for k in range(k_offsets.size):
            element = x[row_offsets[m] + k_offsets[k]]
            for n in range(acc.size):
                acc[n] += np.float64(element * weights[k, n])
        for n in range(acc.size):
            out[out_places[m] + n * column_stride] = np.float32(np.nan) if np.isnan(acc[n]) else np.float32(acc[n])
