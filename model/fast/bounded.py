"""Convolutions and matrix products within a limit of memory: parts of the batch, and of an image, in turn.

No patches are copied (no im2col buffer): a kernel gathers them from padded copies of a few images and from what it
makes of these. On the CPU those copies, for all threads together, stay below ``memory_limit()``, 256 MB where nobody
sets another one, whatever the batch. Beside them there are the result, one copy of the weights, and 64 MB of what a
kernel makes of the weights at a time. The bits do not depend on the limit.
"""

from collections.abc import Sequence
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast import dot
from axmac.model.fast.drive import side_by_side
from axmac.model.fast.geometry import Geometry, geometry_of
from axmac.model.fast.microkernel import KINDS, ROWS
from axmac.model.fast.operands import check, same_device
from axmac.model.fast.select import kernel_of, mac_of
from axmac.model.spec import FpMul, InputError, Mac

__all__ = ["conv", "matmul", "memory_limit", "set_memory_limit"]

_LEAST = 1 << 20
_ELEMENT = 12 + max(kind.record_bytes for kind in KINDS)
"""Bytes for an element of x: padded, copied, rounded, and as a record."""
_PLACE = 40
"""Bytes for a place of the kernel: where it starts, and where its results go."""

_limit = [256 << 20]


def memory_limit() -> int:
    """Bytes that the buffers of one convolution or matrix product may take."""
    return _limit[0]


def set_memory_limit(limit: int) -> None:
    """Sets ``memory_limit`` for this process. Raises ``InputError`` for less than 1 MB (2^20 bytes)."""
    if not isinstance(limit, int) or limit < _LEAST:
        raise InputError(f"the limit must be a number of bytes of at least {_LEAST}, not {limit!r}")
    _limit[0] = limit


def conv(
    spec: Mac | FpMul | str,
    x: Tensor,
    w: Tensor,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution of x [B, C, *D] with weights w [O, C/groups, *kernel], float32 on one device, without bias.

    D are one to three spatial dimensions; stride, padding and dilation are one number or one for each of them. Output
    [B, O, *D'], contiguous. k runs over ``w.flatten(1)``, that is c, then the kernel's places; padding is multiplied as
    +0. Sums as ``matmul``, rounding as ``multiply``. Raises ``TypeError`` for another dtype and ``InputError`` for
    numbers out of range and shapes that do not fit.
    """
    mac, x, w = mac_of(spec), check("x", x), check("w", w)
    same_device(x, w)
    geometry = geometry_of(x, w, stride, padding, dilation, groups)
    if x.is_cuda:
        return dot.conv(mac, x, w, geometry)
    size = geometry.outputs(x.shape[2:], w.shape[2:])
    threads, elements = torch.get_num_threads(), _elements(w, geometry.padded(x.shape[2:]), geometry)
    at_once = _limit[0] // _cost(elements, prod(size))
    if threads * max(1, kernel_of(mac.mul, mac.acc).piece // elements) <= at_once:
        return dot.conv(mac, x, w, geometry)
    out = torch.empty(x.shape[0], w.shape[0], *size)
    step = max(threads, at_once)
    whole = geometry._replace(padding=(0,) * len(size))
    for start in range(0, x.shape[0], step):
        images = slice(start, start + step)
        _fill(out[images], mac, x[images], w, [(p, p) for p in geometry.padding], whole)
    return out


def matmul(spec: Mac | FpMul | str, x: Tensor, w: Tensor) -> Tensor:
    """Matrix product of x [..., M, K] (activations; [K] is one row) and w [K, N] (weights), float32 on one device.

    Sums as the ``Mac`` says: by default acc = +0; for k in order: acc = RNE(acc + product_k), bit-identical with
    ``golden.matmul``, on any number of threads. Rounding, result and errors as ``multiply``.
    """
    mac, x, w = mac_of(spec), check("x", x), check("w", w)
    same_device(x, w)
    depth, threads = max(1, w.shape[0] if w.ndim else 1), torch.get_num_threads()
    kernel, at_once = kernel_of(mac.mul, mac.acc), _limit[0] // _cost(depth, 1)
    if x.is_cuda or x.ndim < 2 or threads * max(kernel.piece // depth + ROWS, kernel.rows) <= at_once:
        return dot.matmul(mac, x, w)
    out = torch.empty(*x.shape[:-1], w.shape[-1])
    rows, results = x.reshape(-1, x.shape[-1]), out.reshape(-1, w.shape[-1])
    step = max(threads * ROWS, at_once)
    for start in range(0, len(rows), step):
        results[start : start + step] = dot.matmul(mac, rows[start : start + step], w)
    return out


def _elements(w: Tensor, image: Sequence[int], geometry: Geometry) -> int:
    """Elements of a padded image that a task of the kernel holds."""
    return w.shape[1] * prod(image) * (w.shape[0] if side_by_side(geometry, w.shape[0]) else 1)


def _cost(elements: int, places: int) -> int:
    """Bytes that an image, or a row, takes while it is multiplied."""
    return elements * _ELEMENT + places * _PLACE


def _fill(out: Tensor, mac: Mac, x: Tensor, w: Tensor, pads: Sequence[tuple[int, int]], geometry: Geometry) -> None:
    """Writes the convolution of x, with zeros before and after it, to ``out``; halves it until it is small enough."""
    size, kernel = list(out.shape[2:]), w.shape[2:]
    elements = _elements(w, [n + sum(pad) for n, pad in zip(x.shape[2:], pads, strict=True)], geometry)
    if prod(size) == 1 or torch.get_num_threads() * _cost(elements, prod(size)) <= _limit[0]:
        whole = F.pad(x, [width for pad in reversed(pads) for width in pad])
        out.copy_(dot.conv(mac, whole, w, geometry))
        return
    axis = size.index(max(size))
    stride, reach = geometry.stride[axis], geometry.dilation[axis] * (kernel[axis] - 1) + 1
    (before, _), length = pads[axis], x.shape[2 + axis]
    for first, last in ((0, size[axis] // 2), (size[axis] // 2, size[axis])):
        start, stop = first * stride - before, (last - 1) * stride + reach - before
        low, high = (min(max(place, 0), length) for place in (start, stop))
        own = list(pads)
        own[axis] = (min(max(-start, 0), stop - start), min(max(stop - length, 0), stop - start))
        part = out.narrow(2 + axis, first, last - first)
        _fill(part, mac, x.narrow(2 + axis, low, high - low), w, own, geometry)
