"""The innermost loop of tabulated units: a row of the product table for every weight, one load and one fused sum each.

For one step of k and 16 columns, the table of all products is cut to a *sheet*: for each significand of x, 16 float32
values, those of its products with the significands of the 16 weights, already scaled by sign and exponent of these
weights. A product is then one 64-byte load from the sheet, at the place that x names, times sign and exponent of x:

    acc = acc + sheet[k][sig_x] * sx      sheet * sx is the product, exactly: one rounding, that of the addition

A sheet serves all rows of a piece; it is made by transposing 16 x 16 blocks of the table in registers.

The same loops run integer units: with an int32 table there are no scales, and sums are int32. The type of the table
chooses.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload

from axmac.model.fast.vectors import F32, I32, I64, LANES, at, load, splat, vector

__all__ = ["dot_rows_direct", "dot_rows_few", "dot_rows_sheets"]

_ROWS = 8
_K_BLOCK = 16
"""Steps of k whose sheets (8 KB each for 8-bit significands) a thread keeps at hand."""
_LINE = 4 * LANES


@intrinsic
def _make_sheet(_typing, table, size, weights, sheet):
    """Fills sheet float32[size * 16]: lane n of line s is table[size * index n + s] * scale n.

    table float32[:] holds one row of ``size`` products (a multiple of 16) for each significand of the weight; weights
    float32[32] = 16 scales, then 16 indices of rows as int32 patterns. With table and sheet int32, weights int32[16]
    are the indices alone.
    """

    def generate(context, builder, signature, args):
        table, weights, sheet = (context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 2, 3))
        element, scaled = _element(signature.args[0])
        scales = load(builder, weights.data, 0, vector(F32)) if scaled else None
        rows = []
        for lane in range(LANES):
            index = builder.zext(load(builder, weights.data, _LINE * scaled + 4 * lane, I32), I64)
            rows.append(builder.gep(table.data, [builder.mul(index, args[1])]))
        entry, loop, done = builder.block, builder.append_basic_block("block"), builder.append_basic_block("done")
        builder.branch(loop)

        builder.position_at_end(loop)
        first = builder.phi(I64)
        offset = builder.mul(first, ir.Constant(I64, 4))
        block = [load(builder, row, offset, vector(element)) for row in rows]
        for _ in range(4):
            pairs = [(block[i], block[i + LANES // 2]) for i in range(LANES // 2)]
            block = [_interleave(builder, *pair, half) for pair in pairs for half in (0, LANES // 2)]
        lines = builder.gep(sheet.data, [builder.mul(first, ir.Constant(I64, LANES))])
        for i, line in enumerate(block):
            target = at(builder, lines, ir.Constant(I64, i * _LINE), vector(element))
            builder.store(builder.fmul(line, scales) if scaled else line, target).align = 4
        following = builder.add(first, ir.Constant(I64, LANES))
        first.add_incoming(ir.Constant(I64, 0), entry)
        first.add_incoming(following, loop)
        builder.cbranch(builder.icmp_signed("<", following, args[1]), loop, done)

        builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(table, size, weights, sheet), generate


def _element(array: types.Array) -> tuple[ir.Type, bool]:
    """Element type of a table and whether its products are scaled: float32 is, int32 is not."""
    scaled = array.dtype == types.float32
    return (F32 if scaled else I32), scaled


def _interleave(builder: ir.IRBuilder, even: ir.Value, odd: ir.Value, half: int) -> ir.Value:
    """Lanes half..half+7 of both vectors, alternating."""
    places = [half + i // 2 + (LANES if i % 2 else 0) for i in range(LANES)]
    return builder.shuffle_vector(even, odd, ir.Constant(vector(I32), places))


@intrinsic
def _add_rows(_typing, x, rows, steps, sheets, sheet_bytes, acc):
    """Adds the products of 8 rows and 16 columns, for each of the steps (at least 1), to acc float32[8, 16].

    x uint8[:] of records (scale float32, byte offset of a line uint32), rows and steps int64 byte offsets, sheets
    float32[K, size * 16]. With sheets and acc int32 a record is the byte offset alone.
    """

    def generate(context, builder, signature, args):
        x, rows, steps, sheets, acc = (
            context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 1, 2, 3, 5)
        )
        element, scaled = _element(signature.args[3])
        bases = [
            builder.gep(x.data, [builder.load(builder.gep(rows.data, [ir.Constant(I64, r)]))]) for r in range(_ROWS)
        ]
        stored = [at(builder, acc.data, ir.Constant(I64, r * _LINE), vector(element)) for r in range(_ROWS)]
        initial = [load(builder, acc.data, r * _LINE, vector(element)) for r in range(_ROWS)]
        entry, loop, done = builder.block, builder.append_basic_block("k"), builder.append_basic_block("done")
        builder.branch(loop)

        builder.position_at_end(loop)
        k = builder.phi(I64)
        sums = [builder.phi(vector(element)) for _ in range(_ROWS)]
        step = builder.load(builder.gep(steps.data, [k]))
        sheet = at(builder, sheets.data, builder.mul(k, args[4]), element)
        following = []
        for base, total in zip(bases, sums, strict=True):
            record = builder.gep(base, [step])
            place = builder.zext(load(builder, record, 4 * scaled, I32), I64)
            product = load(builder, sheet, place, vector(element))
            if scaled:
                scale = splat(builder, load(builder, record, 0, F32))
                product = builder.fmul(product, scale, flags=("contract",))
                following.append(builder.fadd(product, total, flags=("contract",)))
            else:
                following.append(builder.add(product, total))
        next_k = builder.add(k, ir.Constant(I64, 1))
        for phi, start, end in zip([k, *sums], [ir.Constant(I64, 0), *initial], [next_k, *following], strict=True):
            phi.add_incoming(start, entry)
            phi.add_incoming(end, loop)
        builder.cbranch(builder.icmp_signed("<", next_k, builder.extract_value(steps.shape, 0)), loop, done)

        builder.position_at_end(done)
        for pointer, value in zip(stored, following, strict=True):
            builder.store(value, pointer).align = 4
        return context.get_dummy_value()

    return types.void(x, rows, steps, sheets, sheet_bytes, acc), generate


@numba.njit(nogil=True, cache=True)
def _lines(count, dtype):
    """A dtype of 4 bytes [count * 16] from a multiple of 64 bytes on: a line across two cache lines costs threefold."""
    raw = np.empty((count + 1) * LANES, dtype)
    start = -raw.ctypes.data % _LINE // 4
    return raw[start : start + count * LANES]


@numba.njit(nogil=True, cache=True)
def dot_rows_sheets(places, weights, table, out, column_stride):
    """Sequential dot products from +0 of M rows and the columns of ``weights``; NaN becomes canonical.

    ``places`` = (x uint8[:] of 8-byte records: scale float32 and byte offset of its line in a sheet uint32; byte
    offsets int64[M] of the rows, int64[K] of the steps, places int64[M] of the rows' first results); ``weights`` =
    (float32[ceil(N/16), K, 32] as ``_make_sheet`` takes them, N); table float32[significands of w, of x]. Result
    (m, n) goes to ``out`` float32[:] at place m + n * column_stride. For integer units records of 4 bytes, int32
    [ceil(N/16), K, 16], table int32 and out int32.
    """
    x, row_offsets, k_offsets, out_places = places
    panels, columns = weights
    size = table.shape[1]
    flat = table.reshape(-1)
    count = row_offsets.size
    padded = (count + _ROWS - 1) // _ROWS * _ROWS
    rows = np.empty(padded, np.int64)
    for r in range(padded):
        rows[r] = row_offsets[min(r, count - 1)]
    acc = _lines(padded, table.dtype).reshape(padded, LANES)
    held = min(_K_BLOCK, k_offsets.size)
    sheets = _lines(held * size, table.dtype).reshape(held, size * LANES)
    for j in range(panels.shape[0]):
        acc[:] = 0
        for k in range(0, k_offsets.size, _K_BLOCK):
            steps = k_offsets[k : k + _K_BLOCK]
            for i in range(steps.size):
                _make_sheet(flat, size, panels[j, k + i], sheets[i])
            for r in range(0, padded, _ROWS):
                _add_rows(x, rows[r:], steps, sheets, size * _LINE, acc[r : r + _ROWS])
        used = min(LANES, columns - j * LANES)
        for n in range(used):
            for m in range(count):
                out[out_places[m] + (j * LANES + n) * column_stride] = _settled(acc[m, n])


def _settled(value):
    """A sum as it is written: NaN canonical."""
    return np.float32(np.nan) if np.isnan(value) else value


@overload(_settled)
def _settle(value):
    return (lambda value: value) if isinstance(value, types.Integer) else _settled


@numba.njit(nogil=True, cache=True)
def dot_rows_direct(places, weights, table, out, column_stride):
    """As ``dot_rows_sheets`` for few rows: x float32[:, 2] of scale and index (uint32), table by x, then by w."""
    x, row_offsets, k_offsets, out_places = places
    panels, columns = weights
    indices = panels.view(np.uint32)
    x_indices = x.view(np.uint32)
    acc = np.empty((panels.shape[0], LANES), np.float32)
    for m in range(row_offsets.size):
        acc[:] = 0
        for k in range(k_offsets.size):
            element = row_offsets[m] + k_offsets[k]
            scale, line = x[element, 0], table[x_indices[element, 1]]
            for j in range(panels.shape[0]):
                for n in range(LANES):
                    product = line[indices[j, k, LANES + n]] * (panels[j, k, n] * scale)
                    acc[j, n] += product
        for n in range(columns):
            value = acc[n // LANES, n % LANES]
            out[out_places[m] + n * column_stride] = np.float32(np.nan) if np.isnan(value) else value


@numba.njit(nogil=True, cache=True)
def dot_rows_few(places, weights, table, out, column_stride):
    """As ``dot_rows_sheets`` for few rows of integers: x uint8[:], offsets in elements, table int32 by x, then by w."""
    x, row_offsets, k_offsets, out_places = places
    panels, columns = weights
    acc = np.empty((panels.shape[0], LANES), np.int32)
    for m in range(row_offsets.size):
        acc[:] = 0
        for k in range(k_offsets.size):
            line = table[x[row_offsets[m] + k_offsets[k]]]
            for j in range(panels.shape[0]):
                for n in range(LANES):
                    acc[j, n] += line[panels[j, k, n]]
        for n in range(columns):
            out[out_places[m] + n * column_stride] = acc[n // LANES, n % LANES]
