"""Matrix products and convolutions of CUDA tensors by the Triton kernel: the same bits as on the CPU."""

from functools import lru_cache
from importlib import import_module
from math import prod
from types import ModuleType

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast.careful import limits_of
from axmac.model.fast.drive import Patches
from axmac.model.fast.forms import closed_form
from axmac.model.fast.geometry import Geometry
from axmac.model.fast.operands import round_to
from axmac.model.fast.tables import WIDEST, product_table
from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32, FloatFormat, FpMul, InputError, Mac

__all__ = ["gpu_conv", "gpu_matmul"]

_INDEX_WIDTH = 4
"""Narrower significands have the table of this width (``tables``)."""


def gpu_matmul(mac: Mac, x: Tensor, w: Tensor) -> Tensor:
    """As ``fast.matmul`` for x [M, K] and w [K, N] on one device; the result lies there too.

    Raises ``InputError`` for a unit or a Mac that has no GPU kernel, and where Triton is not installed.
    """
    device, (rows, depth), columns = x.device, x.shape, w.shape[1]
    places = [np.arange(rows) * depth, np.arange(depth), np.arange(rows) * columns]
    out = torch.empty(rows, columns, device=device)
    _dot(mac, _rounded(mac.mul.format, x).contiguous(), _rounded(mac.mul.format, w), places, out, 1)
    return out


def gpu_conv(mac: Mac, x: Tensor, w: Tensor, geometry: Geometry) -> Tensor:
    """As ``fast.conv``; errors as ``gpu_matmul``."""
    size = geometry.outputs(x.shape[2:], w.shape[2:])
    (batch, _), (filters, channels), groups = x.shape[:2], w.shape[:2], geometry.groups
    out = torch.empty(batch, filters, *size, device=x.device)
    patches = Patches(x.shape, w.shape, geometry, out.shape)
    around = [p for n in reversed(geometry.padding) for p in (n, n)]
    x, w = (_rounded(mac.mul.format, v) for v in (F.pad(x, around), w))
    for group in range(groups):
        first, end = group * filters // groups, (group + 1) * filters // groups
        own = x[:, group * channels : (group + 1) * channels].contiguous()
        places = patches.places((0, batch, 0), np.empty(0), first)
        _dot(mac, own, w[first:end].flatten(1).T, list(places[1:]), out, prod(size))
    return out


def _dot(mac: Mac, x: Tensor, w: Tensor, places: list[np.ndarray], out: Tensor, column_stride: int) -> None:
    """Fills ``out`` with products of x at ``places`` (rows, steps, results) and w [K, N]."""
    unit, *variant = _unit(mac)
    rows, depth, columns = len(places[0]), len(places[1]), w.shape[1]
    if rows == 0 or columns == 0:
        return
    kernel = _triton()
    arrays = [torch.from_numpy(array).to(x.device) for array in (np.concatenate(places), unit)]
    grid = -(-rows // kernel.ROWS.value), -(-columns // kernel.COLUMNS.value)
    sizes = rows, depth, columns, column_stride
    kernel.dot_rows[grid](x, w.contiguous(), out, *arrays, *sizes, *variant, enable_fp_fusion=False)


@lru_cache(maxsize=64)
def _unit(mac: Mac) -> tuple[np.ndarray, int, int, bool]:
    """Limits with terms or table int64, number of terms (0: a table), fraction bits of a table's index, native."""
    spec: FpMul = mac.mul
    if mac.acc != "float32":
        raise InputError(f"{mac.id} sums in {mac.acc}, for which there is no GPU kernel: move tensors with .cpu()")
    if spec.subnormals == "ieee" and spec.format == FLOAT32:
        return np.zeros(1, np.int64), 0, 0, True
    form = closed_form(spec)
    if form is not None:
        constants = form.constants()
        return np.concatenate([limits_of(spec), constants.reshape(-1)]), len(constants) - 1, 0, False
    if spec.subnormals == "ieee" or spec.format.sig_width > WIDEST:
        raise InputError(f"{spec.id} has no GPU kernel (no closed form, no table): move tensors with .cpu()")
    index_width = max(spec.format.sig_width - 1, _INDEX_WIDTH)
    return np.concatenate([limits_of(spec), product_table(spec).reshape(-1)]), 0, index_width, False


def _rounded(number_format: FloatFormat, values: Tensor) -> Tensor:
    """The values rounded to nearest even in a format, float32 on the same device."""
    if number_format == FLOAT32:
        return values
    narrow = {BFLOAT16: torch.bfloat16, FLOAT16: torch.float16}.get(number_format)
    if narrow is not None:
        return values.to(narrow).float()
    array = round_to(number_format, np.ascontiguousarray(values.cpu().numpy()))
    return torch.from_numpy(array).to(values.device)


def _triton() -> ModuleType:
    try:
        return import_module("axmac.model.fast.tritonkernel")
    except ImportError as error:
        raise InputError(f"tensors on a GPU need Triton ({error}): run `pip install triton`") from error
