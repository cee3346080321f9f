"""Operand pairs that hit every bin of the coverage: the first hit of each among many candidates."""

from functools import lru_cache

import numpy as np

from axmac.model.golden import trace
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FpMul
from axmac.sim.coverage import cover_points

__all__ = ["directed_pairs"]

_CANDIDATES = 1 << 16


@lru_cache
def directed_pairs(spec: FpMul) -> tuple[np.ndarray, np.ndarray]:
    """The first candidate in each bin, as (a, b) in the unsigned dtype of the format; the same on every run."""
    a, b = _candidates(spec)
    stages = trace(spec, a, b, tiles=False)
    chosen = set()
    for point in cover_points(spec):
        bins = point.find(stages)
        places = np.broadcast_to(np.arange(a.size), bins.shape)[bins >= 0]
        _, first = np.unique(bins[bins >= 0], return_index=True)
        chosen.update(places[first].tolist())
    order = sorted(chosen)
    return a[order], b[order]


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
    """Significands int64[2, n]: random; short ones, whose products tie; few and many ones; products just below 2^k."""
    width, kind = spec.format.sig_width, rng.integers(0, 4, _CANDIDATES)
    hidden = 1 << (width - 1)
    plain = rng.integers(0, hidden, (2, _CANDIDATES)) | hidden
    cut = rng.integers(0, width, (2, _CANDIDATES))
    short = plain >> cut << cut
    dense = plain | rng.integers(0, hidden, (2, _CANDIDATES)) | rng.integers(0, hidden, (2, _CANDIDATES))
    sparse = (plain & rng.integers(0, hidden, (2, _CANDIDATES)) & rng.integers(0, hidden, (2, _CANDIDATES))) | hidden
    mixed = np.where(rng.integers(0, 2, (2, _CANDIDATES)) == 1, dense, sparse)
    full = np.stack([plain[0], np.minimum((2 * hidden * hidden - 1) // plain[0], 2 * hidden - 1)])
    return np.where(kind == 0, plain, np.where(kind == 1, short, np.where(kind == 2, mixed, full)))


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
