"""Any array of cells, compiled."""

import numpy as np

from axmac.model.fast.careful import add_products, finish_products, limits_of
from axmac.model.fast.kernels.base import BLOCK_PRODUCTS, Pieces, Places, scatter
from axmac.model.fast.slicedkernel import BLOCK, outer_products, pair_products
from axmac.model.spec import FpMul

__all__ = ["Sliced"]


class Sliced(Pieces):
    """Any array of cells, compiled: each wire of the array is a vector of 512 products (``slicedkernel``)."""

    name = "bit-sliced, 512 products at a time"
    piece, shares, rows = 1 << 20, 1, 512  # vectors are filled by rows

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        sig = spec.significand
        self._limits, self._acc = limits_of(spec), np.dtype(acc)
        self._shape = (spec.format.sig_width, sig.tile, int(sig.topology == "csa"))
        self._activation_rows = sig.rows == "activation"
        self._table = np.zeros(((sig.tile - 1) * sig.tile, 16), np.uint64)
        for place, words in enumerate(self._table):
            cell = sig.cell_at(1 + place // sig.tile, place % sig.tile)
            for k in range(8):
                meets = {"p": k >> 2, "s": k >> 1 & 1, "c": k & 1}
                a, b, cin = (meets[letter] for letter in sig.wiring)
                for start, column in ((0, cell.sum), (8, cell.cout)):
                    words[start + k] = 0xFFFFFFFFFFFFFFFF * int(column[4 * a + 2 * b + cin])

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n]."""
        x, w = x.view(np.uint32), w.view(np.uint32)
        significands, out = np.empty(x.size, np.int64), np.empty(x.size, np.uint32)
        rows, columns = (x, w) if self._activation_rows else (w, x)
        pair_products(rows, columns, self._shape, self._table, significands)
        finish_products(significands, x, w, self._limits, out)
        return out.view(np.float32)

    def prepare(self, w: np.ndarray) -> np.ndarray:
        """Weights as patterns [K, N]."""
        return w.view(np.uint32)

    def dot(self, places: Places, weights: np.ndarray, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``: the longer side makes the vectors if it fills them, otherwise pairs do."""
        bits, columns = places.x.view(np.uint32), weights.shape[1]
        step = max(1, BLOCK_PRODUCTS // max(1, columns))
        for first in range(0, len(places.rows), step):
            rows, results = places.rows[first : first + step], places.results[first : first + step]
            by_rows, longest = len(rows) >= columns, max(len(rows), columns)
            pairs = longest % BLOCK and longest < 3 * BLOCK
            shape = (1, len(rows) * columns) if pairs else (columns, len(rows)) if by_rows else (len(rows), columns)
            acc, significands = np.zeros(shape, self._acc), np.empty(shape, np.int64)
            for k, place in enumerate(places.steps):
                x, w = bits[rows + place], weights[k]
                if pairs:
                    self._add_pairs(np.repeat(x, columns), np.tile(w, len(x)), significands[0], acc[0])
                else:
                    self._add_outer(x, w, by_rows, significands, acc)
            acc = acc.reshape(len(rows), columns) if pairs else acc.T if by_rows else acc
            scatter(acc, results, out, column_stride)

    def _add_outer(
        self, x: np.ndarray, w: np.ndarray, by_rows: bool, significands: np.ndarray, acc: np.ndarray
    ) -> None:
        lanes, scalars = (x, w) if by_rows else (w, x)
        outer_products(lanes, scalars, by_rows == self._activation_rows, self._shape, self._table, significands)
        add_products(significands, lanes, scalars, self._limits, acc)

    def _add_pairs(self, x: np.ndarray, w: np.ndarray, significands: np.ndarray, acc: np.ndarray) -> None:
        rows, columns = (x, w) if self._activation_rows else (w, x)
        pair_products(rows, columns, self._shape, self._table, significands)
        patterns = np.empty(x.size, np.uint32)
        finish_products(significands, x, w, self._limits, patterns)
        with np.errstate(all="ignore"):
            acc += patterns.view(np.float32)
