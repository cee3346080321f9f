"""What the benches of systolic arrays of integers must have seen: operands at the ends, and sums that leave int32."""

import numpy as np

from axmac.model.golden import multiply
from axmac.model.golden.int_mul import patterns_of, values_of
from axmac.model.spec import IntMul, Multiplier
from axmac.sim.matrices import extremes

__all__ = ["sum_bins"]

_LOWEST, _HIGHEST = -(1 << 31), (1 << 31) - 1


def sum_bins(spec: Multiplier, a: np.ndarray, b: np.ndarray, first: np.ndarray) -> dict[str, int]:
    """Hits by bin of ``first`` (uint32 [M, N], int32 in two's complement) + a [M, K] times b [K, N]; {} of floats.

    Operands count as activation or weight; sums by their exact value, which int64 holds, and only where they may leave
    int32: so few products of so few bits that begin with 0 do not.
    """
    if not isinstance(spec, IntMul):
        return {}
    hits = {}
    for value in extremes(spec.format):
        pattern = patterns_of(spec.format, np.array(value))
        hits[f"operands: {value}"] = int(np.count_nonzero(a == pattern) + np.count_nonzero(b == pattern))
    if not first.any() and len(b) << spec.result_format.width <= _HIGHEST:
        return hits
    sums = first.view(np.int32).astype(np.int64)
    for k in range(len(b)):
        sums += values_of(spec.result_format, multiply(spec, a[:, k, None], b[k]))
    hits["sums: above int32"] = int(np.count_nonzero(sums > _HIGHEST))
    if spec.format.signed:
        hits["sums: below int32"] = int(np.count_nonzero(sums < _LOWEST))
    return hits
