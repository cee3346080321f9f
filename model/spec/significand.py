"""Significand multipliers: how two unsigned significands of width w become a product of 2w (or 2w + 1) bits.

An array multiplier of width w is built from (w/t)^2 square tiles of width t whose products are added exactly, the tile
of activation digit u and weight digit v shifted by t*(u + v). Inside a tile, ``pp[j][i]`` is the AND of bit j of the
operand that makes the rows and bit i of the other one; its column weight is i + j. Row 0 is the plain AND row.

``array``: ripple-carry rows. In row j >= 1 the full adder of column i takes pp[j][i], sum-in = sum of row j-1 one
column higher (for the last column the carry-out of row j-1, which is 0 for row 0) and carry = that of column i-1 (0
for column 0). Product bit j is the sum at column 0 of row j; the last row's columns 1..t-1 and its carry-out are bits
t..2t-1.

``csa``: carry-save rows. In row j >= 1 the full adder of column i takes pp[j][i], sum-in = sum of row j-1 one column
higher (0 for the last column) and carry = carry of row j-1, column i (0 in row 1). Product bit j is the sum at column 0
of row j; the last row's sums 1..t-1 (weights t..2t-2) and carries 0..t-1 (weights t..2t-1) are added by an exact
carry-propagate adder, modulo 2^t.

Absent inputs are 0 and every position has a full-adder cell, also where a half adder would do.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from axmac.model.spec.cells import FullAdder
from axmac.model.spec.errors import InputError

__all__ = ["ArraySig", "BoothSig", "CellMap", "PlainSig", "SignificandSpec", "by_column", "by_row", "product_width"]

CellMap = tuple[tuple[FullAdder, ...], ...]
"""Cells of one tile: rows 1..t-1, and in each row columns 0..t-1."""


def by_column(tile: int, default: FullAdder, cells: Mapping[int, FullAdder]) -> CellMap:
    """A cell map by column weight i + j (1..2t-2): ``cells[weight]`` where given, ``default`` elsewhere."""
    return tuple(tuple(cells.get(i + j, default) for i in range(tile)) for j in range(1, tile))


def by_row(tile: int, default: FullAdder, cells: Mapping[int, FullAdder]) -> CellMap:
    """A cell map by row j (1..t-1): ``cells[row]`` where given, ``default`` elsewhere."""
    return tuple((cells.get(j, default),) * tile for j in range(1, tile))


@dataclass(frozen=True, repr=False)
class ArraySig:
    """Tiles of full-adder cells (module docstring).

    ``rows``: which operand makes the rows, ``activation`` or ``weight``.
    ``wiring``: what meets the cell's ports A, B, Cin, a permutation of the letters p (pp), s (sum-in), c (carry).
    ``cell_map``: the cell of each position of a tile; the most frequent one becomes ``cell``, a uniform map ``None``.
    Raises ``TypeError`` for values of another type and ``InputError`` for values out of range.
    """

    cell: FullAdder
    tile: int
    topology: str = "array"
    rows: str = "activation"
    wiring: str = "psc"
    cell_map: CellMap | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.cell, FullAdder):
            raise TypeError(f"cell must be a FullAdder, not {self.cell!r}")
        if not isinstance(self.tile, int):
            raise TypeError(f"tile must be an integer, not {self.tile!r}")
        if self.tile < 1:
            raise InputError(f"tile must be at least 1, not {self.tile!r}")
        if self.topology not in ("array", "csa"):
            raise InputError(f"topology must be 'array' or 'csa', not {self.topology!r}")
        if self.rows not in ("activation", "weight"):
            raise InputError(f"rows must be 'activation' or 'weight', not {self.rows!r}")
        if sorted(self.wiring) != ["c", "p", "s"]:
            raise InputError(f"wiring must be a permutation of 'psc', not {self.wiring!r}")
        if self.cell_map is not None:
            self._canonicalise_map()

    def _canonicalise_map(self) -> None:
        shape = [len(row) for row in self.cell_map]
        if shape != [self.tile] * (self.tile - 1):
            raise InputError(f"cell_map must have {self.tile - 1} rows of {self.tile} cells, not rows of {shape}")
        counts = Counter(cell for row in self.cell_map for cell in row)
        if not all(isinstance(cell, FullAdder) for cell in counts):
            raise TypeError("cell_map must hold FullAdder cells only")
        if counts:
            most = max(counts, key=lambda cell: (counts[cell], cell.name))
            object.__setattr__(self, "cell", most)
        if len(counts) <= 1:
            object.__setattr__(self, "cell_map", None)

    def cell_at(self, row: int, column: int) -> FullAdder:
        """The cell of row 1..t-1 and column 0..t-1 of a tile."""
        return self.cell if self.cell_map is None else self.cell_map[row - 1][column]

    @property
    def label(self) -> str:
        """Topology, cell and tile as they stand in an id."""
        return f"{self.topology}_{self.cell.name}_t{self.tile}"

    @property
    def suffix(self) -> str:
        """Wiring, orientation and cell map as they stand at the end of an id, each only where not the default."""
        parts = []
        if self.wiring != "psc":
            parts.append(f"_w{self.wiring}")
        if self.rows == "weight":
            parts.append("_rw")
        if self.cell_map is not None:
            names = ";".join(",".join(cell.name for cell in row) for row in self.cell_map)
            parts.append(f"_m{hashlib.sha256(names.encode()).hexdigest()[:8]}")
        return "".join(parts)

    @property
    def exact(self) -> bool:
        """Whether the product is exact by construction; a tile of width 1 is an AND gate whatever its cell."""
        return self.tile == 1 or (self.cell.name == "exact" and self.cell_map is None)

    def __repr__(self) -> str:
        options = [
            f"{name}={getattr(self, name)!r}"
            for name, default in (("topology", "array"), ("rows", "activation"), ("wiring", "psc"), ("cell_map", None))
            if getattr(self, name) != default
        ]
        return f"ArraySig({', '.join([repr(self.cell), str(self.tile), *options])})"


@dataclass(frozen=True)
class PlainSig:
    """The exact product as one ``*``, whose structure is left to synthesis."""

    label = "plain"
    suffix = ""
    exact = True


@dataclass(frozen=True)
class BoothSig:
    """The exact product by radix-4 Booth digits of the weight, with the extra digit that unsigned operands need."""

    label = "booth"
    suffix = ""
    exact = True


SignificandSpec = ArraySig | PlainSig | BoothSig


def product_width(significand: SignificandSpec, sig_width: int) -> int:
    """Bits of the product: 2w, and one more for arrays of inexact cells, whose sum of tiles can pass 2^(2w)."""
    return 2 * sig_width + (not significand.exact)
