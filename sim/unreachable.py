"""Proofs that no pair of normal operands reaches some bits and sizes of a significand product."""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from axmac.model.golden.significand import significand_product, tile_products
from axmac.model.spec import ArraySig, FpMul
from axmac.sim.tile_walk import walk_tile

__all__ = ["Reach", "always_truncates", "product_reach"]

_EXHAUSTIVE = 8
"""Widths up to which all pairs are computed."""

_Values = frozenset[int]
_ZERO, _ONE, _ANY = frozenset({0}), frozenset({1}), frozenset({0, 1})


@dataclass(frozen=True)
class Reach:
    """What is known of the product of two significands of width w with their hidden bits set.

    It lies in ``low`` to ``high``; ``constant`` maps a bit that the wiring ties to a constant to its value;
    ``never`` holds (bit, value) that a proof rules out without such a tie. ``why`` is the proof, one line.
    """

    low: int
    high: int
    constant: dict[int, int]
    never: frozenset[tuple[int, int]]
    why: str


@lru_cache
def product_reach(spec: FpMul) -> Reach:
    """The reach of a multiplier's significand product: by all pairs where w <= 8, otherwise by bounds of its tiles."""
    width, sig = spec.format.sig_width, spec.significand
    constant = _tied_bits(sig, width) if isinstance(sig, ArraySig) and not sig.exact else {}
    if width <= _EXHAUSTIVE:
        half = np.arange(1 << (width - 1), 1 << width, dtype=np.uint64)
        a, b = (operand.ravel() for operand in np.meshgrid(half, half))
        products = significand_product(sig, width, a, b)
        low, high = int(products.min()), int(products.max())
        why = f"none of the {a.size:,} pairs of significands gives it"
        zeros, ones = int(np.bitwise_and.reduce(products)), int(np.bitwise_or.reduce(products))
    else:
        low, high, why = _bounds(spec)
        zeros, ones = 0, (1 << high.bit_length()) - 1
        top = high.bit_length() - 1
        zeros = 1 << top if low >> top else 0
    bits = range(2 * width)
    never = {(bit, 0) for bit in bits if zeros >> bit & 1} | {(bit, 1) for bit in bits if not ones >> bit & 1}
    return Reach(low, high, constant, frozenset(pair for pair in never if pair[0] not in constant), why)


def always_truncates(spec: FpMul) -> str:
    """The proof that truncation of a product of normal operands always drops a 1; an empty text where it need not."""
    sig, dropped = spec.significand, 2 * spec.format.frac_width - spec.result_format.frac_width
    if sig.exact or sig.tile > _EXHAUSTIVE or dropped < 1:
        return ""
    alone = min(sig.tile, dropped)
    pairs = np.indices((1 << sig.tile, 1 << sig.tile)).reshape(2, -1).astype(np.uint64)
    lowest = tile_products(sig, sig.tile, *pairs).ravel() & np.uint64((1 << alone) - 1)
    return "" if np.any(lowest == 0) else f"the lowest {alone} bits come from one tile alone and are never all 0"


def _bounds(spec: FpMul) -> tuple[int, int, str]:
    """The least and the largest product, from those of the exact product or of each tile."""
    width, sig = spec.format.sig_width, spec.significand
    if sig.exact:
        low, high = 1 << (2 * width - 2), ((1 << width) - 1) ** 2
        return low, high, f"exact products of {width}-bit significands lie in 0x{low:x} to 0x{high:x}"
    digits = range(width // sig.tile)
    low = high = 0
    for u, v in itertools.product(digits, digits):
        least, most = _tile_bounds(sig, u == digits[-1], v == digits[-1])
        low += least << sig.tile * (u + v)
        high += most << sig.tile * (u + v)
    return low, high, f"its tiles add up to 0x{low:x} at least and 0x{high:x} at most"


@lru_cache
def _tile_bounds(sig: ArraySig, top_a: bool, top_b: bool) -> tuple[int, int]:
    """The least and the largest product of a tile; the top digit of an operand has the hidden bit."""
    if sig.tile <= _EXHAUSTIVE:
        first = 1 << (sig.tile - 1)
        digits = (np.arange(first if top else 0, 2 * first, dtype=np.uint64) for top in (top_a, top_b))
        a, b = (operand.ravel() for operand in np.meshgrid(*digits))
        products = tile_products(sig, sig.tile, a, b)
        return int(products.min()), int(products.max())
    values = _tile_values(sig, top_a, top_b)
    return tuple(sum(pick(found) << bit for bit, found in enumerate(values)) for pick in (min, max))


def _tied_bits(sig: ArraySig, width: int) -> dict[int, int]:
    """Product bits with one possible value, and that value: sets of values go through the cells and the tile adder."""
    columns = [_ZERO] * (2 * width + 1)
    digits = range(width // sig.tile)
    for u, v in itertools.product(digits, digits):
        values = _tile_values(sig, u == digits[-1], v == digits[-1])
        columns = _added(columns, [_ZERO] * (sig.tile * (u + v)) + values)
    return {bit: min(values) for bit, values in enumerate(columns) if len(values) == 1 and bit < 2 * width}


def _added(left: list[_Values], right: list[_Values]) -> list[_Values]:
    total, carry = [], _ZERO
    for k, x in enumerate(left):
        y = right[k] if k < len(right) else _ZERO
        sums = {i + j + c for i in x for j in y for c in carry}
        total.append(frozenset(s & 1 for s in sums))
        carry = frozenset(s >> 1 for s in sums)
    return total


def _tile_values(sig: ArraySig, top_a: bool, top_b: bool) -> list[_Values]:
    """The values that each product bit of a tile may have if every cell input were free of the others."""
    a, b = ([_ANY] * (sig.tile - 1) + [_ONE if top else _ANY] for top in (top_a, top_b))

    def cell(j: int, i: int, inputs: list[_Values]) -> tuple[_Values, _Values]:
        rows = [4 * x + 2 * y + z for x, y, z in itertools.product(*inputs)]
        table = sig.cell_at(j, i)
        return tuple(frozenset(int(column[row]) for row in rows) for column in (table.sum, table.cout))

    product, addends = walk_tile(sig, a, b, _ZERO, _and, cell)
    return [*product, *_added(*addends)] if addends else product


def _and(x: _Values, y: _Values) -> _Values:
    return frozenset(i & j for i in x for j in y)
