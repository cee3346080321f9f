"""Products of tensors with the arithmetic of a unit: element by element, matrices, convolutions."""

from collections.abc import Callable
from math import prod

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast.drive import ranges, run_conv, run_matmul
from axmac.model.fast.geometry import Geometry
from axmac.model.fast.gpu import gpu_conv, gpu_matmul
from axmac.model.fast.kernels import Kernel, Native
from axmac.model.fast.operands import check, round_to, same_device
from axmac.model.fast.select import kernel_of, mac_of, multiplier_of
from axmac.model.fast.threads import run_all
from axmac.model.spec import FpMul, InputError, Mac

__all__ = ["conv", "matmul", "multiply"]

_ELEMENTS = 1 << 16


def multiply(spec: Mac | FpMul | str, x: Tensor, y: Tensor) -> Tensor:
    """Products of x (activation) and y (weight), float32 tensors on the CPU, of any shapes that broadcast.

    Operands are first rounded to nearest even in the unit's format. The result is float32 and carries no gradient.
    Bit-identical with ``golden.multiply``. Tensors on a GPU are multiplied on the CPU. Raises ``TypeError`` for another
    dtype and ``InputError`` for other misfits.
    """
    spec = multiplier_of(spec)
    kernel, x, y = kernel_of(spec), check("x", x), check("y", y)
    try:
        x, y = torch.broadcast_tensors(x, y)
    except RuntimeError:
        raise InputError(f"x and y must have shapes that broadcast, not {list(x.shape)} and {list(y.shape)}") from None
    same_device(x, y)
    operands = [round_to(spec.format, np.ascontiguousarray(v.cpu().numpy()).reshape(-1)) for v in (x, y)]
    out = np.empty(x.numel(), np.float32)

    def work(start: int, stop: int) -> None:
        out[start:stop] = kernel.products(*(v[start:stop] for v in operands))

    run_all(work, ranges(out.size, _ELEMENTS))
    return torch.from_numpy(out).reshape(x.shape).to(x.device)


def matmul(spec: Mac | FpMul | str, x: Tensor, w: Tensor) -> Tensor:
    """Matrix product of x [..., M, K] (activations; [K] is one row) and w [K, N] (weights), float32 on one device.

    Sums as the ``Mac`` says: by default acc = +0; for k in order: acc = RNE(acc + product_k), bit-identical with
    ``golden.matmul``, on any number of threads. Rounding, result and errors as ``multiply``.
    """
    mac = mac_of(spec)
    spec, kernel, x, w = mac.mul, kernel_of(mac.mul, mac.acc), check("x", x), check("w", w)
    if x.ndim < 1 or w.ndim != 2 or x.shape[-1] != w.shape[0]:
        raise InputError(f"x and w must be [..., M, K] and [K, N], not {list(x.shape)} and {list(w.shape)}")
    same_device(x, w)
    if _is_free(mac, kernel):
        return _canonical(x @ w)
    outer, columns = x.shape[:-1], w.shape[1]
    rows = x.reshape(prod(outer), w.shape[0])
    if x.is_cuda:
        return gpu_matmul(mac, rows, w).reshape(*outer, columns)
    out = np.empty((prod(outer), columns), np.float32)
    run_matmul(kernel, _reader(spec), rows.numpy(), _read(spec, w), out)
    return torch.from_numpy(out).reshape(*outer, columns)


def conv(mac: Mac, x: Tensor, w: Tensor, geometry: Geometry) -> Tensor:
    """Convolution of x [B, C, *D] with weights w [O, C/groups, *kernel] that fit the geometry, as ``fast.conv``."""
    kernel = kernel_of(mac.mul, mac.acc)
    if _is_free(mac, kernel):
        native = (F.conv1d, F.conv2d, F.conv3d)[len(geometry.stride) - 1]
        return _canonical(native(x, w, None, *geometry))
    if x.is_cuda:
        return gpu_conv(mac, x, w, geometry)
    out = np.empty((x.shape[0], w.shape[0], *geometry.outputs(x.shape[2:], w.shape[2:])), np.float32)
    run_conv(kernel, _reader(mac.mul), x.numpy(), _read(mac.mul, w), geometry, out)
    return torch.from_numpy(out)


def _is_free(mac: Mac, kernel: Kernel) -> bool:
    """Whether torch's own operator does it: IEEE 754 products, added in any order."""
    return mac.order == "native" and isinstance(kernel, Native)


def _canonical(values: Tensor) -> Tensor:
    return torch.where(values.isnan(), torch.nan, values)


def _reader(spec: FpMul) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: round_to(spec.format, values)


def _read(spec: FpMul, w: Tensor) -> np.ndarray:
    return round_to(spec.format, w.contiguous().numpy())
