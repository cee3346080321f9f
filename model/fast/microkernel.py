"""The innermost loop: 8 rows by 16 columns of sequential dot products, in registers, written in LLVM vector types.

Vectors run over 16 columns (output channels), so that each lane adds its products in the order of k. LLVM lowers the
16-lane vectors to whatever the machine has (AVX-512, AVX2, SSE, NEON); the bits are the same on all of them, because
every fused operation below has an exact inner product.

    float64 split   v = x1*w1 + x2*w2         exact, in [1, 8), scaled so that its upper bits are those of a float32
                    u = (upper 32 bits of v << 3) & keep | force
                    acc = acc + u * (sx*sw)   u * sx * sw is the product, exactly: one rounding, that of the addition
    float32 split   the same with v in float32, for significands of at most 11 bits
    native          acc = acc + x*w           two roundings: the exact unit

An element of x is a record of 24 bytes (x1, x2 as float64, sx as float32, 4 unused), 12 bytes (all float32) or 4 bytes
(x); a record of the weights holds the same fields, each for 16 columns. ``sx`` and ``sw`` carry sign and exponent and
are 0 for zero operands. The record of element (row, k) lies at row_offset + k_offset, which makes a convolution a
matrix product without copying its patches. Kernel and driver stand in one file because numba's cache looks at one.
"""

from collections.abc import Callable

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

__all__ = ["LANES", "NATIVE", "RECORD_BYTES", "ROWS", "SPLIT32", "SPLIT64", "WEIGHT_BYTES", "dot_rows"]

LANES = 16
ROWS = 8
SPLIT64, SPLIT32, NATIVE = 0, 1, 2

_BYTE, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_F32, _F64 = ir.FloatType(), ir.DoubleType()
_FIELDS = {SPLIT64: (_F64, _F64, _F32), SPLIT32: (_F32, _F32, _F32), NATIVE: (_F32,)}
_SIZE = {_F64: 8, _F32: 4}
RECORD_BYTES = (24, 12, 4)
"""Bytes of a record of x, by kind of kernel."""
WEIGHT_BYTES = tuple(sum(_SIZE[field] for field in _FIELDS[kind]) * LANES for kind in (SPLIT64, SPLIT32, NATIVE))
"""Bytes of a record of the weights (16 columns), by kind of kernel."""
_FUSE = ("contract",)
_CHUNK = 64
"""Rows whose accumulators a thread keeps at hand."""
_K_BLOCK = 256
"""Steps of k before the next column block: 80 KB of weights and at most 400 KB of x stay in the second-level cache."""


def _vector(element: ir.Type) -> ir.VectorType:
    return ir.VectorType(element, LANES)


def _splat(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    vector = _vector(scalar.type)
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_I32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_vector(_I32), [0] * LANES))


def _at(builder: ir.IRBuilder, base: ir.Value, offset: ir.Value, wanted: ir.Type) -> ir.Value:
    """Pointer to ``wanted``, ``offset`` bytes after ``base``."""
    return builder.bitcast(builder.gep(builder.bitcast(base, _BYTE.as_pointer()), [offset]), wanted.as_pointer())


def _load_fields(builder: ir.IRBuilder, record: ir.Value, kind: int, lanes: int) -> list[ir.Value]:
    """The fields of a record: scalars for lanes = 1, vectors for lanes = LANES."""
    loaded, offset = [], 0
    for field in _FIELDS[kind]:
        wanted = field if lanes == 1 else _vector(field)
        value = builder.load(_at(builder, record, ir.Constant(_I64, offset), wanted))
        value.align = 4
        loaded.append(value)
        offset += _SIZE[field] * lanes
    return loaded


def _accumulate(builder: ir.IRBuilder, kind: int, row: list, column: list, masks: list, acc: ir.Value) -> ir.Value:
    """One step of k for one row: 16 products are added to their accumulators."""
    if kind == NATIVE:
        return builder.fadd(acc, builder.fmul(row[0], column[0]))
    x1, x2, sx = row
    w1, w2, sw = column
    value = builder.fadd(builder.fmul(x1, w1, flags=_FUSE), builder.fmul(x2, w2, flags=_FUSE), flags=_FUSE)
    if kind == SPLIT64:
        shifted = builder.shl(builder.bitcast(value, _vector(_I64)), ir.Constant(_vector(_I64), [3] * LANES))
        halves = builder.bitcast(shifted, ir.VectorType(_I32, 2 * LANES))
        upper = ir.Constant(_vector(_I32), [2 * lane + 1 for lane in range(LANES)])
        bits = builder.shuffle_vector(halves, ir.Constant(halves.type, ir.Undefined), upper)
    else:
        bits = builder.bitcast(value, _vector(_I32))
    keep, force = masks
    unscaled = builder.bitcast(builder.or_(builder.and_(bits, keep), force), _vector(_F32))
    scale = builder.fmul(sx, sw)
    return builder.fadd(builder.fmul(unscaled, scale, flags=_FUSE), acc, flags=_FUSE)


def _make(kind: int) -> Callable:
    """The kernel of one kind.

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
                row_offset = builder.load(builder.gep(rows.data, [ir.Constant(_I64, r)]))
                row_base.append(builder.gep(x.data, [row_offset]))
            mask_vectors = [_splat(builder, builder.extract_value(args[4], i)) for i in range(2)]
            acc_stride = builder.extract_value(acc.strides, 0)
            acc_rows = [
                _at(builder, acc.data, builder.mul(acc_stride, ir.Constant(_I64, r)), _vector(_F32))
                for r in range(ROWS)
            ]
            first = []
            for pointer in acc_rows:
                first.append(builder.load(pointer))
                first[-1].align = 4
            entry, loop, done = builder.block, builder.append_basic_block("k"), builder.append_basic_block("done")
            builder.branch(loop)

            builder.position_at_end(loop)
            k = builder.phi(_I64)
            sums = [builder.phi(_vector(_F32)) for _ in range(ROWS)]
            offset = builder.load(builder.gep(steps.data, [k]))
            record = builder.gep(weights.data, [builder.mul(k, ir.Constant(_I64, WEIGHT_BYTES[kind]))])
            column = _load_fields(builder, record, kind, LANES)
            following = []
            for base, total in zip(row_base, sums, strict=True):
                fields = _load_fields(builder, builder.gep(base, [offset]), kind, 1)
                row = [_splat(builder, field) for field in fields]
                following.append(_accumulate(builder, kind, row, column, mask_vectors, total))
            next_k = builder.add(k, ir.Constant(_I64, 1))
            for phi, start, end in zip([k, *sums], [ir.Constant(_I64, 0), *first], [next_k, *following], strict=True):
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


_split64, _split32, _native = _make(SPLIT64), _make(SPLIT32), _make(NATIVE)


@numba.njit(nogil=True, cache=True)
def dot_rows(kind, places, weights, masks, out, column_stride):
    """Sequential dot products from +0 of M rows and the columns of ``weights``; NaN becomes canonical.

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
                    if kind == SPLIT64:
                        _split64(x, rows[r:], steps, panels[j, k:], masks, target)
                    elif kind == SPLIT32:
                        _split32(x, rows[r:], steps, panels[j, k:], masks, target)
                    else:
                        _native(x, rows[r:], steps, panels[j, k:], masks, target)
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
