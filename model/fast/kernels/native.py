"""The exact unit on the machine's own arithmetic."""

import numpy as np

from axmac.model.fast.kernels.base import Pieces, Places
from axmac.model.fast.kernels.micro import native_panels, run_lanes, run_micro
from axmac.model.fast.microkernel import NATIVE, dot_rows_native

__all__ = ["Native"]

_NO_MASKS = (np.uint32(0), np.uint32(0))


class Native(Pieces):
    """The machine's own float32 product and addition: IEEE 754, so that this is the exact unit."""

    name = "native float32"

    def __init__(self, acc: str = "float32") -> None:
        self._acc = np.dtype(acc)

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n], NaN canonical."""
        with np.errstate(all="ignore"):
            result = x * w
        result[np.isnan(result)] = np.nan
        return result

    def prepare(self, w: np.ndarray) -> tuple[np.ndarray, int]:
        """Blocks of 16 columns uint8[J, K, 64], and N; for a float64 accumulator the weights themselves."""
        return (w, w.shape[1]) if self._acc == np.float64 else (native_panels(w), w.shape[1])

    def dot(self, places: Places, weights: tuple[np.ndarray, int], out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        if self._acc == np.float64:
            dot_rows_native(tuple(places), weights[0], out, column_stride)
        else:
            run_micro(NATIVE, places, weights, _NO_MASKS, out, column_stride)

    def takes_lanes(self, _x: np.ndarray, _w: np.ndarray) -> bool:
        """Always, with sums in float32."""
        return self._acc == np.float32

    def dot_lanes(self, places: Places, weights: tuple[np.ndarray, int], out: np.ndarray, column_stride: int) -> None:
        """As ``dot`` where each column has its own activations (``base.Kernel``)."""
        run_lanes(NATIVE, places._replace(x=native_panels(places.x)), weights, _NO_MASKS, out, column_stride)
