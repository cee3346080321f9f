"""Operand words of precision-scalable MACs: all pairs in every lane, values at the ends, and random ones."""

import numpy as np

from axmac.model.golden.scalable import pack
from axmac.model.spec import ScalableMac

__all__ = ["EXHAUSTIVE", "corner_values", "filled", "product_operands"]

EXHAUSTIVE = 8
"""The precision up to which every lane gets all pairs."""
_LEAST = 1 << 12


def corner_values(bits: int) -> np.ndarray:
    """Patterns int64 of ``bits`` bits at which carries and signs change: 2^i, 2^i - 1, their complements, 0101.."""
    ones = (1 << bits) - 1
    powers = [1 << i for i in range(bits)]
    values = {0, ones, *powers, *(p - 1 for p in powers), *(ones ^ p for p in powers), *(ones ^ p - 1 for p in powers)}
    return np.array(sorted(values | {ones // 3, ones // 3 * 2 & ones}), np.int64)


def product_operands(spec: ScalableMac, precision: int, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Operand words a and b of one precision, uint16 [steps], and how many pairs each lane gets exhaustively.

    Up to `EXHAUSTIVE` bits every lane gets all pairs, in an order of its own, and again until there are some thousand
    words; beyond, all pairs of `corner_values` and ``n`` random ones. Bits that data gating drops are random.
    """
    rng, k, lanes = np.random.default_rng(seed), precision, spec.lanes(precision)
    if k <= EXHAUSTIVE:
        every = np.arange(1 << 2 * k)
        rounds = max(1, _LEAST >> 2 * k)
        pairs = np.stack([np.concatenate([rng.permutation(every) for _ in range(rounds)]) for _ in range(lanes)], -1)
        a, b, exhaustive = pairs >> k, pairs & (1 << k) - 1, len(every)
    else:
        corners = corner_values(k)
        drawn = rng.integers(0, 1 << k, (2, n))
        pairs = np.concatenate([np.stack(np.meshgrid(corners, corners)).reshape(2, -1), drawn], axis=1)
        a, b, exhaustive = pairs[0][:, None], pairs[1][:, None], 0
    return filled(spec, k, a, rng), filled(spec, k, b, rng), exhaustive


def filled(spec: ScalableMac, precision: int, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`pack`, with random bits where data gating drops them."""
    dropped = rng.integers(0, 1 << spec.shift(precision), values.shape[:-1])
    return pack(spec, precision, values) | dropped.astype(np.uint16)
