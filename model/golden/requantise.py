"""The way out of an int8 layer: bias, one rounding, and the float32 that stands for the result."""

import numpy as np

__all__ = ["requantise"]

_LARGEST = 127


def requantise(sums: np.ndarray, bias: np.ndarray, scales: np.ndarray, out_scale: float) -> np.ndarray:
    """Outputs, float32 patterns uint32 [M, N], of int32 patterns ``sums`` uint32 [M, N].

    acc = sums + bias, modulo 2^32 (bias int32 patterns uint32 [N]); then in float64, with ``scales`` [N] of the sums:
    y = out_scale clip(rint(acc * (scales / out_scale))), clipped to +-127, halves to even; y = acc * scales for an
    ``out_scale`` of 0. y is rounded to float32 once.
    """
    acc = (sums + bias).view(np.int32).astype(np.float64)
    if out_scale == 0:
        outputs = acc * scales
    else:
        outputs = np.clip(np.rint(acc * (scales / out_scale)), -_LARGEST, _LARGEST) * out_scale
    return outputs.astype(np.float32).view(np.uint32)
