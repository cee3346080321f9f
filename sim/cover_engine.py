"""What the bench of a matrix engine must have seen: sizes against tiles, streams, TLAST, what runs side by side."""

from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.engine_streams import operands_per_beat

__all__ = ["REFUSED", "EngineCover"]

REFUSED = ("M = 0", "K = 0", "N = 0", "K too large", "N too large", "busy")
"""Starts that an engine refuses."""

_STREAMS = ("activations", "weights", "results")
_CYCLES = {"activations": ("flow", "idle", "wait"), "weights": ("flow", "idle", "wait")}
_CYCLES["results"] = ("flow", "idle", "stalled")
_SIZES = ("1", "part of a tile", "whole tiles", "several tiles, the last in part")
_EVENTS = (
    "activations come in while waves enter",
    "results go out while waves enter",
    "a wave right after a wave",
    "a wave after a pause",
    "operands before the start",
    "operands after the start",
    "a product after a product",
    "reset in the middle of a product",
    "TLAST too early",
    "TLAST missing",
)


class EngineCover:
    """Hits by bin, counted from the sizes of products, the pins of every cycle, and what a test says it did.

    K is cut into tiles of rows in a weight-stationary array and not at all in an output-stationary one, N into tiles
    of cols, M into chunks of rows.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._tiles = {"M": config.chunk_rows, "K": config.rows if config.dataflow == "ws" else 1, "N": config.cols}
        names = [f"{stream}: {cycle}" for stream in _STREAMS for cycle in _CYCLES[stream]]
        names += [f"{stream}: TLAST with the last beat" for stream in _STREAMS]
        if operands_per_beat(config.mul.format.width) > 1:
            names += ["operands: the last beat in part"]
        for letter, tile in self._tiles.items():
            names += [f"{letter}: {size}" for size in (_SIZES if tile > 2 else _sizes_of(tile))]
        names += [*_EVENTS, *(f"start refused: {why}" for why in REFUSED)]
        self.hits = dict.fromkeys(names, 0)
        self._waved, self._products = False, 0

    def see(self, pins: dict[str, int]) -> None:
        """One cycle: ``wave``, and ``tvalid``, ``tready``, ``tlast`` of each stream under ``<stream>_<pin>``."""
        for stream in _STREAMS:
            valid, ready = pins[f"{stream}_tvalid"], pins[f"{stream}_tready"]
            cycle = _CYCLES[stream][0 if valid and ready else 2 if valid else 1]
            self.hits[f"{stream}: {cycle}"] += 1
            if valid and ready and pins["wave"] and stream != "weights":
                self.hits[f"{stream} {'go out' if stream == 'results' else 'come in'} while waves enter"] += 1
            if valid and ready and pins[f"{stream}_tlast"]:
                self.hits[f"{stream}: TLAST with the last beat"] += 1
        if pins["wave"]:
            self.hits["a wave right after a wave" if self._waved else "a wave after a pause"] += 1
        self._waved = bool(pins["wave"])

    def begin(self, m: int, k: int, n: int, *, early: bool) -> None:
        """A product of these sizes is started, its operands sent before that or after it."""
        for letter, size in (("M", m), ("K", k), ("N", n)):
            self.hits[f"{letter}: {_kind(size, self._tiles[letter])}"] += 1
        self.hits[f"operands {'before' if early else 'after'} the start"] += 1
        self.hits["a product after a product"] += self._products > 0
        self._products += 1

    def count(self, name: str) -> None:
        """Something that the test has done."""
        self.hits[name] += 1

    def partial_beat(self, operands: int, per_beat: int) -> None:
        """A matrix of so many operands is sent."""
        if per_beat > 1:
            self.hits["operands: the last beat in part"] += operands % per_beat > 0


def _sizes_of(tile: int) -> tuple[str, ...]:
    """In tiles of 1 nothing is a part; in tiles of 2 a part is 1."""
    return (_SIZES[0], _SIZES[2]) if tile == 1 else (_SIZES[0], *_SIZES[2:])


def _kind(size: int, tile: int) -> str:
    if size == 1:
        return "1"
    if size % tile == 0:
        return "whole tiles"
    return "part of a tile" if size < tile else "several tiles, the last in part"
