"""Operands and results: checks of tensors, rounding to a unit's format, float32 values as bit patterns and back."""

import numpy as np
import torch

from axmac.model.golden import convert
from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32, FloatFormat, InputError

__all__ = ["check", "from_patterns", "round_to", "same_device", "to_patterns"]

_MAGNITUDE, _INF, _NAN = np.uint32(0x7FFFFFFF), np.uint32(0x7F800000), np.uint32(0x7FC00000)


def check(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """The tensor without its gradient, and with its signs resolved.

    Raises ``TypeError`` unless it is a float32 tensor, ``InputError`` unless it is dense, and on the CPU or a GPU.
    """
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"{name} must be a torch tensor, not {type(tensor).__name__}")
    if tensor.dtype != torch.float32:
        raise TypeError(f"{name} must be float32, not {tensor.dtype}: convert it with .float()")
    if tensor.device.type not in ("cpu", "cuda"):
        raise InputError(f"{name} must be on the CPU or a CUDA device, not on {tensor.device}: move it with .cpu()")
    if tensor.layout != torch.strided:
        raise InputError(f"{name} must be dense, not {tensor.layout}: convert it with .to_dense()")
    return tensor.detach().resolve_neg()


def same_device(x: torch.Tensor, w: torch.Tensor) -> None:
    """Raises ``InputError`` for operands on two devices."""
    if x.device != w.device:
        raise InputError(f"x and w must be on one device, not on {x.device} and {w.device}: move one with .to")


def round_to(number_format: FloatFormat, values: np.ndarray) -> np.ndarray:
    """Contiguous float32 values rounded to nearest even in another format, held in float32 again; same shape."""
    if number_format == FLOAT32:
        return values
    if number_format == BFLOAT16:
        return _round_to_bfloat16(values)
    if number_format == FLOAT16:
        with np.errstate(over="ignore"):
            return values.astype(np.float16).astype(np.float32)
    return from_patterns(number_format, to_patterns(number_format, values))


def _round_to_bfloat16(values: np.ndarray) -> np.ndarray:
    bits = values.view(np.uint32)
    rounded = (bits + (np.uint32(0x7FFF) + (bits >> np.uint32(16) & np.uint32(1)))) & np.uint32(0xFFFF0000)
    return np.where((bits & _MAGNITUDE) > _INF, _NAN, rounded).view(np.float32)


def to_patterns(number_format: FloatFormat, values: np.ndarray) -> np.ndarray:
    """Contiguous float32 values as patterns of a format, rounded to nearest even; same shape."""
    bits = values.view(np.uint32)
    return bits if number_format == FLOAT32 else convert(FLOAT32, number_format, bits)


def from_patterns(number_format: FloatFormat, patterns: np.ndarray) -> np.ndarray:
    """Contiguous patterns of a format as float32 values; same shape."""
    bits = patterns if number_format == FLOAT32 else convert(number_format, FLOAT32, patterns)
    return bits.view(np.float32)
