"""Operand words of precision-scalable MACs: all pairs in every lane, values at the ends, and random ones."""

import itertools

import numpy as np

from axmac.model.golden.scalable import pack
from axmac.model.spec import ScalableMac
from axmac.sim.cover_scalable import corner_classes

__all__ = [
    "EXHAUSTIVE",
    "class_items",
    "corner_values",
    "product_operands",
    "random_items",
    "switch_items",
    "to_the_end",
]

EXHAUSTIVE = 8
"""The precision up to which every lane gets all pairs."""
_LEAST = 1 << 12
_CLEAR = 0.25


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
    return _filled(spec, k, a, rng), _filled(spec, k, b, rng), exhaustive


def _filled(spec: ScalableMac, precision: int, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`pack`, with random bits where data gating drops them."""
    dropped = rng.integers(0, 1 << spec.shift(precision), values.shape[:-1])
    return pack(spec, precision, values) | dropped.astype(np.uint16)


def class_items(spec: ScalableMac, seed: int) -> list[dict[str, int]]:
    """Inputs of a MAC: all pairs of `corner_classes` in every lane, for every mode and sign."""
    rng, items = np.random.default_rng(seed), []
    for k, signed in itertools.product(spec.precisions, (False, True)):
        lanes = np.stack([rng.permutation(_class_pairs(k, rng, signed=signed)) for _ in range(spec.lanes(k))], axis=1)
        items += _items(spec, k, lanes[..., 0], lanes[..., 1], rng, signed=signed)
    return items


def random_items(spec: ScalableMac, n: int, seed: int) -> list[dict[str, int]]:
    """``n`` inputs of a MAC, all random, modes past the last one too; every fourth begins new sums."""
    rng, width = np.random.default_rng(seed), spec.width
    modes = rng.integers(0, 1 << (len(spec.precisions) - 1).bit_length(), n).tolist()
    signed, words = rng.integers(0, 2, n).tolist(), rng.integers(0, 1 << width, (n, 2)).tolist()
    clear = (rng.random(n) < _CLEAR).astype(int).tolist()
    columns = zip(modes, signed, clear, words, strict=True)
    return [{"mode": m, "a_signed": s, "clear": c, "a": a, "b": b} for m, s, c, (a, b) in columns]


def switch_items(spec: ScalableMac, seed: int) -> list[dict[str, int]]:
    """Random inputs of a MAC in which every mode follows every other, going on with its sums and beginning new ones."""
    modes = range(len(spec.precisions))
    order = [
        mode | {"clear": clear}
        for first, second, clear in itertools.product(modes, modes, (0, 1))
        for mode in ({"mode": first}, {"mode": second})
    ]
    return [item | switch for item, switch in zip(random_items(spec, len(order), seed), order, strict=True)]


def to_the_end(spec: ScalableMac, precision: int, *, a_signed: bool) -> list[tuple[int, list[dict[str, int]]]]:
    """Twice: an extreme product, as a number, and inputs that add it in all lanes, the last one past what a sum holds.

    The sums begin with the first input. A product that is never above or never below 0 has one such run.
    """
    k, half, rng = precision, 1 << precision - 1, np.random.default_rng(0)
    largest = half - 1 if a_signed else 2 * half - 1
    pairs = {"upwards": (-half, -half) if a_signed else (largest, half - 1), "downwards": (largest, -half)}
    runs = []
    for a, b in pairs.values():
        product = a * b << 2 * spec.shift(k)
        if product:
            limit = 1 << spec.sum_width(k) - 1
            count = ((limit - 1) // product if product > 0 else limit // -product) + 1
            lanes = [np.full((count, spec.lanes(k)), value) for value in (a, b)]
            run = _items(spec, k, *lanes, rng, signed=a_signed)
            runs.append((product, [item | {"clear": int(not index)} for index, item in enumerate(run)]))
    return runs


def _class_pairs(bits: int, rng: np.random.Generator, *, signed: bool) -> np.ndarray:
    """One pair of patterns int64 [pairs, 2] of every pair of classes."""
    patterns = []
    for sign in (signed, True):
        classes = corner_classes(bits, signed=sign).values()
        known = [value % (1 << bits) for value in classes if value is not None]
        others = np.setdiff1d(rng.integers(0, 1 << bits, 1 << 10), known)
        patterns.append(known + rng.permutation(others)[:1].tolist())
    return np.array(list(itertools.product(*patterns)), np.int64)


def _items(
    spec: ScalableMac, precision: int, a: np.ndarray, b: np.ndarray, rng: np.random.Generator, *, signed: bool
) -> list[dict[str, int]]:
    """Inputs of a MAC from lane values [n, lanes]; every fourth begins new sums."""
    words = _filled(spec, precision, a, rng).tolist(), _filled(spec, precision, b, rng).tolist()
    common = {"mode": spec.mode_of(precision), "a_signed": int(signed)}
    clear = (rng.random(len(a)) < _CLEAR).astype(int).tolist()
    return [{**common, "clear": c, "a": x, "b": y} for c, x, y in zip(clear, *words, strict=True)]
