"""Products of any multiplier, floating-point or integer: patterns in, patterns out."""

import numpy as np

from axmac.model.golden import fp_mul
from axmac.model.golden.int_mul import IntTrace, integer_stages
from axmac.model.golden.rounding import check_patterns, pattern_dtype
from axmac.model.spec import IntMul, Multiplier, as_spec

__all__ = ["multiply", "trace"]

_BLOCK = 1 << 16
"""Operand pairs that are computed at a time: bounds the memory of the stages."""


def multiply(spec: Multiplier | str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products of patterns a (activation) and b (weight), any broadcastable shapes.

    Operands are unsigned arrays of the format's patterns (uint32 for float32, uint16 for bfloat16, uint8 for integers
    of 8 bits); the result holds patterns of ``spec.result_format`` in the broadcast shape. Raises ``TypeError`` for
    another dtype.
    """
    spec = as_spec(spec)
    if not isinstance(spec, IntMul):
        return fp_mul.multiply(spec, a, b)
    check_patterns(spec.format, a, b)
    a, b = np.broadcast_arrays(a, b)
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    result = np.empty(flat_a.size, pattern_dtype(spec.result_format))
    for start in range(0, flat_a.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        result[block] = integer_stages(spec, flat_a[block], flat_b[block]).result
    return result.reshape(a.shape)


def trace(spec: Multiplier | str, a: np.ndarray, b: np.ndarray, *, tiles: bool = True) -> fp_mul.Trace | IntTrace:
    """Every stage of the products of patterns a and b, flattened; arguments and errors as ``multiply``.

    ``tiles=False`` leaves the ``tile_sums`` of a floating-point unit empty and saves the time that they take.
    """
    spec = as_spec(spec)
    if not isinstance(spec, IntMul):
        return fp_mul.trace(spec, a, b, tiles=tiles)
    check_patterns(spec.format, a, b)
    a, b = np.broadcast_arrays(a, b)
    return integer_stages(spec, a.reshape(-1), b.reshape(-1))
