"""Matrix products and convolutions by a kernel: cut in pieces, given to threads, without copies of patches.

Operands are numpy arrays of the kernel's operand type; ``read`` makes a contiguous piece of activations ready (it
rounds to the unit's format). Results never depend on how the work is cut.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import NamedTuple

import numpy as np
import torch

from axmac.model.fast.kernels import Kernel, Places
from axmac.model.fast.microkernel import RECORD_BYTES, ROWS
from axmac.model.fast.threads import run_all
from axmac.model.fast.vectors import LANES

__all__ = ["Geometry", "ranges", "run_conv", "run_matmul"]

_WEIGHTS = 64 << 20
"""Bytes of a kernel's copy of the weights at a time."""
_COPY = max(RECORD_BYTES)

Read = Callable[[np.ndarray], np.ndarray]


class Geometry(NamedTuple):
    """One number of each for every spatial dimension, and the number of groups."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    def output_size(self, image: Sequence[int], window: Sequence[int]) -> list[int]:
        """Places of a window in an image, for each dimension; below 1 where it does not fit."""
        spans = [d * (n - 1) + 1 for n, d in zip(window, self.dilation, strict=True)]
        padded = [n + 2 * p for n, p in zip(image, self.padding, strict=True)]
        return [(n - span) // s + 1 for n, span, s in zip(padded, spans, self.stride, strict=True)]


def run_matmul(kernel: Kernel, read: Read, x: np.ndarray, w: np.ndarray, out: np.ndarray) -> None:
    """Fills ``out`` [M, N] with the products of x [M, K] and w [K, N], w contiguous and read already."""
    depth, columns = w.shape
    steps = np.arange(depth, dtype=np.int64)

    def places(start: int, stop: int) -> Places:
        part = read(np.ascontiguousarray(x[start:stop]))
        index = np.arange(len(part), dtype=np.int64)
        return Places(part.reshape(-1), index * depth, steps, (start + index) * columns)

    step = _step(len(x), kernel.piece // max(1, depth), ROWS, kernel.shares)
    pieces = ranges(len(x), max(step, kernel.rows))
    _run(kernel, places, pieces, w, (out.reshape(-1), 1))


def run_conv(kernel: Kernel, read: Read, x: np.ndarray, w: np.ndarray, geometry: Geometry, out: np.ndarray) -> None:
    """Fills ``out`` [B, O, *D'] with the convolution of x [B, C, *D] and w [O, C/groups, *kernel], w read already."""
    stride, padding, dilation, groups = geometry
    batch, (filters, channels) = x.shape[0], w.shape[:2]
    size = out.shape[2:]
    padded = [n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)]
    image, pixels = (channels, *padded), prod(size)
    patch = (range(channels), *(range(0, d * n, d) for d, n in zip(dilation, w.shape[2:], strict=True)))
    steps = _places_in(image, patch)
    corners = _places_in(image, (range(1), *(range(0, s * n, s) for s, n in zip(stride, size, strict=True))))
    images = _step(batch, kernel.piece // prod(image), 1, kernel.shares)
    parts = 1 if batch >= torch.get_num_threads() else -(-pixels // _step(pixels, pixels, ROWS, kernel.shares))
    pieces = [(*piece, part) for piece in ranges(batch, images) for part in range(parts)]
    inner = tuple(slice(p, p + n) for p, n in zip(padding, x.shape[2:], strict=True))
    for group in range(groups):
        taken = slice(group * channels, (group + 1) * channels)
        own = slice(group * filters // groups, (group + 1) * filters // groups)

        def places(start: int, stop: int, part: int, taken: slice = taken, own: slice = own) -> Places:
            frame = np.zeros((stop - start, *image), x.dtype)
            frame[(..., *inner)] = x[start:stop, taken]
            chosen = np.arange(part * pixels // parts, (part + 1) * pixels // parts)
            index = np.arange(stop - start)[:, None]
            rows = (index * prod(image) + corners[chosen]).reshape(-1)
            results = ((start + index) * filters + own.start) * pixels + chosen
            return Places(read(frame).reshape(-1), rows, steps, results.reshape(-1))

        _run(kernel, places, pieces, w[own].reshape(own.stop - own.start, -1).T, (out.reshape(-1), pixels))


def _run(
    kernel: Kernel,
    places: Callable[..., Places],
    pieces: Sequence[tuple],
    w: np.ndarray,
    target: tuple[np.ndarray, int],
) -> None:
    """Fills ``target`` (out, column_stride) with the products of all pieces and the weights w [K, N]."""
    out, column_stride = target
    depth, columns = w.shape
    width = max(LANES, _WEIGHTS // (_COPY * max(1, depth)) // LANES * LANES)
    if len(pieces) < torch.get_num_threads():
        width = min(width, _step(columns, width, LANES))
    blocks = ranges(columns, width)

    def work(piece: tuple, first: int, weights: object) -> None:
        here = places(*piece)
        kernel.dot(here._replace(results=here.results + first * column_stride), weights, out, column_stride)

    at_once = max(1, _WEIGHTS // (_COPY * max(1, depth) * width))
    for i in range(0, len(blocks), at_once):
        chosen = blocks[i : i + at_once]
        prepared = run_all(lambda first, last: kernel.prepare(np.ascontiguousarray(w[:, first:last])), chosen)
        run_all(work, [(p, first, ready) for p in pieces for (first, _), ready in zip(chosen, prepared, strict=True)])


def _places_in(shape: Sequence[int], indices: Sequence[range]) -> np.ndarray:
    """Places int64[n], in an array of that shape, of all combinations of the indices, the last one fastest."""
    grid = np.meshgrid(*indices, indexing="ij")
    return np.ravel_multi_index(grid, shape).reshape(-1)


def ranges(total: int, step: int) -> list[tuple[int, int]]:
    """(start, stop) of pieces of at most ``step``."""
    return [(start, min(start + step, total)) for start in range(0, total, step)]


def _step(total: int, most: int, multiple: int, shares: int = 4) -> int:
    """A step that gives each thread ``shares`` pieces of ``total``, at most ``most`` and a multiple of ``multiple``."""
    fair = -(-total // (shares * torch.get_num_threads()))
    return max(1, -(-max(1, min(fair, most)) // multiple)) * multiple
