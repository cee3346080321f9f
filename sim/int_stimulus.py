"""Operand pairs for integer multipliers: ends and powers of two, seeded random patterns, all of them."""

import numpy as np

from axmac.model.golden.int_mul import patterns_of
from axmac.model.spec import IntFormat, IntMul

__all__ = ["EXHAUSTIVE", "all_pairs", "class_pairs", "leading_pairs", "random_pairs"]

EXHAUSTIVE = 8
"""Bits of operands up to which all pairs are tried."""

Operands = tuple[np.ndarray, np.ndarray]


def class_pairs(spec: IntMul) -> Operands:
    """Every pair of 0, the ends, and powers of two with their lower neighbours, in both signs; as (a, b) patterns."""
    f = spec.format
    powers = [1 << place for place in range(f.width - f.signed)]
    magnitudes = {0, f.max, *powers, *(power - 1 for power in powers)}
    values = magnitudes | {-value for value in magnitudes} | {f.min} if f.signed else magnitudes
    return _crossed(f, np.array(sorted(values)))


def all_pairs(spec: IntMul) -> Operands:
    """All pairs of operands where these have at most 8 bits, no pair otherwise."""
    f = spec.format
    return _crossed(f, np.arange(f.min, f.max + 1) if f.width <= EXHAUSTIVE else np.arange(0))


def random_pairs(spec: IntMul, n: int, seed: int) -> Operands:
    """``n`` pairs of random patterns."""
    f, rng = spec.format, np.random.default_rng(seed)
    return tuple(patterns_of(f, rng.integers(f.min, f.max, n, endpoint=True)) for _ in "ab")


def leading_pairs(spec: IntMul, n: int, seed: int) -> Operands:
    """``n`` pairs of operands with any number of leading zeros, each as often, and both signs."""
    f, rng = spec.format, np.random.default_rng(seed)
    operands = []
    for _ in "ab":
        magnitude = rng.integers(0, 1 << f.width, n) >> rng.integers(0, f.width + 1, n)
        value = np.where(rng.integers(0, 1 + f.signed, n) == 1, -magnitude, magnitude)
        operands.append(patterns_of(f, np.clip(value, f.min, f.max)))
    return tuple(operands)


def _crossed(number_format: IntFormat, values: np.ndarray) -> Operands:
    a, b = np.meshgrid(*[patterns_of(number_format, values)] * 2, indexing="ij")
    return a.ravel(), b.ravel()
