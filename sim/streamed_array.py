"""A weight-stationary array in a simulator, fed with matrices from files: cut into tiles, streamed, read back."""

import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axmac.gen.component import ComponentText
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.streamer import ACTIVATIONS, LARGEST_M, RESULTS, WEIGHTS

__all__ = ["StreamedArray"]

_BENCH = Bench("axmac.sim.bench_replay", ("product",))
_WAVES = 1 << 18
"""Waves of one simulation, seconds: between two of them progress is shown."""


@dataclass(frozen=True)
class StreamedArray:
    """``unit``, made by `axmac.sim.streamer.around`, with the sides, operand width and latency of its array.

    ``element`` ends the name of the module of one element; ``sim`` names the simulator.
    """

    unit: ComponentText
    element: str
    rows: int
    cols: int
    width: int
    latency: int
    sim: str

    def pieces(self, m: int, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """First and last row + 1 of each simulation of ``m`` rows by weights of shape ``size``."""
        tiles = -(-size[0] // self.rows) * -(-size[1] // self.cols)
        count = -(-m // min(LARGEST_M, max(_WAVES // tiles, 4 * self.latency)))
        return itertools.pairwise(m * piece // count for piece in range(count + 1))

    def product(
        self, a: np.ndarray, b: np.ndarray, read: Callable[[str], np.ndarray], modes: Mapping[str, int]
    ) -> tuple[np.ndarray, int]:
        """One simulation: the sums [M, N, ...] of words a [M, K] by b [K, N], and its cycles.

        K and N are filled up with words 0 to whole tiles. ``read`` makes an array [lines, cols, ...], column 0 first,
        of the lines in hex; ``modes`` is what every wave brings besides, by port.
        """
        (m, k), n = a.shape, b.shape[1]
        tiles_k, tiles_n = -(-k // self.rows), -(-n // self.cols)
        rest_k, rest_n = tiles_k * self.rows - k, tiles_n * self.cols - n
        a_tiles = np.pad(a, ((0, 0), (0, rest_k))).reshape(m, tiles_k, self.rows).transpose(1, 0, 2)
        b_tiles = np.pad(b, ((0, rest_k), (0, rest_n))).reshape(-1, tiles_n, self.cols).transpose(1, 0, 2)
        waves = tiles_k * tiles_n * max(m, 2 * self.latency)
        settings = {"size_m": m, "tiles_k": tiles_k, "tiles_n": tiles_n, "modes": dict(modes)}
        settings["limit"] = 2 * waves + 10_000
        with tempfile.TemporaryDirectory(prefix="axmac-replay-") as folder:
            Path(folder, ACTIVATIONS).write_bytes(_words(a_tiles, self.width))
            Path(folder, WEIGHTS).write_bytes(_words(b_tiles, self.width))
            figures = run_bench(self.unit, _BENCH, settings | {"operands": folder}, self.sim, self.element)
            text = Path(folder, RESULTS).read_text(encoding="ascii")
        vectors = read(text)
        sums = vectors.reshape(tiles_n, m, *vectors.shape[1:]).swapaxes(0, 1)
        sums = sums.reshape(m, tiles_n * self.cols, *vectors.shape[2:])[:, :n]
        return sums, figures["product"]["cycles"]


def _words(elements: np.ndarray, width: int) -> bytes:
    """Vectors [..., n] of patterns as words of whole bytes, most significant first, element 0 in the low bits."""
    bits = (elements[..., None] >> np.arange(width, dtype=elements.dtype) & 1).astype(np.uint8)
    packed = np.packbits(bits.reshape(-1, elements.shape[-1] * width), axis=-1, bitorder="little")
    return packed[:, ::-1].tobytes()
