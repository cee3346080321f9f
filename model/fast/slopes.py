"""The gradient ``unit``: what stands for one operand when the slope of the product over the other one is wanted.

Over one binade of x, the product of significands X and W has the least-squares slope sum(coefficient * slope(x mask) *
(W & w mask)) over X: the exact product would have W. The slope of x * w over x then is w with that significand in place
of its own, and the backward pass of a layer is torch's own with such operands. The product meant is P before
normalisation: a lost extra carry, rounding and the ends of the range have no part in it.
"""

import numba
import numpy as np
import torch
from torch import Tensor

from axmac.model.fast.operands import check, round_to
from axmac.model.fast.select import multiplier_of
from axmac.model.fast.threads import run_all
from axmac.model.spec import FpMul, InputError, Mac
from axmac.model.spec.bilinear import bilinear_terms, slope

__all__ = ["check_slopes", "slope_over_w", "slope_over_x"]

_FRAC_WIDTH = 23
_ONE = 2.0**_FRAC_WIDTH
_FRAC, _HIDDEN = np.uint32(0x007FFFFF), np.uint32(0x00800000)
_INF, _SIGN_EXP = np.uint32(0x7F800000), np.uint32(0xFF800000)
_ELEMENTS = 1 << 16


def check_slopes(unit: Mac | FpMul | str) -> None:
    """Raises ``InputError`` for a unit whose significand product is not bilinear: it has no such slope."""
    spec = multiplier_of(unit)
    if bilinear_terms(spec.significand, spec.format.sig_width) is None:
        raise InputError(f"{spec.id} is not bilinear and has no gradient 'unit': use gradient 'exact'")


def slope_over_x(unit: Mac | FpMul | str, w: Tensor) -> Tensor:
    """What the gradient of x multiplies by in place of w: the slope of x * w over x.

    float32 of any shape, which stays, as does the device. Raises ``TypeError`` for another dtype, and ``InputError`` as
    ``check_slopes``.
    """
    check_slopes(unit)
    spec = multiplier_of(unit)
    width, shift = _widths(spec)
    terms = bilinear_terms(spec.significand, width)
    return _weighted(spec, w, [(term.w << shift, float(term.coefficient) * slope(term.x, width)) for term in terms])


def slope_over_w(unit: Mac | FpMul | str, x: Tensor) -> Tensor:
    """What the gradient of w multiplies by in place of x: as ``slope_over_x``."""
    check_slopes(unit)
    spec = multiplier_of(unit)
    width, shift = _widths(spec)
    terms = bilinear_terms(spec.significand, width)
    return _weighted(spec, x, [(term.x << shift, float(term.coefficient) * slope(term.w, width)) for term in terms])


def _widths(spec: FpMul) -> tuple[int, int]:
    """Bits of a significand, and the places that lift its masks to those of float32."""
    return spec.format.sig_width, _FRAC_WIDTH + 1 - spec.format.sig_width


def _weighted(spec: FpMul, values: Tensor, parts: list[tuple[int, float]]) -> Tensor:
    """sum(factor * (significand & mask)), with sign and exponent of the values; zeros, inf and NaN as they are."""
    array = round_to(spec.format, np.ascontiguousarray(check("the operand", values).cpu().numpy()))
    bits, out = array.reshape(-1).view(np.uint32), np.empty(array.size, np.float32)

    def work(start: int, stop: int) -> None:
        own, total = bits[start:stop], np.zeros(stop - start)
        for mask, factor in parts:
            _add_part(own, np.uint32(mask), factor / _ONE, total)
        _scale(own, total, out[start:stop])

    run_all(work, [(start, min(start + _ELEMENTS, out.size)) for start in range(0, out.size, _ELEMENTS)])
    return torch.from_numpy(out).reshape(values.shape).to(values.device)


@numba.njit(nogil=True, cache=True)
def _add_part(bits, mask, factor, total):
    """total[i] += factor * (significand & mask): uint32[n] patterns, float64[n]."""
    for i in range(bits.size):
        total[i] += factor * np.float64(np.int32((bits[i] & _FRAC | _HIDDEN) & mask))


@numba.njit(nogil=True, cache=True)
def _scale(bits, total, out):
    """out[i] = total[i] with sign and exponent of the pattern, whose zeros (subnormals too), inf and NaN stay."""
    powers, values = (bits & _SIGN_EXP).view(np.float32), bits.view(np.float32)
    for i in range(bits.size):
        out[i] = values[i] if bits[i] & _INF == _INF else np.float32(powers[i] * total[i])
