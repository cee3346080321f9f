"""Matrices of patterns for the benches of arrays and engines."""

import numpy as np

from axmac.model.golden import convert
from axmac.model.golden.int_mul import patterns_of
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, IntFormat, IntMul, Multiplier
from axmac.sim.stimulus import operand_classes

__all__ = ["extremes", "first_sums", "matrix"]


def extremes(number_format: IntFormat) -> list[int]:
    """The integers next to the ends of a format and to 0, of 8 bits -128, -127, -1, 0, 1, 126 and 127."""
    f = number_format
    return sorted({f.min, f.min + 1, -1 if f.signed else 0, 0, 1, f.max - 1, f.max})


def matrix(spec: Multiplier, shape: tuple[int, int], rng: np.random.Generator, specials: float = 0.0) -> np.ndarray:
    """Patterns of the multiplier's format: reals of (-1, 1), some 0, and a share ``specials`` of all classes.

    Integers: half of them of the whole format, the others its `extremes` in turn, whatever ``specials`` says.
    """
    if isinstance(spec, IntMul):
        f = spec.format
        values = rng.integers(f.min, f.max, shape, endpoint=True)
        places = rng.permutation(values.size)[: -(-values.size // 2)]
        values.flat[places] = np.resize(rng.permutation(extremes(f)), len(places))
        return patterns_of(f, values)
    reals = rng.uniform(-1, 1, shape).astype(np.float32)
    reals[rng.random(shape) < 0.05] = 0
    patterns = convert(FLOAT32, spec.format, reals.view(np.uint32)).astype(pattern_dtype(spec.format))
    positive = np.concatenate(list(operand_classes(spec.format).values()))
    classes = np.concatenate([positive, positive | spec.format.sign_mask]).astype(patterns.dtype)
    chosen = rng.choice(classes, shape)
    return np.where(rng.random(shape) < specials, chosen, patterns)


def first_sums(spec: Multiplier, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The partial sums uint32 that products are added to: +0, of integers any, half of them next to an end of int32."""
    if not isinstance(spec, IntMul):
        return np.zeros(shape, np.uint32)
    anything = rng.integers(0, 1 << 32, shape, dtype=np.uint32)
    near = (1 << 31) + rng.integers(-(1 << 10), 1 << 10, shape)
    return np.where(rng.random(shape) < 0.5, anything, near).astype(np.uint32)
