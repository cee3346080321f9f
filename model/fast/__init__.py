"""The unit's own bits at speed: products, matrix products and convolutions of float32 tensors.

A kernel is chosen by the spec (``kernel_name``); every kernel gives the bits of ``axmac.model.golden``, on any
number of threads. Threads are those of torch (``torch.set_num_threads``). Buffers stay below ``memory_limit()``.
"""

from axmac.model.fast.bounded import conv, matmul, memory_limit, set_memory_limit
from axmac.model.fast.dot import multiply
from axmac.model.fast.integer import int_conv, int_kernel_name, int_matmul
from axmac.model.fast.select import kernel_name, mac_of, multiplier_of
from axmac.model.fast.slopes import check_slopes, slope_over_w, slope_over_x

__all__ = [
    "check_slopes",
    "conv",
    "int_conv",
    "int_kernel_name",
    "int_matmul",
    "kernel_name",
    "mac_of",
    "matmul",
    "memory_limit",
    "multiplier_of",
    "multiply",
    "set_memory_limit",
    "slope_over_w",
    "slope_over_x",
]
