"""Matrix products by the RTL of a weight-stationary array in a simulator, of matrices as large as real layers."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from axmac.model.golden import multiply
from axmac.model.golden.int_mul import values_of
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import IntMul, Multiplier
from axmac.sim.simulators import simulator_named
from axmac.sim.streamed_array import StreamedArray
from axmac.sim.streamer import ELEMENT, streamer

__all__ = ["ArrayRtl"]


@dataclass
class ArrayRtl:
    """The weight-stationary array of ``rows`` x ``cols`` of a unit in a simulator; counts what it has done.

    ``cycles`` are those of the array, ``seconds`` those of the simulations with their start; ``build`` leaves both as
    they are. Raises ``InputError`` for what the array or the simulator refuses.
    """

    spec: Multiplier
    rows: int = 8
    cols: int = 8
    sim: str = "verilator"
    cycles: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.version = simulator_named(self.sim).version
        unit, self.latency = streamer(self.spec, self.rows, self.cols)
        width = self.spec.format.width
        self._array = StreamedArray(unit, ELEMENT, self.rows, self.cols, width, self.latency, self.sim)

    def build(self) -> float:
        """Builds the array where that is not yet done, and computes one product; the seconds that it took."""
        before = self.cycles, self.seconds
        one = np.zeros((1, 1), pattern_dtype(self.spec.format))
        self.matmul(one, one)
        taken = self.seconds - before[1]
        self.cycles, self.seconds = before
        return taken

    def matmul(
        self, a: np.ndarray, b: np.ndarray, progress: Callable[[int], object] = lambda _rows: None
    ) -> np.ndarray:
        """Sums, uint32 [M, N], of a [M, K] (activations) by b [K, N] (weights), the unit's patterns.

        They are patterns of float32, of integers of int32. K and N are filled up with +0 to whole tiles. That leaves
        every bit of a sum as it is: +0 x +0 is +0, and a sum that began with +0 is never -0. What an imported unit
        makes of 0 x 0 is taken off again, modulo 2^32. ``progress`` is told how many rows of a are done.
        """
        out = np.empty((len(a), b.shape[1]), np.uint32)
        rest_k = -len(b) % self.rows
        for first, last in self._array.pieces(len(a), b.shape):
            start = time.perf_counter()
            out[first:last], cycles = self._array.product(a[first:last], b, self._vectors, {})
            self.cycles += cycles
            self.seconds += time.perf_counter() - start
            progress(last)
        return out - np.uint32(rest_k * _zero_product(self.spec) & 0xFFFFFFFF)

    def _vectors(self, text: str) -> np.ndarray:
        """Lines of sums in hex, the last column first, as patterns [lines, cols]."""
        return np.frombuffer(bytes.fromhex(text), ">u4").reshape(-1, self.cols)[:, ::-1]


def _zero_product(spec: Multiplier) -> int:
    """What a product of zeros adds to a sum: 0 but for imported units."""
    if not isinstance(spec, IntMul):
        return 0
    zero = np.zeros(1, pattern_dtype(spec.format))
    return int(values_of(spec.result_format, multiply(spec, zero, zero))[0])
