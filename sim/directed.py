"""Operand pairs that hit every bin of the coverage: the first hit of each among many candidates."""

from functools import lru_cache

import numpy as np

from axmac.model.golden import IntTrace, Trace, trace
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FpMul, ImportedProduct, IntMul, Multiplier
from axmac.sim.coverage import cover_points
from axmac.sim.coverpoints import normal_pairs
from axmac.sim.directed_tiles import tile_pairs, untruncated_pair
from axmac.sim.int_stimulus import all_pairs, leading_pairs

__all__ = ["directed_pairs"]

_CANDIDATES = 1 << 16
_EDGES = 3000


@lru_cache
def directed_pairs(spec: Multiplier) -> tuple[np.ndarray, np.ndarray]:
    """The first candidate in each bin, as (a, b) in the unsigned dtype of the format; the same on every run."""
    if isinstance(spec, IntMul):
        a, b = leading_pairs(spec, _CANDIDATES, 0)
        if isinstance(spec.product, ImportedProduct):  # a bit of the product may depend on a single pair
            a, b = (np.concatenate(parts) for parts in zip((a, b), all_pairs(spec), strict=True))
        order = _first_in_each_bin(spec, trace(spec, a, b))
        return a[order], b[order]
    a, b = _candidates(spec)
    stages = trace(spec, a, b, tiles=False)
    order = _first_in_each_bin(spec, stages)
    tiles = np.concatenate([tile_pairs(spec), _edge_pairs(spec)], axis=1)
    if spec.subnormals == "flush" and not np.any(normal_pairs(stages) & (stages.dropped == 0)):
        tiles = np.concatenate([tiles, untruncated_pair(spec)], axis=1)
    one = np.uint64(spec.format.bias << spec.format.frac_width)
    tiles = (tiles & np.uint64(spec.format.frac_mask) | one).astype(a.dtype)
    return np.concatenate([a[order], tiles[0]]), np.concatenate([b[order], tiles[1]])


def _first_in_each_bin(spec: Multiplier, stages: Trace | IntTrace) -> list[int]:
    """The places of the first candidate in each bin, in rising order."""
    chosen = set()
    for point in cover_points(spec):
        bins = point.find(stages)
        places = np.broadcast_to(np.arange(stages.a.size), bins.shape)[bins >= 0]
        _, first = np.unique(bins[bins >= 0], return_index=True)
        chosen.update(places[first].tolist())
    return sorted(chosen)


def _edge_pairs(spec: FpMul) -> np.ndarray:
    """Significands uint64[2, n] whose exact product has almost nothing or almost all in the bits that are dropped.

    There a carry or a borrow of the lowest bits decides. None unless an exact product is truncated.
    """
    width, dropped = spec.format.sig_width, 2 * spec.format.frac_width - spec.result_format.frac_width
    if spec.rounding != "rtz" or not spec.significand.exact or dropped < 1:
        return np.empty((2, 0), np.uint64)
    rng, hidden = np.random.default_rng(2), 1 << (width - 1)
    a = rng.integers(hidden, 2 * hidden, _EDGES) | 1
    few = rng.integers(1, hidden, _EDGES) >> rng.integers(0, width, _EDGES)
    remainder = np.where(rng.integers(0, 2, _EDGES) == 1, few, -1 - few)
    b = _inverse(a, hidden) * (remainder % hidden) % hidden | hidden
    return np.stack([a, b]).astype(np.uint64)


def _candidates(spec: FpMul) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of hard significands, with exponents of which half bring the product to an end of the range."""
    rng = np.random.default_rng(0)
    significands = _significands(spec, rng)
    exponents = _exponents(spec, rng)
    f = spec.format
    signs = rng.integers(0, 2, (2, _CANDIDATES))
    depth = np.where(exponents == 0, rng.integers(0, f.sig_width, (2, _CANDIDATES)), 0)
    fractions = (significands & f.frac_mask) >> depth
    patterns = signs << (f.width - 1) | exponents << f.frac_width | fractions
    patterns = patterns.astype(pattern_dtype(f))
    return patterns[0], patterns[1]


def _significands(spec: FpMul, rng: np.random.Generator) -> np.ndarray:
    """Significands int64[2, n] of six kinds.

    Random; short, so that products tie; few or many ones; exact products just below and just above 2^(2w-1); exact
    products whose low half is small.
    """
    width, kind = spec.format.sig_width, rng.integers(0, 6, _CANDIDATES)
    hidden = 1 << (width - 1)
    plain = rng.integers(0, hidden, (2, _CANDIDATES)) | hidden
    cut = rng.integers(0, width, (2, _CANDIDATES))
    short = plain >> cut << cut
    dense = plain | rng.integers(0, hidden, (2, _CANDIDATES)) | rng.integers(0, hidden, (2, _CANDIDATES))
    sparse = (plain & rng.integers(0, hidden, (2, _CANDIDATES)) & rng.integers(0, hidden, (2, _CANDIDATES))) | hidden
    mixed = np.where(rng.integers(0, 2, (2, _CANDIDATES)) == 1, dense, sparse)
    top = 2 * hidden * hidden
    full = np.stack([plain[0], np.minimum((top - 1) // plain[0], 2 * hidden - 1)])
    over = np.stack([plain[0], np.clip(-(-top // plain[0]), hidden, 2 * hidden - 1)])
    low = np.stack([plain[0] | 1, _inverse(plain[0] | 1, hidden) * (rng.integers(1, hidden, _CANDIDATES) >> cut[0])])
    low[1] = low[1] % hidden | hidden
    kinds = [plain, short, mixed, full, over]
    return np.select([kind == number for number in range(len(kinds))], kinds, low)


def _inverse(odd: np.ndarray, modulus: int) -> np.ndarray:
    """The inverses of odd numbers modulo a power of two, by Newton's iteration; int64."""
    inverse = odd % modulus
    for _ in range(5):
        inverse = inverse * (2 - odd * inverse % modulus) % modulus
    return inverse


def _exponents(spec: FpMul, rng: np.random.Generator) -> np.ndarray:
    """Biased exponents int64[2, n], 0 (subnormal operands) included; the sum of half of them lies at an end."""
    f, result = spec.format, spec.result_format
    anywhere = rng.integers(0, f.exp_special, (2, _CANDIDATES))
    reach = result.sig_width + f.sig_width
    low = rng.integers(-reach, 4, _CANDIDATES)
    high = result.exp_special + rng.integers(-4, 4, _CANDIDATES)
    near = rng.integers(-3, 4, _CANDIDATES)
    kind = rng.integers(0, 3, _CANDIDATES)
    exp_sum = np.where(kind == 0, low, np.where(kind == 1, near, high)) - result.bias + 2 * f.bias
    first = np.where(rng.integers(0, 8, _CANDIDATES) == 0, 0, anywhere[0])
    second = np.clip(exp_sum - first, 0, f.exp_special - 1)
    first = np.where(first > 0, np.clip(exp_sum - second, 1, f.exp_special - 1), 0)
    return np.where(rng.integers(0, 2, _CANDIDATES) == 1, np.stack([first, second]), anywhere)
