"""Significand products of any array of cells: 512 products at a time, each wire of the array a vector of 512 bits.

The truth tables are data, so that one compiled loop serves every cell, cell map, wiring, tile, topology and width. A
plane holds one bit of 512 operands in 8 words of 64. A cell is a tree of selections by its three inputs, whose leaves
are words of zeros or ones from the truth table.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

__all__ = ["BLOCK", "outer_products", "pair_products"]

BLOCK = 512
"""Products that are computed together."""
_WORDS = 8
_PLACES = 64
_WORD = ir.IntType(64)
_PLANE = ir.VectorType(_WORD, _WORDS)
_HIDDEN = np.uint32(1 << 23)
_FRAC = np.uint32(_HIDDEN - 1)
_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)


def _plane(context, builder, signature, args, array: int, index: int) -> ir.Value:
    """Pointer to the plane that args[index] numbers in args[array], uint64[:, 8]."""
    data = context.make_array(signature.args[array])(context, builder, args[array]).data
    place = builder.mul(args[index], ir.Constant(_WORD, _WORDS))
    return builder.bitcast(builder.gep(data, [place]), _PLANE.as_pointer())


def _read(builder: ir.IRBuilder, pointer: ir.Value) -> ir.Value:
    value = builder.load(pointer)
    value.align = 8
    return value


def _select(builder: ir.IRBuilder, chooser: ir.Value, one: ir.Value, zero: ir.Value) -> ir.Value:
    return builder.xor(zero, builder.and_(chooser, builder.xor(one, zero)))


@intrinsic
def _cell(_typing, row, j, column, i, sums, above, target, carries, c, table, place):
    """One cell: pp = row[j] & column[i], sum-in = sums[above], carry = carries[c].

    Writes sums[target] and carries[c]. ``table`` uint64[:, 16]: at ``place`` the words of sum, then those of cout, by
    4 * pp + 2 * sum-in + carry.
    """

    def generate(context, builder, signature, args):
        pp, above, carry, target = (
            _plane(context, builder, signature, args, array, index) for array, index in ((2, 3), (4, 5), (7, 8), (4, 6))
        )
        pp = builder.and_(_read(builder, pp), _read(builder, _plane(context, builder, signature, args, 0, 1)))
        sum_in, carry_in = _read(builder, above), _read(builder, carry)
        words = context.make_array(signature.args[9])(context, builder, args[9]).data
        words = builder.gep(words, [builder.mul(args[10], ir.Constant(_WORD, 16))])
        outputs = []
        for start in (0, 8):
            level = []
            for k in range(8):
                word = builder.load(builder.gep(words, [ir.Constant(_WORD, start + k)]))
                first = builder.insert_element(ir.Constant(_PLANE, ir.Undefined), word, ir.Constant(ir.IntType(32), 0))
                level.append(
                    builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), _WORDS), [0] * 8))
                )
            for chooser in (carry_in, sum_in, pp):
                level = [
                    _select(builder, chooser, one, zero) for zero, one in zip(level[::2], level[1::2], strict=True)
                ]
            outputs.append(level[0])
        for value, pointer in zip(outputs, (target, carry), strict=True):
            builder.store(value, pointer).align = 8
        return context.get_dummy_value()

    return types.void(row, j, column, i, sums, above, target, carries, c, table, place), generate


@intrinsic
def _add(_typing, target, i, addend, j, carries, c):
    """An exact full adder: target[i], carries[c] = sum and carry of target[i], addend[j], carries[c]."""

    def generate(context, builder, signature, args):
        pointers = [_plane(context, builder, signature, args, array, array + 1) for array in (0, 2, 4)]
        x, y, z = (_read(builder, pointer) for pointer in pointers)
        either = builder.xor(x, y)
        carry = builder.or_(builder.and_(x, y), builder.and_(either, z))
        builder.store(builder.xor(either, z), pointers[0]).align = 8
        builder.store(carry, pointers[2]).align = 8
        return context.get_dummy_value()

    return types.void(target, i, addend, j, carries, c), generate


@numba.njit(nogil=True, cache=True)
def _transpose(planes):
    """Swaps places and bits of uint64[64, 8]: bit b of planes[p, w] becomes bit p of planes[b, w]."""
    mask = _ONES
    j = 32
    while j:
        mask ^= mask << np.uint64(j)
        shift = np.uint64(j)
        for first in range(0, _PLACES, 2 * j):
            for k in range(first, first + j):
                for w in range(_WORDS):
                    low, high = planes[k, w], planes[k + j, w]
                    moved = ((low >> shift) ^ high) & mask
                    planes[k + j, w] = high ^ moved
                    planes[k, w] = low ^ (moved << shift)
        j >>= 1


@numba.njit(nogil=True, cache=True)
def _to_planes(patterns, width, planes):
    """Significand bits of up to 512 float32 patterns uint32[n] as planes 0..width-1 of uint64[64, 8]."""
    planes[:] = np.uint64(0)
    for i in range(patterns.size):
        planes[i % _PLACES, i // _PLACES] = np.uint64((patterns[i] & _FRAC | _HIDDEN) >> np.uint32(24 - width))
    _transpose(planes)


@intrinsic
def _and(_typing, target, i, x, j, y, k):
    """Target[i] = x[j] & y[k]."""

    def generate(context, builder, signature, args):
        target, x, y = (_plane(context, builder, signature, args, array, array + 1) for array in (0, 2, 4))
        builder.store(builder.and_(_read(builder, x), _read(builder, y)), target).align = 8
        return context.get_dummy_value()

    return types.void(target, i, x, j, y, k), generate


@numba.njit(nogil=True, cache=True)
def _tile(shape, row, u, column, v, table, state, bits):
    """Writes the product of tile (u, v) to ``bits``[v : v + 2t]; ``state`` uint64[2, t + 1, 8] = sums and carries."""
    tile, carry_save = shape[1], shape[2]
    sums, carries = state[0], state[1]
    for i in range(tile):
        _and(sums, i, row, u, column, v + i)
    state[0, tile] = np.uint64(0)
    carries[:] = np.uint64(0)
    _and(bits, v, sums, 0, sums, 0)
    for j in range(1, tile):
        for i in range(tile):
            place = (j - 1) * tile + i
            used = i if carry_save else 0
            _cell(row, u + j, column, v + i, sums, i + 1, i, carries, used, table, place)
        if not carry_save:
            _and(sums, tile, carries, 0, carries, 0)
            carries[0] = np.uint64(0)
        _and(bits, v + j, sums, 0, sums, 0)
    for i in range(tile):
        _and(bits, v + tile + i, sums, i + 1, sums, i + 1)
    if carry_save:
        for i in range(tile):
            _add(bits, v + tile + i, carries, i, carries, tile)


@numba.njit(nogil=True, cache=True)
def _array(shape, row, column, table, state, bits, total):
    """Fills ``total`` uint64[64, 8] with the planes of the product: all tiles, added exactly.

    Tiles of one row that are two apart do not overlap, so that a row makes two numbers ``bits`` uint64[2, 64, 8]. After
    row u the total is below 2^(u + width + tile + 2), which ends the carry.
    """
    width, tile = shape[0], shape[1]
    carry = state[1]
    total[:] = np.uint64(0)
    for u in range(0, width, tile):
        bits[:] = np.uint64(0)
        for v in range(0, width, tile):
            _tile(shape, row, u, column, v, table, state, bits[v // tile % 2])
        top = min(u + width + tile + 2, 2 * width + 1)
        for half in range(2):
            carry[0] = np.uint64(0)
            for i in range(u, top):
                _add(total, i, bits[half], i - u, carry, 0)


@numba.njit(nogil=True, cache=True)
def _room(tile):
    """Planes of both operands and of the product, state of a tile, planes of a row of tiles."""
    planes = np.empty((3, _PLACES, _WORDS), np.uint64)
    state, bits = np.empty((2, tile + 1, _WORDS), np.uint64), np.empty((2, _PLACES, _WORDS), np.uint64)
    return planes[0], planes[1], planes[2], state, bits


@numba.njit(nogil=True, cache=True)
def outer_products(lanes, scalars, lanes_make_rows, shape, table, out):
    """Significand products of every lane with every scalar: out int64[S, L], at the upper end of 48 bits.

    lanes uint32[L] and scalars uint32[S] are float32 patterns; shape = (width, tile, whether carry-save); table
    uint64[(t - 1) * t, 16] as ``_cell`` takes it.
    """
    width = shape[0]
    own, other, total, state, bits = _room(shape[1])
    for first in range(0, lanes.size, BLOCK):
        used = min(BLOCK, lanes.size - first)
        _to_planes(lanes[first : first + used], width, own)
        for s in range(scalars.size):
            sig = np.uint64((scalars[s] & _FRAC | _HIDDEN) >> np.uint32(24 - width))
            for i in range(width):
                other[i] = _ONES * (sig >> np.uint64(i) & np.uint64(1))
            if lanes_make_rows:
                _array(shape, own, other, table, state, bits, total)
            else:
                _array(shape, other, own, table, state, bits, total)
            _from_planes(total, width, out[s, first : first + used])


@numba.njit(nogil=True, cache=True)
def pair_products(rows, columns, shape, table, out):
    """Significand products of pairs: out int64[n]; rows and columns uint32[n] patterns; see ``outer_products``."""
    width = shape[0]
    own, other, total, state, bits = _room(shape[1])
    for first in range(0, rows.size, BLOCK):
        last = min(first + BLOCK, rows.size)
        _to_planes(rows[first:last], width, own)
        _to_planes(columns[first:last], width, other)
        _array(shape, own, other, table, state, bits, total)
        _from_planes(total, width, out[first:last])


@numba.njit(nogil=True, cache=True)
def _from_planes(total, width, out):
    _transpose(total)
    shift = np.uint64(2 * (24 - width))
    for i in range(out.size):
        out[i] = np.int64(total[i % _PLACES, i // _PLACES] << shift)
