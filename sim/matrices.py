"""Matrices of patterns for the benches of arrays and engines."""

import numpy as np

from axmac.model.golden import convert
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, FpMul
from axmac.sim.stimulus import operand_classes

__all__ = ["matrix"]


def matrix(spec: FpMul, shape: tuple[int, int], rng: np.random.Generator, specials: float = 0.0) -> np.ndarray:
    """Patterns of the multiplier's format: reals of (-1, 1), some 0, and a share ``specials`` of all classes."""
    reals = rng.uniform(-1, 1, shape).astype(np.float32)
    reals[rng.random(shape) < 0.05] = 0
    patterns = convert(FLOAT32, spec.format, reals.view(np.uint32)).astype(pattern_dtype(spec.format))
    positive = np.concatenate(list(operand_classes(spec.format).values()))
    classes = np.concatenate([positive, positive | spec.format.sign_mask]).astype(patterns.dtype)
    chosen = rng.choice(classes, shape)
    return np.where(rng.random(shape) < specials, chosen, patterns)
