"""Matrix products and convolutions of 8-bit integers with an integer unit, or with the arithmetic of significands.

The same arrays of cells that multiply significands multiply unsigned integers. Sums are int32 and exact, so that their
order has no part in the result. A table of products with few terms f(x) g(w) is that many native products of factors
(``factored``); the others, and operands that do not allow it, take the table itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from axmac.model.fast.drive import run_conv, run_matmul
from axmac.model.fast.factored import add_conv, add_matmul, conv_parts, matmul_parts, may_round
from axmac.model.fast.factors import Factors, factored
from axmac.model.fast.geometry import geometry_of
from axmac.model.fast.kernels.integers import IntegerTable
from axmac.model.fast.tables import integer_table
from axmac.model.spec import FpMul, InputError, IntMul, as_spec
from axmac.model.spec.significand import SignificandSpec

__all__ = ["int_conv", "int_kernel_name", "int_matmul"]

Unit = IntMul | SignificandSpec | str
"""An integer multiplier of 8 bits, its id, or a significand multiplier, which then multiplies unsigned integers."""

_INT32_MAX = (1 << 31) - 1
_MOST_TERMS = 3
"""Terms up to which native products are quicker, measured: of large convolutions each takes 1.3 of torch's float32, the
table 4; of other shapes the table takes 6 and more."""


class _Ready(NamedTuple):
    """A unit made ready: the table's kernel, the largest magnitude of a product, and the factors, if they are few."""

    table: IntegerTable
    largest: int
    factors: Factors | None


def int_kernel_name(unit: Unit) -> str:
    """What computes the products of a unit of 8 bits, in a few words. Errors as ``int_matmul``."""
    table, _, factors = _ready(_unit(unit))
    if factors is None:
        return table.name
    terms = len(factors.x)
    return f"native float32, {terms} term{'s' if terms > 1 else ''}, int32 sums"


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
    ready = _ready_for(unit, w.shape[0])
    outer, rows = x.shape[:-1], x.reshape(prod(x.shape[:-1]), w.shape[0])
    out = torch.empty(len(rows), w.shape[1], dtype=torch.int32)
    parts = matmul_parts(ready.factors, rows, w) if _is_native(ready, rows, w) else None
    if parts is None:
        run_matmul(ready.table, _as_it_is, _patterns(rows), _patterns(w), out.numpy())
    else:
        add_matmul(ready.factors, parts, rows, w, out)
    return out.reshape(*outer, w.shape[1])


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
    ready = _ready_for(unit, prod(w.shape[1:]))
    out = torch.empty(x.shape[0], w.shape[0], *size, dtype=torch.int32)
    parts = conv_parts(ready.factors, x, w) if _is_native(ready, x, w) else None
    if parts is None:
        run_conv(ready.table, _as_it_is, _patterns(x), _patterns(w), geometry, out.numpy())
    else:
        add_conv(ready.factors, parts, x, w, geometry, out)
    return out


def _unit(unit: Unit) -> IntMul | SignificandSpec:
    if not isinstance(unit, str):
        return unit
    spec = as_spec(unit)
    if isinstance(spec, FpMul):
        raise InputError(f"{spec.id} multiplies floats: use an integer unit, or its significand multiplier")
    return spec


def _check(unit: IntMul | SignificandSpec, name: str, tensor: Tensor) -> Tensor:
    """The tensor, if its dtype is that of the unit's operands."""
    dtype = torch.int8 if isinstance(unit, IntMul) and unit.format.signed else torch.uint8
    if not isinstance(tensor, Tensor) or tensor.dtype != dtype or tensor.device.type != "cpu":
        what = f"{tensor.dtype} on {tensor.device}" if isinstance(tensor, Tensor) else type(tensor).__name__
        word = str(dtype).removeprefix("torch.")
        article = "a" if word.startswith("u") else "an"
        raise TypeError(
            f"{name} must be {article} {word} tensor on the CPU, not {what}: convert it with .to({dtype}).cpu()"
        )
    return tensor


def _patterns(tensor: Tensor) -> np.ndarray:
    return tensor.view(torch.uint8).numpy()


def _as_it_is(values: np.ndarray) -> np.ndarray:
    return values


def _is_native(ready: _Ready, x: Tensor, w: Tensor) -> bool:
    return ready.factors is not None and x.numel() > 0 and w.numel() > 0 and not may_round()


def _ready_for(unit: IntMul | SignificandSpec, depth: int) -> _Ready:
    ready = _ready(unit)
    if depth * ready.largest > _INT32_MAX:
        raise InputError(f"sums of {depth:,} products up to {ready.largest:,} may leave int32: split K")
    return ready


@lru_cache(maxsize=64)
def _ready(unit: IntMul | SignificandSpec) -> _Ready:
    table = integer_table(unit)
    return _Ready(IntegerTable(table), int(np.abs(table).max()), factored(table, _MOST_TERMS))
