"""Which significand multipliers are bilinear in the bits of their operands, and their closed forms.

The proof is structural: every wire of a tile is followed from the truth tables, as a constant, one partial product, or
an output of a cell that adds exactly, for which sum = a + b + cin - 2 * cout holds over the integers. Where everything
but partial products cancels in the value of the product, the tile is a sum of c[j][i] * pp[j][i], and so is the array.
The coefficients are then gathered into few terms ``coefficient * (X & x) * (W & w)``. Examples: AMA5 tiles are wires
only and take two terms; HEAP-like takes three.
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from axmac.model.spec.cells import EXACT, FullAdder
from axmac.model.spec.significand import ArraySig, SignificandSpec

__all__ = ["Term", "bilinear_terms", "slope"]

_Wire = int | str
"""0 or 1, or the name of a partial product or of a cell's output."""


@dataclass(frozen=True)
class Term:
    """``coefficient * (X & x) * (W & w)``, X the significand of the activation and W that of the weight."""

    x: int
    w: int
    coefficient: Fraction


@lru_cache(maxsize=256)
def bilinear_terms(sig: SignificandSpec, width: int) -> tuple[Term, ...] | None:
    """The significand product as a sum of terms, or None where the structure does not show that it is one."""
    every = (1 << width) - 1
    if sig.exact:
        return (Term(every, every, Fraction(1)),)
    coefficients = _tile(sig)
    if coefficients is None:
        return None
    repeated = sum(1 << place for place in range(0, width, sig.tile))
    by_rows, by_columns = _gather(coefficients), _gather({(i, j): c for (j, i), c in coefficients.items()})
    if len(by_rows) <= len(by_columns):
        masks = [(rows * repeated, columns * repeated, c) for rows, columns, c in by_rows]
    else:
        masks = [(rows * repeated, columns * repeated, c) for columns, rows, c in by_columns]
    swapped = sig.rows == "weight"
    return tuple(Term(*((columns, rows) if swapped else (rows, columns)), c) for rows, columns, c in masks)


def slope(mask: int, width: int) -> float:
    """Least-squares slope of X & mask over X, for all X of one binade, 2^(width-1) <= X < 2^width.

    The bits below the leading one are independent and of equal variance 4^b / 4, the leading one is constant.
    """
    own = sum(4**bit for bit in range(width - 1) if mask >> bit & 1)
    return own / sum(4**bit for bit in range(width - 1))


def _gather(coefficients: dict[tuple[int, int], Fraction]) -> list[tuple[int, int, Fraction]]:
    """(first mask, second mask, coefficient of 2^(i + j)): first all seconds of a value, then equal firsts together."""
    per_first = defaultdict(int)
    for (first, second), value in coefficients.items():
        per_first[first, value / 2 ** (first + second)] |= 1 << second
    terms = defaultdict(int)
    for (first, value), seconds in per_first.items():
        terms[seconds, value] |= 1 << first
    return sorted((firsts, seconds, value) for (seconds, value), firsts in terms.items())


class _Structure:
    """A tile's cells with the wires followed, and what is known of the cells that add exactly."""

    def __init__(self) -> None:
        self.sums: list[tuple[str, tuple[_Wire, ...], _Wire]] = []

    def cell(self, name: str, cell: FullAdder, inputs: tuple[_Wire, ...]) -> tuple[_Wire, _Wire]:
        """Sum and carry-out: a constant or an input where the truth table says so, otherwise a new wire."""
        free = sorted({wire for wire in inputs if isinstance(wire, str)})
        cases = [dict(zip(free, bits, strict=True)) for bits in product((0, 1), repeat=len(free))]
        taken = [[case.get(wire, wire) for wire in inputs] for case in cases]
        rows = [4 * a + 2 * b + c for a, b, c in taken]
        outputs = []
        for kind, column in (("sum", cell.sum), ("cout", cell.cout)):
            values = [int(column[row]) for row in rows]
            same = [wire for wire in (0, 1, *free) if values == [case.get(wire, wire) for case in cases]]
            outputs.append(same[0] if same else f"{name}.{kind}")
        total, carry = outputs
        exact = all(int(cell.sum[r]) + 2 * int(cell.cout[r]) == sum(bits) for r, bits in zip(rows, taken, strict=True))
        if exact and total == f"{name}.sum":
            self.sums.append((total, inputs, carry))
        return total, carry

    def expand(self, value: dict[_Wire, int]) -> dict[_Wire, int]:
        """A weighted sum of wires with every exact sum replaced by its inputs and carry, latest cell first."""
        value = defaultdict(int, value)
        for total, inputs, carry in reversed(self.sums):
            weight = value.pop(total, 0)
            for wire in inputs:
                value[wire] += weight
            value[carry] -= 2 * weight
        value.pop(0, None)
        return {wire: weight for wire, weight in value.items() if weight}


def _tile(sig: ArraySig) -> dict[tuple[int, int], Fraction] | None:
    """c[row, column] of one tile, or None."""
    structure = _Structure()
    pp = {f"pp {j} {i}": (j, i) for j in range(sig.tile) for i in range(sig.tile)}
    named = {place: name for name, place in pp.items()}
    rows = _ripple if sig.topology == "array" else _carry_save
    value = defaultdict(int)
    for place, wire in enumerate(rows(sig, structure, named)):
        value[wire] += 1 << place
    expanded = structure.expand(value)
    if not set(expanded) <= set(pp):
        return None
    return {pp[wire]: Fraction(weight) for wire, weight in expanded.items()}


def _wired(sig: ArraySig, pp: _Wire, sum_in: _Wire, carry: _Wire) -> tuple[_Wire, ...]:
    meets = {"p": pp, "s": sum_in, "c": carry}
    return tuple(meets[letter] for letter in sig.wiring)


def _ripple(sig: ArraySig, structure: _Structure, pp: dict[tuple[int, int], str]) -> list[_Wire]:
    sums, carry_out = [pp[0, i] for i in range(sig.tile)], 0
    bits = [sums[0]]
    for j in range(1, sig.tile):
        above, sums, carry = [*sums[1:], carry_out], [], 0
        for i in range(sig.tile):
            inputs = _wired(sig, pp[j, i], above[i], carry)
            total, carry = structure.cell(f"cell {j} {i}", sig.cell_at(j, i), inputs)
            sums.append(total)
        carry_out = carry
        bits.append(sums[0])
    return [*bits, *sums[1:], carry_out]


def _carry_save(sig: ArraySig, structure: _Structure, pp: dict[tuple[int, int], str]) -> list[_Wire]:
    sums, carries = [pp[0, i] for i in range(sig.tile)], [0] * sig.tile
    bits = [sums[0]]
    for j in range(1, sig.tile):
        above = [*sums[1:], 0]
        cells = [
            structure.cell(f"cell {j} {i}", sig.cell_at(j, i), _wired(sig, pp[j, i], above[i], carries[i]))
            for i in range(sig.tile)
        ]
        sums, carries = [total for total, _ in cells], [carry for _, carry in cells]
        bits.append(sums[0])
    carry = 0
    for i, (x, y) in enumerate(zip([*sums[1:], 0], carries, strict=True)):
        total, carry = structure.cell(f"add {i}", EXACT, (x, y, carry))
        bits.append(total)
    return bits
