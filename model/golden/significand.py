"""Significand products, cell by cell from the truth tables, as ``axmac.model.spec.significand`` defines them."""

from functools import lru_cache

import numpy as np

from axmac.model.golden.planes import from_planes, to_planes
from axmac.model.spec import ArraySig, BoothSig, FullAdder
from axmac.model.spec.significand import SignificandSpec

__all__ = ["partial_products", "significand_product", "tile_products"]

_TABULATED = 8
"""Tile widths up to which the products of all pairs of digits are computed once and looked up then."""


def significand_product(sig: SignificandSpec, width: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products uint64[n] of significands a (activation) and b (weight), uint64[n] below 2^width."""
    if isinstance(sig, ArraySig):
        if 1 < sig.tile <= _TABULATED:
            return _add_tabulated(sig, width, a, b)
        return _add_tiles(sig.tile, tile_products(sig, width, a, b))
    if isinstance(sig, BoothSig):
        return _booth_product(width, a, b)
    return a * b


def tile_products(sig: ArraySig, width: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products uint64[width/t, width/t, n] of all tiles, by digit of the activation and digit of the weight."""
    tile, digits = sig.tile, width // sig.tile
    activation = to_planes(a, width).reshape(digits, 1, tile, -1)
    weight = to_planes(b, width).reshape(1, digits, tile, -1)
    rows, columns = (activation, weight) if sig.rows == "activation" else (weight, activation)
    pp = [[rows[:, :, j] & columns[:, :, i] for i in range(tile)] for j in range(tile)]
    product = _ripple_rows(sig, pp) if sig.topology == "array" else _carry_save_rows(sig, pp)
    return from_planes(np.stack(product, axis=-2), a.size)


def partial_products(sig: ArraySig, width: int, a: int, b: int) -> list[list[int]]:
    """``pp[j][i]`` over the full width of one pair of significands: row operand bit j AND column operand bit i."""
    rows, columns = (a, b) if sig.rows == "activation" else (b, a)
    return [[rows >> j & columns >> i & 1 for i in range(width)] for j in range(width)]


def _cell(cell: FullAdder, a: np.ndarray, b: np.ndarray, cin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum and carry-out: the OR of the rows of the truth table that hold a 1."""
    outputs = (np.zeros_like(a), np.zeros_like(a))
    for row in range(8):
        if cell.sum[row] == cell.cout[row] == "0":
            continue
        minterm = (a if row & 4 else ~a) & (b if row & 2 else ~b) & (cin if row & 1 else ~cin)
        for output, column in zip(outputs, (cell.sum, cell.cout), strict=True):
            if column[row] == "1":
                np.bitwise_or(output, minterm, out=output)
    return outputs


def _wired(sig: ArraySig, row: int, column: int, pp: np.ndarray, sum_in: np.ndarray, carry: np.ndarray):
    meets = {"p": pp, "s": sum_in, "c": carry}
    return _cell(sig.cell_at(row, column), *(meets[letter] for letter in sig.wiring))


def _ripple_rows(sig: ArraySig, pp: list) -> list:
    zero = np.zeros_like(pp[0][0])
    sums, carry_out = pp[0], zero
    product = [sums[0]]
    for j in range(1, sig.tile):
        above = [*sums[1:], carry_out]
        sums, carry = [], zero
        for i in range(sig.tile):
            bit, carry = _wired(sig, j, i, pp[j][i], above[i], carry)
            sums.append(bit)
        carry_out = carry
        product.append(sums[0])
    return [*product, *sums[1:], carry_out]


def _carry_save_rows(sig: ArraySig, pp: list) -> list:
    zero = np.zeros_like(pp[0][0])
    sums, carries = pp[0], [zero] * sig.tile
    product = [sums[0]]
    for j in range(1, sig.tile):
        above = [*sums[1:], zero]
        cells = [_wired(sig, j, i, pp[j][i], above[i], carries[i]) for i in range(sig.tile)]
        sums = [bit for bit, _ in cells]
        carries = [carry for _, carry in cells]
        product.append(sums[0])
    carry = zero
    for x, y in zip([*sums[1:], zero], carries, strict=True):
        product.append(x ^ y ^ carry)
        carry = x & y | carry & (x ^ y)
    return product


def _add_tiles(tile: int, tiles: np.ndarray) -> np.ndarray:
    total = np.zeros(tiles.shape[-1], np.uint64)
    for u in range(tiles.shape[0]):
        for v in range(tiles.shape[1]):
            total += tiles[u, v] << np.uint64(tile * (u + v))
    return total


@lru_cache(maxsize=16)
def _tile_table(sig: ArraySig) -> np.ndarray:
    """The products of all pairs of digits, cell by cell as everywhere: uint64, at index a * 2^t + b."""
    digits = np.arange(1 << sig.tile, dtype=np.uint64)
    a, b = np.meshgrid(digits, digits, indexing="ij")
    return tile_products(sig, sig.tile, a.ravel(), b.ravel()).ravel()


def _add_tabulated(sig: ArraySig, width: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    tile, table, mask = np.uint64(sig.tile), _tile_table(sig), np.uint64((1 << sig.tile) - 1)
    shifts = [np.uint64(k) for k in range(0, width, sig.tile)]
    digits_a = [(a >> shift & mask) << tile for shift in shifts]
    digits_b = [b >> shift & mask for shift in shifts]
    total = np.zeros(a.size, np.uint64)
    for digit_a, shift_a in zip(digits_a, shifts, strict=True):
        for digit_b, shift_b in zip(digits_b, shifts, strict=True):
            total += table[(digit_a | digit_b).view(np.int64)] << shift_a + shift_b
    return total


def _booth_product(width: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    multiplicand, total = a.astype(np.int64), np.zeros(a.size, np.int64)
    doubled = b.astype(np.int64) << 1
    for k in range(0, width + 1, 2):
        group = doubled >> k & 7
        digit = (group & 1) + (group >> 1 & 1) - 2 * (group >> 2)
        total += digit * multiplicand << k
    return total.astype(np.uint64)
