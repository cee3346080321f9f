"""Operand pairs for multipliers: every pair of classes, then seeded random patterns; those of integers by dispatch."""

import numpy as np

from axmac.model.golden import convert
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, FloatFormat, FpMul, IntMul, Multiplier
from axmac.sim import int_stimulus

__all__ = ["class_pairs", "operand_classes", "random_pairs", "significand_pairs", "stimulus"]


def operand_classes(number_format: FloatFormat) -> dict[str, list[int]]:
    """Positive patterns of each class of operands."""
    f = number_format
    one = f.bias << f.frac_width
    smallest_normal = 1 << f.frac_width
    return {
        "zero": [0],
        "subnormal": [1, f.frac_mask, 1 << (f.frac_width - 1)],
        "smallest normal": [smallest_normal, smallest_normal | 1],
        "largest normal": [f.inf - 1],
        "one": [one],
        "all-ones fraction": [one | f.frac_mask, (one - smallest_normal) | f.frac_mask],
        "powers of two": [one + smallest_normal, one - smallest_normal, f.inf - smallest_normal],
        "inf": [f.inf],
        "quiet NaN": [f.nan, f.nan | f.frac_mask],
        "signalling NaN": [f.inf | 1, f.inf | (f.frac_mask >> 1)],
    }


def class_pairs(spec: Multiplier) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of patterns of `operand_classes` in both signs, as (a, b) in the unsigned dtype of the format.

    Of integers `axmac.sim.int_stimulus.class_pairs`.
    """
    if isinstance(spec, IntMul):
        return int_stimulus.class_pairs(spec)
    positive = [bits for patterns in operand_classes(spec.format).values() for bits in patterns]
    patterns = np.array([bits | sign for sign in (0, spec.format.sign_mask) for bits in positive])
    patterns = patterns.astype(pattern_dtype(spec.format))
    a, b = np.meshgrid(patterns, patterns, indexing="ij")
    return a.ravel(), b.ravel()


def random_pairs(spec: Multiplier, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``n`` pairs: half random patterns, three eighths random reals of (-1, 1), the rest near the ends of the range.

    Of integers random patterns only.
    """
    if isinstance(spec, IntMul):
        return int_stimulus.random_pairs(spec, n, seed)
    rng = np.random.default_rng(seed)
    n_reals, n_ends = 3 * n // 8, n // 8
    n_bits = n - n_reals - n_ends
    parts = [
        tuple(rng.integers(0, 1 << spec.format.width, n_bits, np.uint64) for _ in "ab"),
        tuple(_reals(spec, rng, n_reals) for _ in "ab"),
        _near_the_ends(spec, rng, n_ends),
    ]
    dtype = pattern_dtype(spec.format)
    a, b = (np.concatenate([part[operand] for part in parts]).astype(dtype) for operand in (0, 1))
    return a, b


def significand_pairs(spec: Multiplier) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of significands where these have at most 8 bits, no pair otherwise; as (a, b) like `class_pairs`.

    The exponents are those of [1, 2), or 0 where the hidden bit is. Of integers all pairs, where they have so few bits.
    """
    if isinstance(spec, IntMul):
        return int_stimulus.all_pairs(spec)
    f = spec.format
    significands = np.arange(1 << f.sig_width if f.sig_width <= 8 else 0)
    patterns = (significands >> f.frac_width) * f.bias << f.frac_width | significands & f.frac_mask
    a, b = np.meshgrid(patterns.astype(pattern_dtype(f)), patterns.astype(pattern_dtype(f)), indexing="ij")
    return a.ravel(), b.ravel()


def stimulus(spec: Multiplier, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All `class_pairs`, then ``n`` `random_pairs`."""
    pairs, randoms = class_pairs(spec), random_pairs(spec, n, seed)
    return np.concatenate([pairs[0], randoms[0]]), np.concatenate([pairs[1], randoms[1]])


def _reals(spec: FpMul, rng: np.random.Generator, n: int) -> np.ndarray:
    values = rng.uniform(-1, 1, n).astype(np.float32)
    return convert(FLOAT32, spec.format, values.view(np.uint32)).astype(np.uint64)


def _near_the_ends(spec: FpMul, rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose product has a biased exponent within 3 of the least or the largest one, where operands reach it."""
    f, result = spec.format, spec.result_format
    target = rng.choice([0, result.exp_special], n) + rng.integers(-3, 4, n)
    exp_sum = target - result.bias + 2 * f.bias
    exp_a = rng.integers(1, f.exp_special, n)
    exp_b = np.clip(exp_sum - exp_a, 0, f.exp_special - 1)
    exp_a = np.clip(exp_sum - exp_b, 0, f.exp_special - 1)
    signs_and_fractions = rng.integers(0, 1 << f.width, (2, n), np.uint64) & np.uint64(f.sign_mask | f.frac_mask)
    exponents = np.stack([exp_a, exp_b]).astype(np.uint64) << np.uint64(f.frac_width)
    return tuple(signs_and_fractions | exponents)
