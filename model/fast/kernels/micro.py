"""Calls of the microkernel: its blocks of weights, in memory that begins at a cache line, and its byte offsets."""

import numpy as np

from axmac.model.fast.kernels.base import Places
from axmac.model.fast.microkernel import KINDS, NATIVE, Kind, dot_rows
from axmac.model.fast.vectors import LANES

__all__ = ["aligned", "native_panels", "run_lanes", "run_micro"]


def native_panels(w: np.ndarray) -> np.ndarray:
    """Weights float32[K, N] in blocks of 16 columns: uint8[J, K, 64]."""
    steps, columns = w.shape
    panels = aligned((-(-columns // LANES), steps, NATIVE.weight_bytes))
    for j, block in enumerate(panels.view(np.float32)):
        part = w[:, j * LANES : (j + 1) * LANES]
        block[:, : part.shape[1]] = part
    return panels


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros uint8 of a shape that begin at a multiple of 64 bytes."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].reshape(shape)


def run_micro(kind: Kind, places: Places, weights: tuple, masks: tuple, out: np.ndarray, column_stride: int) -> None:
    """``dot_rows`` of one kind for records float or uint8 in ``places.x``, whose places count elements."""
    size = kind.record_bytes
    records = (places.x.view(np.uint8).reshape(-1), places.rows * size, places.steps * size, places.results)
    dot_rows(KINDS.index(kind), False, records, weights, masks, out, column_stride)


def run_lanes(kind: Kind, places: Places, weights: tuple, masks: tuple, out: np.ndarray, column_stride: int) -> None:
    """``dot_rows`` of one kind with activations in panels of 16 columns: ``places.x`` uint8[J, P, weight_bytes]."""
    size = kind.weight_bytes
    panels, columns = weights
    rows, steps = places.rows * size, places.steps * size
    for j, panel in enumerate(places.x):
        own = panels[j : j + 1], min(LANES, columns - j * LANES)
        records = panel.reshape(-1), rows, steps, places.results + j * LANES * column_stride
        dot_rows(KINDS.index(kind), True, records, own, masks, out, column_stride)
