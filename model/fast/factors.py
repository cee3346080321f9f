"""Tables of products as few terms f(x) g(w), exactly and in integers.

Elimination modulo a prime finds how many terms a table needs, if they are few. The rows of the table then span a
lattice of that rank: a basis of it are the factors of x, and the whole coefficients of the rows are those of w. A
table is only taken for factored once the sum of the terms is compared with it at every pair.
"""

from itertools import permutations
from typing import NamedTuple

import numpy as np

__all__ = ["Factors", "factored"]

_PRIME = (1 << 31) - 1
"""Products of two remainders stay in int64. A rank that is lower modulo it fails the comparison at the end."""
_EXACT = 1 << 24
"""Magnitude up to which float32 holds every integer."""


class Factors(NamedTuple):
    """Term r of a table int[S, S] by weight, then activation, is ``w[r][:, None] * x[r]``; float32[R, S] both."""

    x: np.ndarray
    w: np.ndarray


def factored(table: np.ndarray, most: int) -> Factors | None:
    """Terms, at most ``most``, whose sum is the table int[S, S]; None if there are none or float32 cannot hold them."""
    pivots = _pivots(table, most)
    if not pivots:
        return None
    basis = _lattice(table, pivots)
    first = np.array(basis), np.array(_coefficients(table, basis, pivots))
    x, w = min(first, _shortened(*first), key=_largest_products)
    if any(int(abs(value)) > _EXACT for part in (x, w) for value in part.flat):
        return None
    if not np.array_equal(w.T.astype(np.int64) @ x.astype(np.int64), table):
        return None
    return Factors(x.astype(np.float32), w.astype(np.float32))


def _pivots(table: np.ndarray, most: int) -> list[int] | None:
    """Columns that make up the rank modulo the prime, none of a table of zeros; None for more than ``most``."""
    left, pivots = table.astype(np.int64) % _PRIME, []
    while left.any():
        if len(pivots) == most:
            return None
        row, column = np.unravel_index(np.argmax(left != 0), left.shape)
        scaled = left[row] * pow(int(left[row, column]), -1, _PRIME) % _PRIME
        left = (left - left[:, column, None] * scaled) % _PRIME
        pivots.append(int(column))
    return pivots


def _lattice(table: np.ndarray, pivots: list[int]) -> list[np.ndarray]:
    """A basis object[S] of the lattice of the rows: element i is 0 at the pivots before its own."""
    basis: list[np.ndarray | None] = [None] * len(pivots)
    for row in np.unique(table, axis=0).astype(object):
        left = row
        for i, column in enumerate(pivots):
            while left[column]:
                if basis[i] is None:
                    basis[i], left = left, left * 0
                    break
                basis[i], left = left, basis[i] - basis[i][column] // left[column] * left
    return basis


def _coefficients(table: np.ndarray, basis: list[np.ndarray], pivots: list[int]) -> list[np.ndarray]:
    left, coefficients = table.astype(object), []
    for vector, column in zip(basis, pivots, strict=True):
        coefficients.append(left[:, column] // vector[column])
        left = left - coefficients[-1][:, None] * vector
    return coefficients


def _shortened(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Terms of the same sum: takes multiples of an x from the others while that makes one of them shorter."""
    x, w, shorter = x.copy(), w.copy(), True
    while shorter:
        shorter = False
        for i, j in permutations(range(len(x)), 2):
            along, square = int(x[i] @ x[j]), int(x[j] @ x[j])
            times = (2 * along + square) // (2 * square)
            if 2 * times * along > times * times * square:
                x[i] -= times * x[j]
                w[j] += times * w[i]
                shorter = True
    return x, w


def _largest_products(terms: tuple[np.ndarray, np.ndarray]) -> int:
    """Sum of the largest product of each term: what decides how often the sums of ``factored`` must be split."""
    x, w = (abs(part).max(axis=1) for part in terms)
    return int(x @ w)
