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
from axmac.model.fast.microkernel import KINDS, ROWS
from axmac.model.fast.threads import run_all
from axmac.model.fast.vectors import LANES

__all__ = ["FEW_FILTERS", "Geometry", "Patches", "ranges", "run_conv", "run_matmul"]

_WEIGHTS = 64 << 20
"""Bytes of a kernel's copy of the weights at a time."""
_COPY = max(kind.record_bytes for kind in KINDS)
FEW_FILTERS = 4
"""Filters of a group up to which the lanes of a vector would be mostly empty if each group stood alone."""

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
    """Fills ``out`` [B, O, *D'] with the convolution of x [B, C, *D] and w [O, C/groups, *kernel], w read already.

    Groups of few filters stand side by side in the lanes of one product where the kernel can do that.
    """
    groups, (filters, channels) = geometry.groups, w.shape[:2]
    patches, target = Patches(x.shape, w.shape, geometry, out.shape), (out.reshape(-1), prod(out.shape[2:]))
    matrix = w.reshape(filters, -1).T
    if groups > 1 and filters // groups <= FEW_FILTERS and kernel.takes_lanes(x, w):
        weights = kernel.prepare(np.ascontiguousarray(matrix))
        sources = np.arange(filters) * groups // filters * channels + np.arange(channels)[:, None]

        def work(*piece: int) -> None:
            start, stop, _ = piece
            frame = patches.frame(np.moveaxis(x[start:stop, sources], 2, -1), after=1)
            places = patches.places(piece, read(frame).reshape(-1, filters), first=0)
            kernel.dot_lanes(places, weights, *target)

        run_all(work, patches.pieces(kernel.piece // filters, kernel.shares))
        return
    pieces = patches.pieces(kernel.piece, kernel.shares)
    for group in range(groups):
        first, end = group * filters // groups, (group + 1) * filters // groups

        def places(*piece: int, group: int = group, first: int = first) -> Places:
            start, stop, _ = piece
            frame = patches.frame(x[start:stop, group * channels : (group + 1) * channels])
            return patches.places(piece, read(frame).reshape(-1), first)

        _run(kernel, places, pieces, matrix[:, first:end], target)


class Patches:
    """Where the patches of a convolution lie in padded images [channels of a group, *D]."""

    def __init__(self, x: Sequence[int], w: Sequence[int], geometry: Geometry, out: Sequence[int]) -> None:
        stride, padding, dilation, _ = geometry
        self._batch, (self._filters, channels) = x[0], w[:2]
        self._image = (channels, *(n + 2 * p for n, p in zip(x[2:], padding, strict=True)))
        self._inner = tuple(slice(p, p + n) for p, n in zip(padding, x[2:], strict=True))
        self._pixels = prod(out[2:])
        taps = (range(0, d * n, d) for d, n in zip(dilation, w[2:], strict=True))
        self._steps = _places_in(self._image, (range(channels), *taps))
        corners = (range(0, s * n, s) for s, n in zip(stride, out[2:], strict=True))
        self._corners = _places_in(self._image, (range(1), *corners))
        self._parts = 1

    def pieces(self, elements: int, shares: int) -> list[tuple[int, int, int]]:
        """(first image, last image + 1, part of its pixels) for tasks of at most so many elements, if images allow."""
        threads = torch.get_num_threads()
        if self._batch < threads:
            self._parts = -(-self._pixels // _step(self._pixels, self._pixels, ROWS, shares))
        images = _step(self._batch, elements // prod(self._image), 1, shares)
        return [(*piece, part) for piece in ranges(self._batch, images) for part in range(self._parts)]

    def frame(self, images: np.ndarray, after: int = 0) -> np.ndarray:
        """Images [n, c, *D] and ``after`` more dimensions, with zeros around."""
        frame = np.zeros((len(images), *self._image, *images.shape[images.ndim - after :]), images.dtype)
        frame[(..., *self._inner, *(slice(None),) * after)] = images
        return frame

    def places(self, piece: tuple[int, int, int], elements: np.ndarray, first: int) -> Places:
        """Places of the patches of a piece in its frame, results of the filter ``first``."""
        start, stop, part = piece
        chosen = np.arange(part * self._pixels // self._parts, (part + 1) * self._pixels // self._parts)
        index = np.arange(stop - start)[:, None]
        rows = index * prod(self._image) + self._corners[chosen]
        results = ((start + index) * self._filters + first) * self._pixels + chosen
        return Places(elements, rows.reshape(-1), self._steps, results.reshape(-1))


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
