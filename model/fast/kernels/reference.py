"""Any unit, by the golden model itself."""

import numpy as np

from axmac.model import golden
from axmac.model.fast.kernels.base import BLOCK_PRODUCTS, Pieces, Places, scatter
from axmac.model.fast.operands import from_patterns, to_patterns
from axmac.model.spec import FpMul

__all__ = ["Golden"]


class Golden(Pieces):
    """Any unit, by the golden model in blocks: correct and slow."""

    name = "golden, bit-sliced"

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        self._spec, self._acc = spec, np.dtype(acc)

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n]."""
        patterns = (to_patterns(self._spec.format, operand) for operand in (x, w))
        return from_patterns(self._spec.result_format, golden.multiply(self._spec, *patterns))

    def prepare(self, w: np.ndarray) -> np.ndarray:
        """Weights as patterns [K, N]."""
        return to_patterns(self._spec.format, w)

    def dot(self, places: Places, weights: np.ndarray, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``, about 10^6 products at a time."""
        patterns = to_patterns(self._spec.format, places.x)
        step = max(1, BLOCK_PRODUCTS // max(1, weights.size))
        for start in range(0, len(places.rows), step):
            block = slice(start, start + step)
            operands = patterns[places.rows[block, None] + places.steps]
            products = golden.multiply(self._spec, operands[:, :, None], weights)
            values = from_patterns(self._spec.result_format, products)
            acc = np.zeros((len(operands), weights.shape[1]), self._acc)
            with np.errstate(all="ignore"):
                for k in range(len(weights)):
                    acc += values[:, k]
            scatter(acc, places.results[block], out, column_stride)
