"""Full-adder cells as truth tables.

Each table lists eight output bits in the order of the rows A B Cin = 000 001 010 011 100 101 110 111.
To add a cell, add one constant here: RTL, golden model, kernels and benches are made from it.

AMA1 to AMA5: Gupta et al., "Low-power digital signal processing using approximate adders", IEEE TCAD 32(1), 2013.
AXA2, AXA3: Yang et al., "Approximate XOR/XNOR-based adders for inexact computing", IEEE-NANO 2013.
InXA1, InXA2: Almurib et al., "Inexact designs for approximate low power addition by cell replacement", DATE 2016.
"""

from dataclasses import dataclass

from axmac.model.spec.errors import InputError

__all__ = ["AMA1", "AMA2", "AMA3", "AMA4", "AMA5", "AXA2", "AXA3", "CELLS", "EXACT", "INXA1", "INXA2", "FullAdder"]

_GUPTA = "Gupta et al., IEEE TCAD 32(1), 2013"
_YANG = "Yang et al., IEEE-NANO 2013"
_ALMURIB = "Almurib et al., DATE 2016"


@dataclass(frozen=True, repr=False)
class FullAdder:
    """A three-input cell with outputs ``sum`` and ``cout``, each a string of eight bits (row order above).

    Raises ``InputError`` for anything but eight characters 0 and 1.
    """

    sum: str
    cout: str

    def __post_init__(self) -> None:
        for column in ("sum", "cout"):
            bits = getattr(self, column)
            if not isinstance(bits, str) or len(bits) != 8 or set(bits) - {"0", "1"}:
                raise InputError(f"{column} must be eight characters 0 or 1, not {bits!r}")

    @property
    def name(self) -> str:
        """The name as it stands in ids: that of the constant, otherwise ``c`` and both columns in hex."""
        return _NAMES.get((self.sum, self.cout), f"c{int(self.sum, 2):02x}{int(self.cout, 2):02x}")

    @property
    def source(self) -> str:
        """Where the table was published; ``user`` for a table that is not listed here."""
        return _SOURCES.get(self.name, "user")

    def __repr__(self) -> str:
        return self.name.upper() if self.name in CELLS else f"FullAdder({self.sum!r}, {self.cout!r})"


EXACT = FullAdder("01101001", "00010111")
AMA1 = FullAdder("01000001", "00110111")
AMA2 = FullAdder("11101000", "00010111")
AMA3 = FullAdder("11001000", "00110111")
AMA4 = FullAdder("01010001", "00001111")
AMA5 = FullAdder("00110011", "00001111")
AXA2 = FullAdder("11000011", "00010111")
AXA3 = FullAdder("01000001", "00010111")
INXA1 = FullAdder("01101001", "01010101")
INXA2 = FullAdder("01111101", "00010111")

CELLS = {
    "exact": EXACT,
    "ama1": AMA1,
    "ama2": AMA2,
    "ama3": AMA3,
    "ama4": AMA4,
    "ama5": AMA5,
    "axa2": AXA2,
    "axa3": AXA3,
    "inxa1": INXA1,
    "inxa2": INXA2,
}
_NAMES = {(cell.sum, cell.cout): name for name, cell in CELLS.items()}
_SOURCES = {
    "exact": "definition",
    **dict.fromkeys(("ama1", "ama2", "ama3", "ama4", "ama5"), _GUPTA),
    **dict.fromkeys(("axa2", "axa3"), _YANG),
    **dict.fromkeys(("inxa1", "inxa2"), _ALMURIB),
}
