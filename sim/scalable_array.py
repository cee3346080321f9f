"""Layers of integers on the RTL of a systolic array of precision-scalable MACs, in a simulator, against golden.

A hybrid network is replayed layer by layer: the array is the same, the mode is that of the layer.
"""

import functools
from dataclasses import dataclass

import numpy as np

from axmac.model.golden.scalable import matrix_product, pack, sums_of
from axmac.model.spec import InputError, ScalableMac
from axmac.rtl.scalable_array import ScalableArray
from axmac.sim.pins import first_difference
from axmac.sim.streamed_array import StreamedArray
from axmac.sim.streamer import around

__all__ = ["ScalableRun", "run"]

_ELEMENT = "array_scalable_pe"
_SMALL = 16
"""Elements up to which the array is compiled as one piece, which is quicker then."""


@dataclass(frozen=True)
class ScalableRun:
    """``sums`` int64 [M, N] as the RTL made them; how many differ from golden, and the first that does.

    ``cycles``: clock cycles of the array; ``macs``: products of the layer, ``lanes`` of them per element and cycle.
    """

    sums: np.ndarray
    mismatches: int
    first: str
    cycles: int
    macs: int
    lanes: int


def run(
    spec: ScalableMac,
    rows: int,
    cols: int,
    precision: int,
    a_signed: bool,
    activations: np.ndarray,
    weights: np.ndarray,
    sim: str = "verilator",
) -> ScalableRun:
    """The sums of activations [M, K] by weights [K, N], integers of ``precision`` bits, by a `ScalableArray`.

    Weights are signed, activations where ``a_signed``. Lane i of the array takes every k with k modulo lanes = i; K is
    filled up with 0. The lanes' sums are added here, exactly, and what data gating shifted left is shifted back; sums
    beyond ``spec.headroom`` products wrap as the golden model's do. The array is built once for all precisions and
    shapes. Raises ``InputError`` for a precision that the unit does not have, operands that do not fit, and what array
    or simulator refuses; `SimulationError` for a simulation that does not end.
    """
    mode = {"mode": spec.mode_of(precision)} if len(spec.precisions) > 1 else {}
    a, b = _checked(activations, precision, signed=a_signed), _checked(weights, precision, signed=True)
    if a.shape[1] != len(b):
        raise InputError(f"activations [M, K] and weights [K, N] do not fit: {a.shape} and {b.shape}")
    streamed = _streamed(spec, rows, cols, sim)
    lanes, cycles = spec.lanes(precision), 0
    rest = -len(b) % lanes
    a_words = pack(spec, precision, np.pad(a, ((0, 0), (0, rest))).reshape(len(a), -1, lanes))
    b_words = pack(spec, precision, np.pad(b, ((0, rest), (0, 0))).reshape(-1, lanes, b.shape[1]).swapaxes(1, 2))

    def read(text: str) -> np.ndarray:
        mask = (1 << spec.word_width) - 1
        lines = [int(line, 16) for line in text.split()]
        words = [[line >> c * spec.word_width & mask for c in range(cols)] for line in lines]
        return np.array([[sum(sums_of(spec, precision, word)) for word in line] for line in words], np.int64)

    sums = np.empty((len(a), b.shape[1]), np.int64)
    for first, last in streamed.pieces(len(a), b_words.shape):
        part, taken = streamed.product(a_words[first:last], b_words, read, mode | {"a_signed": int(a_signed)})
        sums[first:last], cycles = part >> 2 * spec.shift(precision), cycles + taken
    wrong, text = first_difference(matrix_product(spec, precision, a, b, a_signed=a_signed), sums)
    return ScalableRun(sums, wrong, text, cycles, a.size * b.shape[1], lanes)


@functools.lru_cache
def _streamed(spec: ScalableMac, rows: int, cols: int, sim: str) -> StreamedArray:
    """The array, elaborated once."""
    array = ScalableArray(spec, rows, cols)
    unit = around(array, f"replay_{spec.id}_{rows}x{cols}", rows)
    return StreamedArray(unit, _ELEMENT if rows * cols > _SMALL else "", rows, cols, spec.width, array.latency, sim)


def _checked(values: np.ndarray, bits: int, *, signed: bool) -> np.ndarray:
    """A matrix of integers as int64; ``InputError`` where it has another form or values without a pattern."""
    values, low, high = np.asarray(values), -(1 << bits - 1) if signed else 0, (1 << bits - signed) - 1
    if values.ndim != 2 or not values.size or values.dtype.kind not in "iu":
        raise InputError(f"operands must be matrices of integers, not {values.dtype} {values.shape}")
    if values.min() < low or values.max() > high:
        raise InputError(f"operands of {bits} bits must be {low} to {high}, not {values.min()} to {values.max()}")
    return values.astype(np.int64)
