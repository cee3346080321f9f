"""Products of tensors with the arithmetic of a unit: element by element, matrices, convolutions."""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast.kernels import Kernel, Native, Places
from axmac.model.fast.microkernel import RECORD_BYTES, ROWS
from axmac.model.fast.operands import check, round_to
from axmac.model.fast.select import kernel_of, mac_of, multiplier_of
from axmac.model.fast.threads import run_all
from axmac.model.fast.vectors import LANES
from axmac.model.spec import FloatFormat, FpMul, InputError, Mac

__all__ = ["conv", "matmul", "multiply"]

_WEIGHTS = 64 << 20
"""Bytes of a kernel's copy of the weights at a time."""
_COPY = max(RECORD_BYTES)
_ELEMENTS = 1 << 16


def multiply(spec: Mac | FpMul | str, x: Tensor, y: Tensor) -> Tensor:
    """Products of x (activation) and y (weight), float32 tensors on the CPU, of any shapes that broadcast.

    Operands are first rounded to nearest even in the unit's format. The result is float32 and carries no gradient.
    Bit-identical with ``golden.multiply``. Raises ``TypeError`` for another dtype and ``InputError`` for other misfits.
    """
    spec = multiplier_of(spec)
    kernel, x, y = kernel_of(spec), check("x", x), check("y", y)
    try:
        x, y = torch.broadcast_tensors(x, y)
    except RuntimeError:
        raise InputError(f"x and y must have shapes that broadcast, not {list(x.shape)} and {list(y.shape)}") from None
    operands = [round_to(spec.format, np.ascontiguousarray(v.numpy()).reshape(-1)) for v in (x, y)]
    out = np.empty(x.numel(), np.float32)

    def work(start: int, stop: int) -> None:
        out[start:stop] = kernel.products(*(v[start:stop] for v in operands))

    run_all(work, _ranges(out.size, _ELEMENTS))
    return torch.from_numpy(out).reshape(x.shape)


def matmul(spec: Mac | FpMul | str, x: Tensor, w: Tensor) -> Tensor:
    """Matrix product of x [..., M, K] (activations; [K] is one row) and w [K, N] (weights), float32 on the CPU.

    Sums as the ``Mac`` says: by default acc = +0; for k in order: acc = RNE(acc + product_k), bit-identical with
    ``golden.matmul``, on any number of threads. Rounding, result and errors as ``multiply``.
    """
    mac = mac_of(spec)
    spec, kernel, x, w = mac.mul, kernel_of(mac.mul, mac.acc), check("x", x), check("w", w)
    if x.ndim < 1 or w.ndim != 2 or x.shape[-1] != w.shape[0]:
        raise InputError(f"x and w must be [..., M, K] and [K, N], not {list(x.shape)} and {list(w.shape)}")
    if _is_free(mac, kernel):
        return _canonical(x @ w)
    depth, columns = w.shape
    outer = x.shape[:-1]
    rows = x.reshape(prod(outer), depth).numpy()
    out = np.empty((len(rows), columns), np.float32)
    steps = np.arange(depth, dtype=np.int64)

    def places(start: int, stop: int) -> Places:
        part = round_to(spec.format, np.ascontiguousarray(rows[start:stop]))
        index = np.arange(len(part), dtype=np.int64)
        return Places(part.reshape(-1), index * depth, steps, (start + index) * columns)

    pieces = _ranges(len(rows), _step(len(rows), kernel.piece // max(1, depth), ROWS, kernel.shares))
    _run(kernel, places, pieces, _rounded(spec.format, w), (out.reshape(-1), 1))
    return torch.from_numpy(out).reshape(*outer, columns)


def conv(
    spec: Mac | FpMul | str,
    x: Tensor,
    w: Tensor,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int = 1,
) -> Tensor:
    """Convolution of x [B, C, *D] with weights w [O, C/groups, *kernel], float32 on the CPU, without bias.

    D are one to three spatial dimensions, for each of which stride, padding and dilation name one number. Output
    [B, O, *D'], contiguous. k runs over ``w.flatten(1)``, that is c, then the kernel's places; padding is multiplied as
    +0. Memory beside the result does not grow with the batch. Sums as ``matmul``, rounding and errors as ``multiply``.
    """
    mac = mac_of(spec)
    spec, kernel, x, w = mac.mul, kernel_of(mac.mul, mac.acc), check("x", x), check("w", w)
    dims = len(stride)
    if x.ndim != 2 + dims or w.ndim != 2 + dims or x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        places = ", ".join("DHW"[-dims:]), ", ".join(("kd", "kh", "kw")[-dims:])
        wanted = f"[B, C, {places[0]}] and [O, C/{groups}, {places[1]}]"
        raise InputError(f"x and w must be {wanted}, not {list(x.shape)} and {list(w.shape)}")
    padded = [n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)]
    spans = [d * (n - 1) + 1 for n, d in zip(w.shape[2:], dilation, strict=True)]
    size = [(n - span) // s + 1 for n, span, s in zip(padded, spans, stride, strict=True)]
    if min(size) < 1:
        shape = " x ".join(map(str, padded))
        raise InputError(f"x is {shape} with padding: too small for the {list(w.shape[2:])} kernel")
    if _is_free(mac, kernel):
        native = (F.conv1d, F.conv2d, F.conv3d)[dims - 1]
        return _canonical(native(x, w, None, tuple(stride), tuple(padding), tuple(dilation), groups))
    batch, (filters, channels) = x.shape[0], w.shape[:2]
    image, pixels = (channels, *padded), prod(size)
    patch = (range(channels), *(range(0, d * n, d) for d, n in zip(dilation, w.shape[2:], strict=True)))
    steps = _places_in(image, patch)
    corners = _places_in(image, (range(1), *(range(0, s * n, s) for s, n in zip(stride, size, strict=True))))
    source, out = x.numpy(), np.empty((batch, filters, *size), np.float32)
    images = _step(batch, kernel.piece // prod(image), 1, kernel.shares)
    parts = 1 if batch >= torch.get_num_threads() else -(-pixels // _step(pixels, pixels, ROWS, kernel.shares))
    pieces = [(*piece, part) for piece in _ranges(batch, images) for part in range(parts)]
    inner = tuple(slice(p, p + n) for p, n in zip(padding, x.shape[2:], strict=True))
    for group in range(groups):
        taken = slice(group * channels, (group + 1) * channels)
        own = slice(group * filters // groups, (group + 1) * filters // groups)

        def places(start: int, stop: int, part: int, taken: slice = taken, own: slice = own) -> Places:
            frame = np.zeros((stop - start, *image), np.float32)
            frame[(..., *inner)] = source[start:stop, taken]
            chosen = np.arange(part * pixels // parts, (part + 1) * pixels // parts)
            index = np.arange(stop - start)[:, None]
            rows = (index * prod(image) + corners[chosen]).reshape(-1)
            results = ((start + index) * filters + own.start) * pixels + chosen
            return Places(round_to(spec.format, frame).reshape(-1), rows, steps, results.reshape(-1))

        _run(kernel, places, pieces, _rounded(spec.format, w[own].flatten(1).T), (out.reshape(-1), pixels))
    return torch.from_numpy(out)


def _is_free(mac: Mac, kernel: Kernel) -> bool:
    """Whether torch's own operator does it: IEEE 754 products, added in any order."""
    return mac.order == "native" and isinstance(kernel, Native)


def _canonical(values: Tensor) -> Tensor:
    return torch.where(values.isnan(), torch.nan, values)


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
    blocks = _ranges(columns, width)

    def work(piece: tuple, first: int, weights: object) -> None:
        here = places(*piece)
        kernel.dot(here._replace(results=here.results + first * column_stride), weights, out, column_stride)

    at_once = max(1, _WEIGHTS // (_COPY * max(1, depth) * width))
    for i in range(0, len(blocks), at_once):
        chosen = blocks[i : i + at_once]
        prepared = run_all(lambda first, last: kernel.prepare(np.ascontiguousarray(w[:, first:last])), chosen)
        run_all(work, [(p, first, ready) for p in pieces for (first, _), ready in zip(chosen, prepared, strict=True)])


def _rounded(number_format: FloatFormat, w: Tensor) -> np.ndarray:
    return round_to(number_format, np.ascontiguousarray(w.numpy()))


def _places_in(shape: Sequence[int], indices: Sequence[range]) -> np.ndarray:
    """Places int64[n], in an array of that shape, of all combinations of the indices, the last one fastest."""
    grid = np.meshgrid(*indices, indexing="ij")
    return np.ravel_multi_index(grid, shape).reshape(-1)


def _ranges(total: int, step: int) -> list[tuple[int, int]]:
    return [(start, min(start + step, total)) for start in range(0, total, step)]


def _step(total: int, most: int, multiple: int, shares: int = 4) -> int:
    """A step that gives each thread ``shares`` pieces of ``total``, at most ``most`` and a multiple of ``multiple``."""
    fair = -(-total // (shares * torch.get_num_threads()))
    return max(1, -(-max(1, min(fair, most)) // multiple)) * multiple
