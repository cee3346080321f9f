"""Matrix products by the RTL of a weight-stationary array in a simulator, of matrices as large as real layers."""

import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from axmac.model.golden import multiply
from axmac.model.golden.int_mul import values_of
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import IntMul, Multiplier
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.simulators import simulator_named
from axmac.sim.streamer import ACTIVATIONS, ELEMENT, LARGEST_M, RESULTS, WEIGHTS, streamer

__all__ = ["ArrayRtl"]

_BENCH = Bench("axmac.sim.bench_replay", ("product",))
_WAVES = 1 << 18
"""Waves of one simulation, seconds: between two of them progress is shown."""


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
        self._unit, self.latency = streamer(self.spec, self.rows, self.cols)

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
        m, tiles = len(a), -(-len(b) // self.rows) * -(-b.shape[1] // self.cols)
        pieces = -(-m // min(LARGEST_M, max(_WAVES // tiles, 4 * self.latency)))
        bounds = [m * piece // pieces for piece in range(pieces + 1)]
        out = np.empty((m, b.shape[1]), np.uint32)
        for first, last in itertools.pairwise(bounds):
            start = time.perf_counter()
            out[first:last] = self._piece(a[first:last], b)
            self.seconds += time.perf_counter() - start
            progress(last)
        return out

    def _piece(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Cut into tiles, written, streamed, read."""
        (m, k), n = a.shape, b.shape[1]
        tiles_k, tiles_n = -(-k // self.rows), -(-n // self.cols)
        rest_k, rest_n = tiles_k * self.rows - k, tiles_n * self.cols - n
        a_tiles = np.pad(a, ((0, 0), (0, rest_k))).reshape(m, tiles_k, self.rows).transpose(1, 0, 2)
        b_tiles = np.pad(b, ((0, rest_k), (0, rest_n))).reshape(-1, tiles_n, self.cols).transpose(1, 0, 2)
        waves = tiles_k * tiles_n * max(m, 2 * self.latency)
        settings = {"size_m": m, "tiles_k": tiles_k, "tiles_n": tiles_n, "limit": 2 * waves + 10_000}
        with tempfile.TemporaryDirectory(prefix="axmac-replay-") as folder:
            Path(folder, ACTIVATIONS).write_bytes(_words(a_tiles, self.spec.format.width))
            Path(folder, WEIGHTS).write_bytes(_words(b_tiles, self.spec.format.width))
            figures = run_bench(self._unit, _BENCH, settings | {"operands": folder}, self.sim, ELEMENT)
            text = Path(folder, RESULTS).read_text(encoding="ascii")
        self.cycles += figures["product"]["cycles"]
        vectors = np.frombuffer(bytes.fromhex(text), ">u4").reshape(tiles_n, m, self.cols)[..., ::-1]
        sums = vectors.transpose(1, 0, 2).reshape(m, -1)[:, :n]
        return sums - np.uint32(rest_k * _zero_product(self.spec) & 0xFFFFFFFF)


def _zero_product(spec: Multiplier) -> int:
    """What a product of zeros adds to a sum: 0 but for imported units."""
    if not isinstance(spec, IntMul):
        return 0
    zero = np.zeros(1, pattern_dtype(spec.format))
    return int(values_of(spec.result_format, multiply(spec, zero, zero))[0])


def _words(elements: np.ndarray, width: int) -> bytes:
    """Vectors [..., n] of patterns as words of whole bytes, most significant first, element 0 in the low bits."""
    bits = (elements[..., None] >> np.arange(width, dtype=elements.dtype) & 1).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1, elements.shape[-1] * width), axis=-1, bitorder="little")
    return packed[:, ::-1].tobytes()
