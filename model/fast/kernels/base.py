"""What a kernel offers, and what kernels share.

A matrix product is given by places: product k of row m takes ``x[rows[m] + steps[k]]``, and the result of row m and
column n goes to ``out[results[m] + n * column_stride]``. In a convolution these are the places of a patch, so that no
patch is copied. A kernel adds sequentially, in the accumulator that ``acc`` names; float64 goes through the careful
loops.
"""

from typing import NamedTuple, Protocol

import numpy as np

__all__ = ["BLOCK_PRODUCTS", "Kernel", "Pieces", "Places", "scatter"]

BLOCK_PRODUCTS = 1 << 20
"""Products that the slow kernels hold at a time."""


class Places(NamedTuple):
    """Where operands and results lie (see above): x float32[:], rows int64[M], steps int64[K], results int64[M]."""

    x: np.ndarray
    rows: np.ndarray
    steps: np.ndarray
    results: np.ndarray


class Kernel(Protocol):
    """What a kernel offers. Arrays are contiguous; operands already have values of the operand format."""

    name: str
    piece: int
    """Elements of x that one task should hold, at most."""
    shares: int
    """Tasks for each thread, at least."""
    rows: int
    """Rows that are worth one pass over the weights: a task of a matrix product has as many, if there are."""

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] of float32[n] and float32[n]."""

    def prepare(self, w: np.ndarray) -> object:
        """Weights float32[K, N] as ``dot`` takes them."""

    def dot(self, places: Places, weights: object, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out`` float32[:] (module docstring)."""

    def takes_lanes(self, x: np.ndarray, w: np.ndarray) -> bool:
        """Whether ``dot_lanes`` computes the products of any elements of x and w (float32, contiguous)."""

    def dot_lanes(self, places: Places, weights: object, out: np.ndarray, column_stride: int) -> None:
        """As ``dot`` where each column has its own activations: ``places.x`` float32[P, N], places count its rows."""


class Pieces:
    """Small pieces, as the records of x stay in the second-level cache; no lanes of their own activations."""

    piece, shares, rows = (2 << 20) // 24, 4, 64

    def takes_lanes(self, _x: np.ndarray, _w: np.ndarray) -> bool:
        """Never."""
        return False


def scatter(acc: np.ndarray, results: np.ndarray, out: np.ndarray, column_stride: int) -> None:
    """Writes accumulators [M, N] to their places, NaN canonical."""
    with np.errstate(all="ignore"):
        values = acc.astype(np.float32)
    values[np.isnan(values)] = np.nan
    out[results[:, None] + np.arange(acc.shape[1]) * column_stride] = values
