"""Matrix products and convolutions of 8-bit integers with an integer unit, or with the arithmetic of significands.

The same arrays of cells that multiply significands multiply unsigned integers. Sums are int32 and exact, so that their
order has no part in the result.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod

import numpy as np
import torch
from torch import Tensor

from axmac.model.fast.drive import run_conv, run_matmul
from axmac.model.fast.geometry import geometry_of
from axmac.model.fast.kernels.integers import IntegerTable
from axmac.model.fast.tables import integer_table
from axmac.model.spec import FpMul, InputError, IntMul, as_spec
from axmac.model.spec.significand import SignificandSpec

__all__ = ["int_conv", "int_matmul"]

Unit = IntMul | SignificandSpec | str
"""An integer multiplier of 8 bits, its id, or a significand multiplier, which then multiplies unsigned integers."""

_INT32_MAX = (1 << 31) - 1


def int_matmul(unit: Unit, x: Tensor, w: Tensor) -> Tensor:
    """Matrix product int32 [..., M, N] of x [..., M, K] (activations) and w [K, N] (weights), on the CPU.

    Operands are int8 for a signed unit, otherwise uint8. Each product is that of ``golden.multiply``, of a significand
    multiplier ``golden.significand_product(unit, 8, x, w)``. Raises ``TypeError`` for another dtype, ``InputError`` for
    shapes that do not fit, sums that might leave int32, and widths that the unit cannot have.
    """
    unit = _unit(unit)
    x, w = _check(unit, "x", x), _check(unit, "w", w)
    if x.ndim < 1 or w.ndim != 2 or x.shape[-1] != w.shape[0]:
        raise InputError(f"x and w must be [..., M, K] and [K, N], not {list(x.shape)} and {list(w.shape)}")
    kernel = _kernel(unit, w.shape[0])
    outer = x.shape[:-1]
    out = np.empty((prod(outer), w.shape[1]), np.int32)
    run_matmul(kernel, _as_it_is, x.reshape(prod(outer), w.shape[0]).numpy(), w.numpy(), out)
    return torch.from_numpy(out).reshape(*outer, w.shape[1])


def int_conv(
    unit: Unit,
    x: Tensor,
    w: Tensor,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution int32 [B, O, *D'] of x [B, C, *D] with w [O, C/groups, *kernel], on the CPU.

    Padding is multiplied as 0. Otherwise as ``fast.conv`` and ``int_matmul``.
    """
    unit = _unit(unit)
    x, w = _check(unit, "x", x), _check(unit, "w", w)
    geometry = geometry_of(x, w, stride, padding, dilation, groups)
    size = geometry.outputs(x.shape[2:], w.shape[2:])
    out = np.empty((x.shape[0], w.shape[0], *size), np.int32)
    run_conv(_kernel(unit, prod(w.shape[1:])), _as_it_is, x.numpy(), w.numpy(), geometry, out)
    return torch.from_numpy(out)


def _unit(unit: Unit) -> IntMul | SignificandSpec:
    if not isinstance(unit, str):
        return unit
    spec = as_spec(unit)
    if isinstance(spec, FpMul):
        raise InputError(f"{spec.id} multiplies floats: use an integer unit, or its significand multiplier")
    return spec


def _check(unit: IntMul | SignificandSpec, name: str, tensor: Tensor) -> Tensor:
    """The tensor's patterns, uint8."""
    dtype = torch.int8 if isinstance(unit, IntMul) and unit.format.signed else torch.uint8
    if not isinstance(tensor, Tensor) or tensor.dtype != dtype or tensor.device.type != "cpu":
        what = f"{tensor.dtype} on {tensor.device}" if isinstance(tensor, Tensor) else type(tensor).__name__
        word = str(dtype).removeprefix("torch.")
        article = "a" if word.startswith("u") else "an"
        raise TypeError(
            f"{name} must be {article} {word} tensor on the CPU, not {what}: convert it with .to({dtype}).cpu()"
        )
    return tensor.view(torch.uint8)


def _as_it_is(values: np.ndarray) -> np.ndarray:
    return values


def _kernel(unit: IntMul | SignificandSpec, depth: int) -> IntegerTable:
    kernel, largest = _tabulated(unit)
    if depth * largest > _INT32_MAX:
        raise InputError(f"sums of {depth:,} products up to {largest:,} may leave int32: split K")
    return kernel


@lru_cache(maxsize=64)
def _tabulated(unit: IntMul | SignificandSpec) -> tuple[IntegerTable, int]:
    table = integer_table(unit)
    return IntegerTable(table), int(np.abs(table).max())
