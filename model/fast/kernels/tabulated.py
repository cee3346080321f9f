"""Units with significands of at most 8 bits, by a table of all products."""

import numpy as np

from axmac.model.fast.careful import limits_of, products_careful
from axmac.model.fast.kernels.base import Places
from axmac.model.fast.kernels.careful import Careful, Weights
from axmac.model.fast.split import SIGN_EXP, in_blocks, index_weights, index_x, scale_weights, scale_x
from axmac.model.fast.tablekernel import dot_rows_direct, dot_rows_sheets
from axmac.model.fast.tables import product_table
from axmac.model.fast.vectors import LANES
from axmac.model.spec import FpMul

__all__ = ["Tabulated"]


class Tabulated(Careful):
    """All products of two significands of at most 8 bits from a table that golden made.

    Many rows take one line of a sheet for each 16 products (``tablekernel``), few rows the table itself.
    """

    piece, shares, rows = 1 << 20, 1, 512
    few = 16
    """Rows below which sheets cost more than they save, measured."""

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        super().__init__(spec, product_table(spec), acc)
        size = len(self.source)
        self.name = f"table, {size} x {size}"
        self._shift = np.uint32(24 - size.bit_length())
        self.values = self._values(spec)
        self._growth = [int(np.frexp(f(self.values))[1]) - 1 for f in (np.min, np.max)]

    def _values(self, spec: FpMul) -> np.ndarray:
        """float32[S, S]: the rounded products of values in [1, 2), by fraction of the weight, then the activation."""
        size = len(self.source)
        one = np.uint32(0x3F800000) + (np.arange(size, dtype=np.uint32) << self._shift)
        w, x = (np.ascontiguousarray(grid).reshape(-1) for grid in np.meshgrid(one, one, indexing="ij"))
        out = np.empty(x.size, np.uint32)
        products_careful(x, w, self.source, limits_of(spec, bounded=False), out)
        return out.view(np.float32).reshape(size, size)

    def is_quick(self, x: tuple[int, int], w: tuple[int, int]) -> bool:
        """Whether every product of values with these exponents is a normal number, and so are its two factors."""
        (low, high), (least, most) = self.exp_range, self._growth
        return x[0] + w[0] + least >= low and max(x[1], 0) + w[1] + most <= high

    def dot_quick(self, places: Places, bits: np.ndarray, weights: Weights, out: np.ndarray, stride: int) -> None:
        """Writes M x N results to ``out``, all operands in the quick range."""
        records = np.empty((bits.size, 2), np.uint32)
        scale_x(bits, SIGN_EXP, self.smallest, records[:, 0])
        panels = weights.panels, weights.bits.shape[1]
        if len(places.rows) < self.few:
            index_x(bits, self._shift, np.uint32(1), records[:, 1])
            where = (records.view(np.float32), *places[1:])
            dot_rows_direct(where, panels, np.ascontiguousarray(self.values.T), out, stride)
            return
        index_x(bits, self._shift, np.uint32(4 * LANES), records[:, 1])
        where = (records.view(np.uint8).reshape(-1), places.rows * 8, places.steps * 8, places.results)
        dot_rows_sheets(where, panels, self.values, out, stride)

    def panels(self, bits: np.ndarray) -> np.ndarray:
        """Blocks of 16 columns of weights uint32[K, N]: float32[J, K, 32] as ``dot_rows_sheets`` takes them."""
        bits = in_blocks(bits)
        panels = np.empty((bits.shape[1] // LANES, len(bits), 2 * LANES), np.uint32)
        scale_weights(bits, SIGN_EXP, self.smallest, panels[..., :LANES])
        index_weights(bits, self._shift, panels[..., LANES:])
        return panels.view(np.float32)
