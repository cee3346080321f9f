"""Operands that hit every bin of an addition's coverage: the first hit of each among many candidates."""

from functools import lru_cache

import numpy as np

from axmac.model.golden import add, convert, multiply
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, FpMul
from axmac.sim.coverpoints import OPERANDS, classes_of
from axmac.sim.coverpoints_add import Addition, add_points, product_classes, reaches_the_ends
from axmac.sim.stimulus import class_pairs, operand_classes, random_pairs, significand_pairs

__all__ = ["directed_macs", "directed_sums", "float32_products", "unreachable_sums"]

_CANDIDATES = 1 << 16
_EDGES = np.array([0x000000, 0x7FFFFF, 0x7FFFFE, 0x000001, 0x400000, 0x3FFFFF, 0x400001, 0x7FFFFD], np.uint32)


@lru_cache
def directed_sums() -> tuple[np.ndarray, np.ndarray]:
    """The first candidate (a, b) in each bin of the float32 adder, uint32; the same on every run."""
    rng = np.random.default_rng(3)
    b = _patterns(rng)
    a = _partners(rng, b)
    chosen = _first_hits(Addition.of(a, b, add(FLOAT32, a, b)), add_points())
    return a[chosen], b[chosen]


@lru_cache
def directed_macs(mul: FpMul) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first candidate (a, b, acc) in each bin of the sum acc + a * b."""
    rng = np.random.default_rng(4)
    parts = class_pairs(mul), random_pairs(mul, _CANDIDATES // 2, 5), significand_pairs(mul)
    a, b = (np.concatenate(operand) for operand in zip(*parts, strict=True))
    product = float32_products(mul, a, b)
    chosen = rng.integers(0, a.size, _CANDIDATES)
    powers_of_two = np.flatnonzero(_is_power_of_two(product))
    if powers_of_two.size:
        chosen = np.where(rng.integers(0, 8, _CANDIDATES) == 0, rng.choice(powers_of_two, _CANDIDATES), chosen)
    a, b, product = a[chosen], b[chosen], product[chosen]
    acc = _partners(rng, product)
    points = add_points(product_classes(mul), ends=reaches_the_ends(mul))
    chosen = _first_hits(Addition.of(acc, product, add(FLOAT32, acc, product)), points)
    return a[chosen], b[chosen], acc[chosen]


def unreachable_sums(mul: FpMul) -> dict[str, str]:
    """Bins of sums acc + a * b that no operands reach, with the proof of each."""
    every = significand_pairs(mul)
    narrow = mul.result_format.frac_width < FLOAT32.frac_width
    if not (narrow and every[0].size) or _is_power_of_two(float32_products(mul, *every)).any():
        return {}
    why = (
        f"it takes a product that is a power of two, and none of the {every[0].size:,} pairs of significands gives one"
    )
    return {f"normalise: left by {FLOAT32.sig_width}": why}


def float32_products(mul: FpMul, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products of patterns of the multiplier's format as float32 patterns."""
    dtype = pattern_dtype(mul.format)
    return convert(mul.result_format, FLOAT32, multiply(mul, a.astype(dtype), b.astype(dtype)))


def _is_power_of_two(pattern: np.ndarray) -> np.ndarray:
    return (classes_of(FLOAT32, pattern) == OPERANDS.index("normal")) & (pattern & np.uint32(FLOAT32.frac_mask) == 0)


def _first_hits(additions: Addition, points: list) -> np.ndarray:
    chosen = set()
    for point in points:
        bins = point.find(additions)
        _, first = np.unique(bins, return_index=True)
        chosen.update(first.tolist())
    return np.array(sorted(chosen))


def _patterns(rng: np.random.Generator) -> np.ndarray:
    """Patterns of all classes, of the ends of the range, and of fractions at the ends of carry chains."""
    classes = np.array([bits for patterns in operand_classes(FLOAT32).values() for bits in patterns], np.uint32)
    exponents = rng.choice([0, 1, 2, 24, 25, 26, 27, 127, 128, 229, 230, 231, 252, 253, 254], _CANDIDATES)
    made = exponents.astype(np.uint32) << np.uint32(FLOAT32.frac_width) | _fractions(rng)
    kind = rng.integers(0, 8, _CANDIDATES)
    return np.where(kind == 0, rng.choice(classes, _CANDIDATES), made) | _signs(rng)


def _partners(rng: np.random.Generator, b: np.ndarray) -> np.ndarray:
    """For each b an operand at most 28 exponents away, one that is or all but cancels it, the largest, or any class."""
    exponent = (b >> np.uint32(FLOAT32.frac_width)).astype(np.int64) & FLOAT32.exp_special
    apart = np.clip(exponent + rng.integers(-28, 29, _CANDIDATES), 0, FLOAT32.exp_special - 1)
    away = apart.astype(np.uint32) << np.uint32(FLOAT32.frac_width) | _fractions(rng) | _signs(rng)
    low = np.uint32(1) << np.maximum(rng.integers(-25, 25, _CANDIDATES), 0).astype(np.uint32)
    nothing = rng.integers(0, 3, _CANDIDATES) == 0
    negative = b ^ np.uint32(FLOAT32.sign_mask) * (rng.integers(0, 8, _CANDIDATES) > 0)
    moved = negative + np.where(nothing, np.uint32(0), low) * rng.choice(
        np.array([1, 0xFFFFFFFF], np.uint32), _CANDIDATES
    )
    largest = np.uint32(FLOAT32.inf - 1) | _signs(rng)
    kind = rng.integers(0, 16, _CANDIDATES)
    return np.select([kind < 2, kind < 3, kind < 8], [_patterns(rng), largest, moved], away)


def _fractions(rng: np.random.Generator) -> np.ndarray:
    random = rng.integers(0, 1 << FLOAT32.frac_width, _CANDIDATES, np.uint32)
    return np.where(rng.integers(0, 2, _CANDIDATES) == 1, rng.choice(_EDGES, _CANDIDATES), random)


def _signs(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 2, _CANDIDATES, np.uint32) << np.uint32(31)
