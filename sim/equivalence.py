"""Proofs that a wrong array of cells gives the same products as the right one, as far as a result can show."""

from functools import lru_cache

import numpy as np

from axmac.model.golden.significand import significand_product, tile_products
from axmac.model.spec import ArraySig, FpMul
from axmac.sim.cones import unobservable

__all__ = ["kept_bits", "lowest_tile_commutes", "same_products"]

_EXHAUSTIVE = 8


def same_products(spec: FpMul, wrong: ArraySig | None) -> str:
    """The proof that an array of wrong cells gives the products of the right one; empty where there is none.

    By all pairs of significands where they have at most 8 bits, by all pairs of digits of a tile of at most 8, or by
    the cone of the wrong cell.
    """
    if wrong is None:
        return ""
    width, sig = spec.format.sig_width, spec.significand
    if width <= _EXHAUSTIVE:
        kept = [kept_bits(spec, _all_products(array, width, True)) for array in (sig, wrong)]
        if np.array_equal(*kept):
            return f"all {kept[0].size:,} pairs of significands keep their rounded products"
    elif sig.tile <= _EXHAUSTIVE and np.array_equal(*(_all_products(array, sig.tile, False) for array in (sig, wrong))):
        return f"all {1 << 2 * sig.tile:,} pairs of digits keep the product of their tile"
    return unobservable(spec, wrong)


def lowest_tile_commutes(spec: FpMul) -> str:
    """The proof that truncation hides the order of the operands of the tile of weight 1; empty where there is none.

    The low t bits of a product are those of this tile. A change of it by d > 0 reaches a kept bit only if all bits
    below are less than d, and one by d < 0 only if they are at least 2^n - |d|; so their low t bits must be, too.
    """
    sig, cut = spec.significand, 2 * spec.format.frac_width - spec.result_format.frac_width
    if sig.tile > _EXHAUSTIVE or spec.rounding != "rtz" or cut < sig.tile:
        return ""
    size = 1 << sig.tile
    products = _all_products(sig, sig.tile, False).reshape(size, size).astype(np.int64)
    change, low = products - products.T, products % size
    may_matter = (change > 0) & (low < change) | (change < 0) & (low >= size + change)
    return "" if may_matter.any() else f"its low {sig.tile} bits show that no carry or borrow leaves what is dropped"


@lru_cache(maxsize=4)
def _all_products(sig: ArraySig, width: int, hidden_bit: bool) -> np.ndarray:
    values = np.arange((1 << (width - 1)) if hidden_bit else 0, 1 << width, dtype=np.uint64)
    a, b = (operand.ravel() for operand in np.meshgrid(values, values))
    return significand_product(sig, width, a, b) if hidden_bit else tile_products(sig, width, a, b).ravel()


def kept_bits(spec: FpMul, products: np.ndarray) -> np.ndarray:
    """What a result shows of products uint64[n] of normal operands.

    Bits that truncation drops are 0. The hidden bit is 1, as normalisation of flushed subnormals takes it to be.
    """
    top = 2 * spec.format.sig_width
    cut = max(0, top - 2 - spec.result_format.frac_width) if spec.rounding == "rtz" else 0
    upper, extra = (products >= np.uint64(1 << bit) for bit in (top - 1, top))
    drop = np.uint64(cut) + (upper.astype(np.uint64) + extra) * np.uint64(cut > 0)
    hidden = np.where(upper | (spec.subnormals == "ieee"), np.uint64(0), np.uint64(1 << (top - 2)))
    return (products | hidden) >> drop << drop
