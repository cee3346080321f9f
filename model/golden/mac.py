"""Dot products as a systolic column computes them: float32 in the order of k, of integers int32."""

import numpy as np

from axmac.model.golden.fp_add import add
from axmac.model.golden.int_mul import values_of
from axmac.model.golden.rounding import check_patterns, convert
from axmac.model.golden.unit import multiply
from axmac.model.spec import FLOAT32, IntMul, Mac, Multiplier, as_spec

__all__ = ["matmul"]


def matmul(mac: Mac | Multiplier | str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Matrix product of patterns: a [..., M, K] (activations) by b [K, N] (weights) gives patterns uint32 [..., M, N].

    acc = +0; for k = 0..K-1: acc = RNE(acc + multiply(a[..., m, k], b[k, n])), in float32. Of integers the exact sum
    modulo 2^32, in two's complement. A multiplier stands for its default Mac.
    Raises ``TypeError`` unless both are numpy arrays of the multiplier's operand patterns, ``ValueError`` for shapes
    and for a Mac with another accumulator or order.
    """
    mul = mac.mul if isinstance(mac, Mac) else as_spec(mac)
    if isinstance(mac, Mac) and mac != Mac(mul):
        raise ValueError(f"golden.matmul accumulates as {Mac(mul).id}, not as {mac.id}")
    check_patterns(mul.format, a, b)
    if a.ndim < 1 or b.ndim != 2 or a.shape[-1] != b.shape[0]:
        raise ValueError(f"a and b must be [..., M, K] and [K, N], not {list(a.shape)} and {list(b.shape)}")
    acc = np.zeros((*a.shape[:-1], b.shape[1]), np.uint32)
    for k in range(b.shape[0]):
        product = multiply(mul, a[..., k, None], b[k])
        if isinstance(mul, IntMul):
            acc += values_of(mul.result_format, product).astype(np.uint32)
            continue
        acc = add(
            FLOAT32, acc, product if mul.result_format == FLOAT32 else convert(mul.result_format, FLOAT32, product)
        )
    return acc
