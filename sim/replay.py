"""Matrix products on the RTL of a weight-stationary array, in a simulator, of matrices as large as real layers."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, FpMul, InputError
from axmac.sim.components import Bench, run_bench
from axmac.sim.streamer import ACTIVATIONS, ELEMENT, LARGEST_M, RESULTS, WEIGHTS, streamer

__all__ = ["ArrayRtl"]

_BENCH = Bench("axmac.sim.bench_replay", ("product",))


@dataclass
class ArrayRtl:
    """The weight-stationary array of ``rows`` x ``cols`` of a unit in a simulator; counts what it has done.

    ``macs`` counts products of the matrices, without those of padding; ``cycles`` are the array's, ``seconds`` those of
    the simulator with its start. Raises ``InputError`` for what the array or the simulator refuses.
    """

    spec: FpMul
    rows: int = 8
    cols: int = 8
    sim: str = "verilator"
    macs: int = field(default=0, init=False)
    cycles: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._unit, self.latency = streamer(self.spec, self.rows, self.cols)

    def matmul(
        self, a: np.ndarray, b: np.ndarray, progress: Callable[[int, int], object] = lambda _done, _total: None
    ) -> np.ndarray:
        """float32 patterns uint32 [M, N] of a [M, K] (activations) by b [K, N] (weights), patterns of the unit's format.

        K and N are filled up with +0 to whole tiles. That leaves every bit of a sum as it is: +0 x +0 is +0, and a sum
        that began with +0 is never -0. ``progress`` is called as progress(rows done, M).
        """
        (m, k), n = a.shape, b.shape[1]
        out = np.empty((m, n), np.uint32)
        pieces = -(-m // LARGEST_M)
        bounds = [m * piece // pieces for piece in range(pieces + 1)]
        for first, last in zip(bounds, bounds[1:], strict=False):
            start = time.perf_counter()
            out[first:last] = self._piece(a[first:last], b)
            self.seconds += time.perf_counter() - start
            progress(last, m)
        self.macs += m * k * n
        return out

    def _piece(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        (m, k), n = a.shape, b.shape[1]
        width = self.spec.format.width
        tiles_k, tiles_n = -(-k // self.rows), -(-n // self.cols)
        a = np.pad(a, ((0, 0), (0, tiles_k * self.rows - k))).reshape(m, tiles_k, self.rows).transpose(1, 0, 2)
        b = np.pad(b, ((0, tiles_k * self.rows - k), (0, tiles_n * self.cols - n)))
        b = b.reshape(tiles_k * self.rows, tiles_n, self.cols).transpose(1, 0, 2)
        waves = tiles_k * tiles_n * max(m, self.latency + self.rows)
        settings = {"size_m": m, "tiles_k": tiles_k, "tiles_n": tiles_n, "limit": 4 * waves + 10_000}
        with tempfile.TemporaryDirectory(prefix="axmac-replay-") as folder:
            Path(folder, ACTIVATIONS).write_bytes(_words(a, width))
            Path(folder, WEIGHTS).write_bytes(_words(b, width))
            figures = run_bench(self._unit, _BENCH, settings | {"operands": folder}, self.sim, ELEMENT)
            text = Path(folder, RESULTS).read_text(encoding="ascii")
        self.cycles += figures["product"]["cycles"]
        vectors = np.frombuffer(bytes.fromhex(text), ">u4").reshape(tiles_n, m, self.cols)[..., ::-1]
        return vectors.transpose(1, 0, 2).reshape(m, tiles_n * self.cols)[:, :n].astype(np.uint32)


def _words(elements: np.ndarray, width: int) -> bytes:
    """Vectors [..., n] of patterns as words of whole bytes, most significant first, element 0 in the low bits."""
    bits = (elements[..., None] >> np.arange(width, dtype=elements.dtype) & 1).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1, elements.shape[-1] * width), axis=-1, bitorder="little")
    return packed[:, ::-1].tobytes()
