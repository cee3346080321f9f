"""Operand pairs for the float32 adder."""

import itertools

import numpy as np

from axmac.model.spec import FLOAT32
from axmac.sim.stimulus import operand_classes

__all__ = ["add_stimulus"]


def add_stimulus(n: int, seed: int, *, classes: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Where ``classes``, all pairs of classes in both signs; then at least ``n`` uint32 pairs, a quarter of each kind:

    random patterns; near-cancellation (b = -a, moved by a few units in the last place or one bit); subnormals and the
    smallest normals; exponents at most 26 apart, also near overflow, where alignment and rounding meet.
    """
    rng = np.random.default_rng(seed)
    patterns = [bits | sign for bits in itertools.chain(*operand_classes(FLOAT32).values()) for sign in (0, 1 << 31)]
    pairs = np.array(list(itertools.product(patterns, repeat=2)), np.uint32)
    quarter = -(-n // 4)
    parts = [(pairs[:, 0], pairs[:, 1])] if classes else []
    parts.append((_random(rng, quarter), _random(rng, quarter)))

    a = _random(rng, quarter)
    bit = np.uint32(1) << rng.integers(0, 31, quarter, np.uint32)
    ulps = rng.integers(-4, 5, quarter).astype(np.uint32)
    parts.append((a, (a ^ np.uint32(1 << 31)) + np.where(rng.random(quarter) < 0.5, ulps, bit).astype(np.uint32)))

    small = np.uint32(0x81FFFFFF)
    parts.append((_random(rng, quarter) & small, _random(rng, quarter) & small))

    a, b = _random(rng, quarter), _random(rng, quarter)
    exponent = np.where(rng.random(quarter) < 0.2, 254, a >> 23 & 0xFF).astype(np.int64)
    other = np.clip(exponent + rng.integers(-26, 27, quarter), 0, 254)
    parts.append((_with_exponent(a, exponent), _with_exponent(b, other)))
    return tuple(np.concatenate([part[k] for part in parts]) for k in (0, 1))


def _random(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.integers(0, 1 << 32, n, np.uint32)


def _with_exponent(pattern: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    return pattern & np.uint32(0x807FFFFF) | exponent.astype(np.uint32) << np.uint32(23)
