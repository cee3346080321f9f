"""The innermost loop: 8 rows by 16 columns of sequential dot products, in registers, written in LLVM vector types.

Vectors run over 16 columns (output channels), so that each lane adds its products in the order of k. LLVM lowers the
16-lane vectors to whatever the machine has (AVX-512, AVX2, SSE, NEON); the bits are the same on all of them, because
every fused operation below has an exact inner product.

    float64 split   v = x1*w1 + x2*w2 (+ ..)  exact, in [1, 8), scaled so that its upper bits are those of a float32
                    u = (upper 32 bits of v << 3) & keep | force
                    acc = acc + u * (sx*sw)   u * sx * sw is the product, exactly: one rounding, that of the addition
    float32 split   the same with v in float32, for significands of at most 11 bits
    native          acc = acc + x*w           two roundings: the exact unit

The kinds SPLIT64, SPLIT64_3 and SPLIT64_4 add two, three and four products. An element of x is a record of the fields
x1, x2.. and sx (float32), filled up to a multiple of 8 bytes if there is a float64; a record of the weights holds the
same fields, each for 16 columns. ``sx`` and ``sw`` carry sign and exponent and
are 0 for zero operands. The record of element (row, k) lies at row_offset + k_offset, which makes a convolution a
matrix product without copying its patches. Where each column has its own activations (groups of a convolution), an
element of x is a record of the form of the weights' instead. Kernel and driver stand in one file because numba's
cache looks at one.
"""

from collections.abc import Callable

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from axmac.model.fast.vectors import F32, F64, I32, I64, LANES, at, load, splat, vector

__all__ = [
    "NATIVE",
    "RECORD_BYTES",
    "ROWS",
    "SPLIT32",
    "SPLIT64",
    "SPLIT64_3",
    "SPLIT64_4",
    "WEIGHT_BYTES",
    "dot_rows",
    "dot_rows_native",
]

ROWS = 8
SPLIT64, SPLIT32, NATIVE, SPLIT64_3, SPLIT64_4 = _KINDS = tuple(range(5))

_FIELDS = ((F64,) * 2 + (F32,), (F32,) * 3, (F32,), (F64,) * 3 + (F32,), (F64,) * 4 + (F32,))
_SIZE = {F64: 8, F32: 4}
RECORD_BYTES = (24, 12, 4, 32, 40)
"""Bytes of a record of x, by kind of kernel."""
WEIGHT_BYTES = tuple(sum(_SIZE[field] for field in fields) * LANES for fields in _FIELDS)
"""Bytes of a record of the weights (16 columns), by kind of kernel."""
_FUSE = ("contract",)
_CHUNK = 64
"""Rows whose accumulators a thread keeps at hand."""
_K_BLOCK = 256
"""Steps of k before the next column block: 80 KB of weights and at most 400 KB of x stay in the second-level cache."""


def _load_fields(builder: ir.IRBuilder, record: ir.Value, kind: int, lanes: int) -> list[ir.Value]:
    """The fields of a record: scalars for lanes = 1, vectors for lanes = LANES."""
    loaded, offset = [], 0
    for field in _FIELDS[kind]:
        wanted = field if lanes == 1 else vector(field)
        loaded.append(load(builder, record, offset, wanted))
        offset += _SIZE[field] * lanes
    return loaded


def _accumulate(builder: ir.IRBuilder, kind: int, row: list, column: list, masks: list, acc: ir.Value) -> ir.Value:
    """One step of k for one row: 16 products are added to their accumulators."""
    if kind == NATIVE:
        return builder.fadd(acc, builder.fmul(row[0], column[0]))
    *parts, sx = row
    *factors, sw = column
    value, *others = (builder.fmul(x, w, flags=_FUSE) for x, w in zip(parts, factors, strict=True))
    for other in others:
        value = builder.fadd(other, value, flags=_FUSE)
    if parts[0].type == vector(F64):
        shifted = builder.shl(builder.bitcast(value, vector(I64)), ir.Constant(vector(I64), [3] * LANES))
        halves = builder.bitcast(shifted, ir.VectorType(I32, 2 * LANES))
        upper = ir.Constant(vector(I32), [2 * lane + 1 for lane in range(LANES)])
        bits = builder.shuffle_vector(halves, ir.Constant(halves.type, ir.Undefined), upper)
    else:
        bits = builder.bitcast(value, vector(I32))
    keep, force = masks
    unscaled = builder.bitcast(builder.or_(builder.and_(bits, keep), force), vector(F32))
    scale = builder.fmul(sx, sw)
    return builder.fadd(builder.fmul(unscaled, scale, flags=_FUSE), acc, flags=_FUSE)


def _make(kind: int, own: bool) -> Callable:
    """The kernel of one kind, whose columns share their activations or have their ``own``.

    Arguments: x uint8[:], byte offsets int64[>=8] of the rows and int64[K] of the steps (K >= 1), weights
    uint8[K, WEIGHT_BYTES], masks (keep, force) uint32, acc float32[8, 16] (any row stride), read and written.
    """

    @intrinsic
    def kernel(_typing, x, rows, steps, weights, masks, acc):
        def generate(context, builder, signature, args):
            x, rows, steps, weights, acc = (
                context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 1, 2, 3, 5)
            )
            row_base = []
            for r in range(ROWS):
                row_offset = builder.load(builder.gep(rows.data, [ir.Constant(I64, r)]))
                row_base.append(builder.gep(x.data, [row_offset]))
            mask_vectors = [splat(builder, builder.extract_value(args[4], i)) for i in range(2)]
            acc_stride = builder.extract_value(acc.strides, 0)
            acc_rows = [
                at(builder, acc.data, builder.mul(acc_stride, ir.Constant(I64, r)), vector(F32)) for r in range(ROWS)
            ]
            first = []
            for pointer in acc_rows:
                first.append(builder.load(pointer))
                first[-1].align = 4
            entry, loop, done = builder.block, builder.append_basic_block("k"), builder.append_basic_block("done")
            builder.branch(loop)

            builder.position_at_end(loop)
            k = builder.phi(I64)
            sums = [builder.phi(vector(F32)) for _ in range(ROWS)]
            offset = builder.load(builder.gep(steps.data, [k]))
            record = builder.gep(weights.data, [builder.mul(k, ir.Constant(I64, WEIGHT_BYTES[kind]))])
            column = _load_fields(builder, record, kind, LANES)
            following = []
            for base, total in zip(row_base, sums, strict=True):
                fields = _load_fields(builder, builder.gep(base, [offset]), kind, LANES if own else 1)
                row = fields if own else [splat(builder, field) for field in fields]
                following.append(_accumulate(builder, kind, row, column, mask_vectors, total))
            next_k = builder.add(k, ir.Constant(I64, 1))
            for phi, start, end in zip([k, *sums], [ir.Constant(I64, 0), *first], [next_k, *following], strict=True):
                phi.add_incoming(start, entry)
                phi.add_incoming(end, loop)
            more = builder.icmp_signed("<", next_k, builder.extract_value(steps.shape, 0))
            builder.cbranch(more, loop, done)

            builder.position_at_end(done)
            for pointer, value in zip(acc_rows, following, strict=True):
                builder.store(value, pointer).align = 4
            return context.get_dummy_value()

        return types.void(x, rows, steps, weights, masks, acc), generate

    return kernel


_split64, _split32, _native, _split64_3, _split64_4 = (_make(kind, own=False) for kind in _KINDS)
_own64, _own32, _own_native, _own64_3, _own64_4 = (_make(kind, own=True) for kind in _KINDS)


@numba.njit(nogil=True, cache=True)
def _block(kind, x, rows, steps, weights, masks, target):
    """One call of the kernel of a kind."""
    if kind == SPLIT64:
        _split64(x, rows, steps, weights, masks, target)
    elif kind == SPLIT32:
        _split32(x, rows, steps, weights, masks, target)
    elif kind == SPLIT64_3:
        _split64_3(x, rows, steps, weights, masks, target)
    elif kind == SPLIT64_4:
        _split64_4(x, rows, steps, weights, masks, target)
    else:
        _native(x, rows, steps, weights, masks, target)


@numba.njit(nogil=True, cache=True)
def _own_block(kind, x, rows, steps, weights, masks, target):
    """One call of the kernel of a kind whose columns have their own activations."""
    if kind == SPLIT64:
        _own64(x, rows, steps, weights, masks, target)
    elif kind == SPLIT32:
        _own32(x, rows, steps, weights, masks, target)
    elif kind == SPLIT64_3:
        _own64_3(x, rows, steps, weights, masks, target)
    elif kind == SPLIT64_4:
        _own64_4(x, rows, steps, weights, masks, target)
    else:
        _own_native(x, rows, steps, weights, masks, target)


@numba.njit(nogil=True, cache=True)
def dot_rows(kind, own, places, weights, masks, out, column_stride):
    """Sequential dot products from +0 of M rows and the columns of ``weights``; NaN becomes canonical.

    With ``own``, x has a record for each element and column (and there is one block of columns).
    ``places`` = (x uint8[:] of records, byte offsets int64[M] of the rows, byte offsets int64[K] of the steps, places
    int64[M] of the rows' first results); ``weights`` = (uint8[ceil(N/16), K, WEIGHT_BYTES], N); masks (keep, force)
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
                    if own:
                        _own_block(kind, x, rows[r:], steps, panels[j, k:], masks, target)
                    else:
                        _block(kind, x, rows[r:], steps, panels[j, k:], masks, target)
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
