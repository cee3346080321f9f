"""What closed forms and tables share: the careful loops for every operand, and a quick range."""

from functools import cached_property

import numpy as np

from axmac.model.fast.careful import dot_rows_careful, limits_of, products_careful
from axmac.model.fast.kernels.base import Pieces, Places
from axmac.model.fast.split import exponents
from axmac.model.spec import FpMul

__all__ = ["Careful", "Weights"]

_FLOAT32_EXP = (-126, 127)


class Careful(Pieces):
    """What closed forms and tables share: the careful kernel, and the range where the quick one is as good."""

    def __init__(self, spec: FpMul, source: np.ndarray, acc: str) -> None:
        self.source, self.limits, self.acc = source, limits_of(spec), np.dtype(acc)
        self.smallest = np.uint32(self.limits[-1])
        low, high = int(self.limits[3]), int(self.limits[4])
        self.exp_range = max(low, _FLOAT32_EXP[0]), min(high, _FLOAT32_EXP[1])

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] by the careful kernel."""
        out = np.empty(x.size, np.uint32)
        products_careful(x.view(np.uint32), w.view(np.uint32), self.source, self.limits, out)
        return out.view(np.float32)

    def prepare(self, w: np.ndarray) -> "Weights":
        """Weights that are cut when a quick product first asks for it."""
        return Weights(self, w.view(np.uint32))

    def dot(self, places: Places, weights: "Weights", out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        bits = places.x.view(np.uint32)
        if self.acc == np.float32 and self.is_quick(exponents(bits, self.smallest), weights.exponents):
            self.dot_quick(places, bits, weights, out, column_stride)
        else:
            acc = np.empty(weights.bits.shape[1], self.acc)
            where = tuple(places._replace(x=bits))
            dot_rows_careful(where, weights.bits, self.source, self.limits, acc, out, column_stride)


class Weights:
    """Weights of a careful kernel, patterns uint32[K, N], and what is made of them when first needed."""

    def __init__(self, kernel: Careful, bits: np.ndarray) -> None:
        self.bits = bits
        self._kernel = kernel

    @cached_property
    def exponents(self) -> tuple[int, int]:
        """Smallest and largest exponent of the weights."""
        return exponents(self.bits.reshape(-1), self._kernel.smallest)

    @cached_property
    def panels(self) -> np.ndarray:
        """The weights as the quick kernel takes them."""
        return self._kernel.panels(self.bits)
