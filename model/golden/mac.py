"""Dot products as a systolic column computes them: float32 accumulation in the order of k."""

import numpy as np

from axmac.model.golden.fp_add import add
from axmac.model.golden.fp_mul import multiply
from axmac.model.golden.rounding import check_patterns, convert
from axmac.model.spec import FLOAT32, FpMul, Mac, as_float_spec

__all__ = ["matmul"]


def matmul(mac: Mac | FpMul | str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Matrix product of patterns: a [..., M, K] (activations) by b [K, N] (weights) gives float32 patterns [..., M, N].

    acc = +0; for k = 0..K-1: acc = RNE(acc + multiply(a[..., m, k], b[k, n])). A multiplier stands for its default Mac.
    Raises ``TypeError`` unless both are numpy arrays of the multiplier's operand patterns, ``ValueError`` for shapes
    and for a Mac with another accumulator or order.
    """
    mul = mac.mul if isinstance(mac, Mac) else as_float_spec(mac)
    if isinstance(mac, Mac) and mac != Mac(mul):
        raise ValueError(f"golden.matmul accumulates in float32, sequentially, which {mac.id} does not")
    check_patterns(mul.format, a, b)
    if a.ndim < 1 or b.ndim != 2 or a.shape[-1] != b.shape[0]:
        raise ValueError(f"a and b must be [..., M, K] and [K, N], not {list(a.shape)} and {list(b.shape)}")
    acc = np.zeros((*a.shape[:-1], b.shape[1]), np.uint32)
    for k in range(b.shape[0]):
        product = multiply(mul, a[..., k, None], b[k])
        acc = add(
            FLOAT32, acc, product if mul.result_format == FLOAT32 else convert(mul.result_format, FLOAT32, product)
        )
    return acc
