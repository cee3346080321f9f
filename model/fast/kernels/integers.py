"""Unsigned integers of at most 8 bits, by a table of all products; sums are int32."""

import numpy as np

from axmac.model.fast.kernels.base import Pieces, Places
from axmac.model.fast.lookup import look_up
from axmac.model.fast.tablekernel import dot_rows_few, dot_rows_sheets
from axmac.model.fast.vectors import LANES

__all__ = ["IntegerTable"]

_RECORD = 4
_LINE = 4 * LANES


class IntegerTable(Pieces):
    """A line of a sheet for each 16 products, or the table itself for few rows, as ``Tabulated``; operands uint8.

    Activations whose products are the same with every weight share a line: a sheet of few lines is made sooner and
    stays nearer (scaleTRIM tells 48 to 128 activations apart).
    """

    name = "table, 256 x 256, int32 sums"
    piece, shares, rows = 1 << 20, 1, 512
    few = 40

    def __init__(self, table: np.ndarray) -> None:
        """``table`` int32[256, 256] by weight, then activation."""
        self._by_w, self._by_x = table, np.ascontiguousarray(table.T)
        lines, line_of = np.unique(table, axis=1, return_inverse=True)
        self._lines = np.ascontiguousarray(np.pad(lines, ((0, 0), (0, -lines.shape[1] % LANES))))
        self._offsets = (line_of * _LINE).astype(np.uint32)

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products int32[n] of uint8[n] and uint8[n]."""
        return self._by_w[w, x]

    def prepare(self, w: np.ndarray) -> tuple[np.ndarray, int]:
        """Weights uint8[K, N] as int32[J, K, 16], and N."""
        steps, columns = w.shape
        panels = np.zeros((-(-columns // LANES), steps, LANES), np.int32)
        for j, panel in enumerate(panels):
            part = w[:, j * LANES : (j + 1) * LANES]
            panel[:, : part.shape[1]] = part
        return panels, columns

    def dot(self, places: Places, weights: tuple[np.ndarray, int], out: np.ndarray, column_stride: int) -> None:
        """Writes M x N sums to ``out`` int32[:]."""
        if len(places.rows) < self.few:
            dot_rows_few(tuple(places), weights, self._by_x, out, column_stride)
            return
        records = np.empty(places.x.size, np.uint32)
        look_up(self._offsets, places.x, records)
        where = records.view(np.uint8), places.rows * _RECORD, places.steps * _RECORD, places.results
        dot_rows_sheets(where, weights, self._lines, out, column_stride)
