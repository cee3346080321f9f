"""Significands for which the product of one tile, or the order of its operands, decides about a kept bit."""

from collections.abc import Iterator

import numpy as np

from axmac.model.golden.significand import significand_product
from axmac.model.spec import ArraySig, FpMul
from axmac.sim.equivalence import kept_bits

__all__ = ["tile_pairs", "untruncated_pair"]

_RANDOM = 1 << 16
_ROWS = 24
_BEST = 64
_SMALL = 8
_TRIES = 300


def tile_pairs(spec: FpMul) -> np.ndarray:
    """Significands uint64[2, n]: for each tile a pair whose result differs if the tile's product is 0, and one whose
    result differs if its operands are swapped. What no candidate shows has no pair; none where there is one tile.
    """
    sig, width = spec.significand, spec.format.sig_width
    if not isinstance(sig, ArraySig) or sig.tile in (1, width):
        return np.empty((2, 0), np.uint64)
    digits = range(width // sig.tile)
    missing = {(u, v, swapped) for u in digits for v in digits for swapped in (False, True)}
    found = []
    for pair in _candidates(spec):
        product = significand_product(sig, width, *pair)
        right = kept_bits(spec, product)
        for u, v, swapped in sorted(missing):
            tile = _tile_product(sig, pair[0], pair[1], u, v)
            wrong = _tile_product(sig, pair[1], pair[0], v, u) if swapped else np.uint64(0)
            changed = product + (wrong - tile << np.uint64(sig.tile * (u + v)))
            decides = np.flatnonzero(right != kept_bits(spec, changed))
            if decides.size:
                found.append(pair[:, decides[0]])
                missing.discard((u, v, swapped))
    return np.stack(found, axis=1) if found else np.empty((2, 0), np.uint64)


def untruncated_pair(spec: FpMul) -> np.ndarray:
    """Significands uint64[2, n], n = 1 or 0: a pair whose product has zeros only where truncation drops bits.

    In some arrays one in 10^7 random pairs is such a pair. The lowest digit of the activation must allow it; then all
    weights are tried at once, for a few hundred activations.
    """
    sig, width = spec.significand, spec.format.sig_width
    cut = 2 * spec.format.frac_width - spec.result_format.frac_width
    nothing = np.empty((2, 0), np.uint64)
    if spec.rounding != "rtz" or cut < 1 or not isinstance(sig, ArraySig) or sig.tile > _SMALL or sig.tile == width:
        return nothing
    digits = np.indices((1 << sig.tile, 1 << sig.tile)).reshape(2, -1).astype(np.uint64)
    low = significand_product(sig, sig.tile, *digits) & np.uint64((1 << min(sig.tile, cut)) - 1)
    lowest = np.unique(digits[0][low == 0])
    if not lowest.size:
        return nothing
    rng, top = np.random.default_rng(3), 2 * width
    for _ in range(_TRIES):
        a = int(rng.integers(1 << (width - 1), 1 << width)) >> sig.tile << sig.tile | int(rng.choice(lowest))
        for case in range(3):  # the product is below 2^(2w-1), below 2^2w, or has an extra carry
            pairs = _edge_remainders(spec, a, cut + case)
            product = significand_product(sig, width, *pairs)
            in_case = (product >> np.uint64(top - 1 + case) == 0) & (product >> np.uint64(top - 2 + case) > 0)
            found = np.flatnonzero(in_case & (product & np.uint64((1 << (cut + case)) - 1) == 0))
            if found.size:
                return pairs[:, found[:1]]
    return nothing


def _tile_product(sig: ArraySig, a: np.ndarray, b: np.ndarray, u: int, v: int) -> np.ndarray:
    mask = np.uint64((1 << sig.tile) - 1)
    return significand_product(sig, sig.tile, a >> np.uint64(sig.tile * u) & mask, b >> np.uint64(sig.tile * v) & mask)


def _candidates(spec: FpMul) -> Iterator[np.ndarray]:
    """Random pairs, then pairs whose product has almost nothing or almost all in the bits that are dropped."""
    rng, width = np.random.default_rng(1), spec.format.sig_width
    yield rng.integers(1 << (width - 1), 1 << width, (2, _RANDOM), np.uint64)
    cut = 2 * spec.format.frac_width - spec.result_format.frac_width
    if spec.rounding == "rtz" and cut > 0:
        for dropped in (cut, cut + 1, cut + 2):
            parts = [_edge_remainders(spec, int(a), dropped) for a in rng.integers(1 << (width - 1), 1 << width, _ROWS)]
            yield np.concatenate(parts, axis=1)


def _edge_remainders(spec: FpMul, a: int, dropped: int) -> np.ndarray:
    """The pairs (a, b) with the smallest and the largest products modulo 2^dropped, of all b: uint64[2, n].

    For one a the products of b's digits add up, so that the low and the high digits of b can be tried apart: the best
    high half for each low half is found in a sorted list.
    """
    sig, width = spec.significand, spec.format.sig_width
    split = width // sig.tile // 2 * sig.tile
    low = np.arange(1 << split, dtype=np.uint64)
    high = np.arange(1 << (width - 1), 1 << width, 1 << split, dtype=np.uint64)
    mask, first = np.uint64((1 << dropped) - 1), np.full(1, a, np.uint64)
    products = [significand_product(sig, width, np.full(part.size, a, np.uint64), part) for part in (low, high)]
    of_low, of_high = products[0] & mask, products[1] - significand_product(sig, width, first, first * 0) & mask
    order = np.argsort(of_high)
    place = np.searchsorted(of_high[order], np.uint64(0) - of_low & mask)
    pairs = []
    for step, flip in ((0, np.uint64(0)), (-1, mask)):  # the smallest remainders, then the largest
        chosen = order[(place + step) % order.size]
        best = np.argsort((of_low + of_high[chosen] & mask) ^ flip)[:_BEST]
        pairs.append(np.stack([np.full(best.size, a, np.uint64), low[best] | high[chosen[best]]]))
    return np.concatenate(pairs, axis=1)
