"""Parameters of a matrix engine, and the sizes that follow from them."""

from dataclasses import dataclass

from axmac.model.spec import ImportedProduct, InputError, IntMul, Multiplier
from axmac.rtl.engine_streams import BEAT_WIDTH
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.nest import Loop
from axmac.rtl.ram import address_width
from axmac.rtl.staging import check_range
from axmac.rtl.systolic_ws import check_array

__all__ = ["DATAFLOWS", "MAX_M", "EngineConfig"]

DATAFLOWS = ("ws", "os")
MAX_M = 65535
_MAX_KN = 4096


@dataclass(frozen=True)
class EngineConfig:
    """A ``rows`` x ``cols`` array of ``mul`` with buffers around it.

    ``dataflow``: ``ws`` weight-stationary, ``os`` output-stationary. ``max_k`` and ``max_n`` bound K and N of a
    product and size the buffers; M is bounded by `MAX_M` only, because activations and results pass in chunks of rows.
    ``chunk_rows``: rows of a chunk; 0 takes the least power of two that lets tiles of one column of tiles follow each
    other without a bubble (``ws``), or ``rows * add_stages`` (``os``, where no other value is possible).
    ``add_stages``: None takes that of `axmac.rtl.accumulate`. A ``ws`` engine has no imported unit.
    Raises ``TypeError`` and ``InputError``.
    """

    mul: Multiplier
    rows: int = 8
    cols: int = 8
    dataflow: str = "ws"
    max_k: int = 256
    max_n: int = 256
    chunk_rows: int = 0
    mul_stages: int = DEFAULT_STAGES
    add_stages: int | None = None

    def __post_init__(self) -> None:
        _, add_stages = check_array(self.mul, self.rows, self.cols, self.mul_stages, self.add_stages)
        object.__setattr__(self, "add_stages", add_stages)
        if self.mul.format.width > BEAT_WIDTH:
            raise InputError(f"operands of {self.mul.id} must have at most 32 bits: choose another format")
        if self.dataflow not in DATAFLOWS:
            raise InputError(f"dataflow must be {' or '.join(map(repr, DATAFLOWS))}, not {self.dataflow!r}")
        if self.dataflow == "ws" and isinstance(self.mul, IntMul) and isinstance(self.mul.product, ImportedProduct):
            why = "a ws engine fills K up with 0, and 0 x 0 of an imported unit may be anything"
            raise InputError(f"dataflow of an engine of {self.mul.id} must be 'os': {why}")
        for name in ("max_k", "max_n"):
            check_range(name, getattr(self, name), _MAX_KN)
        if self.dataflow == "ws" and self.chunk_rows == 0:
            round_trip = self.mul_stages + self.rows * self.add_stages + self.cols + 3
            object.__setattr__(self, "chunk_rows", 1 << address_width(round_trip))
        if self.dataflow == "os":
            turns = self.rows * self.add_stages
            if self.chunk_rows not in (0, turns):
                raise InputError(f"chunk_rows must be 0 or {turns} (rows * add_stages), not {self.chunk_rows!r}")
            object.__setattr__(self, "chunk_rows", turns)
        check_range("chunk_rows", self.chunk_rows, 4096)

    @property
    def name(self) -> str:
        """Multiplier, dataflow and shape in one word, as module names have it."""
        return f"{self.mul.id}_{self.dataflow}_{self.rows}x{self.cols}"

    @property
    def n_bits(self) -> int:
        """Address bits that number tiles of columns."""
        return address_width(-(-self.max_n // self.cols))

    @property
    def k_bits(self) -> int:
        """Address bits that number k."""
        return address_width(self.max_k)

    @property
    def row_bits(self) -> int:
        """Address bits that number the rows of a chunk."""
        return address_width(self.chunk_rows)

    @property
    def activation_bits(self) -> int:
        """Address bits of one chunk of activations: (k tile, row) or (k, slot)."""
        if self.dataflow == "ws":
            return max(1, address_width(-(-self.max_k // self.rows)) + self.row_bits)
        return max(1, self.k_bits + address_width(self.add_stages))

    @property
    def weight_bits(self) -> int:
        """Address bits of the weights: (n tile, k)."""
        return max(1, self.n_bits + self.k_bits)

    @property
    def result_bits(self) -> int:
        """Address bits of one chunk of results: (n tile, row)."""
        return max(1, self.n_bits + self.row_bits)

    @property
    def chunks(self) -> Loop:
        """The outermost loop: the first row of a chunk."""
        return Loop("chunk", self.chunk_rows, MAX_M)
