"""Proofs that a wrong cell of a large tile changes nothing: its inputs never occur, or nothing kept depends on it."""

from dataclasses import dataclass

import numpy as np

from axmac.model.spec import ArraySig, FpMul
from axmac.sim.tile_walk import walk_tile
from axmac.sim.unreachable import product_reach

__all__ = ["unobservable"]

_MOST_INPUTS = 12


@dataclass(frozen=True)
class _Function:
    """A Boolean function of some operand bits: ``table`` has one axis of length 2 for each name in ``support``."""

    support: tuple[int, ...]
    table: np.ndarray


_Known = _Function | None
"""None: a function of more operand bits than are enumerated."""

_ZERO = _Function((), np.array(False))


def unobservable(spec: FpMul, wrong: ArraySig) -> str:
    """The proof that ``wrong``, the array of ``spec`` but for one cell, gives the same results; empty for none."""
    sig = spec.significand
    differing = [
        (j, i) for j in range(1, sig.tile) for i in range(sig.tile) if sig.cell_at(j, i) != wrong.cell_at(j, i)
    ]
    if len(differing) != 1:
        return ""
    place = differing[0]
    read = _rows_read(spec, place)
    right, other = sig.cell_at(*place), wrong.cell_at(*place)
    changed = [
        any(right_bits[row] != wrong_bits[row] for row in read)
        for right_bits, wrong_bits in ((right.sum, other.sum), (right.cout, other.cout))
    ]
    if not any(changed):
        return "the inputs for which the cell differs never occur: its cone was enumerated"
    return "" if _reached(spec, place, changed) else "no kept product bit depends on the output that differs"


def _rows_read(spec: FpMul, place: tuple[int, int]) -> list[int]:
    """The rows of the truth table that a cell may read: by all values of the operand bits that its inputs depend on."""
    sig = spec.significand
    inputs: list[_Known] = []

    def cell(j: int, i: int, values: list[_Known]) -> tuple[_Known, _Known]:
        if (j, i) == place:
            inputs.extend(values)
        table = sig.cell_at(j, i)
        return tuple(_composed(column, values) for column in (table.sum, table.cout))

    single = sig.tile == spec.format.sig_width
    top = _Function((), np.array(True))
    a, b = ([_variable(offset + k) for k in range(sig.tile - single)] + [top] * single for offset in (0, sig.tile))
    walk_tile(sig, a, b, _ZERO, lambda x, y: _composed("00010001", [_ZERO, x, y]), cell)
    support = _support(inputs)
    if support is None:
        fixed = {k: bool(value.table) for k, value in enumerate(inputs) if value is not None and not value.support}
        return [row for row in range(8) if all((row >> (2 - k) & 1) == bit for k, bit in fixed.items())]
    x, y, z = (np.broadcast_to(_on(value, support), (2,) * len(support)).astype(np.int64) for value in inputs)
    return np.unique(4 * x + 2 * y + z).tolist()


def _variable(name: int) -> _Function:
    return _Function((name,), np.array([False, True]))


def _support(values: list[_Known]) -> tuple[int, ...] | None:
    if any(value is None for value in values):
        return None
    names = tuple(sorted({name for value in values for name in value.support}))
    return names if len(names) <= _MOST_INPUTS else None


def _on(value: _Function, support: tuple[int, ...]) -> np.ndarray:
    """The table with an axis for each name of a larger support."""
    return value.table.reshape([2 if name in value.support else 1 for name in support])


def _composed(column: str, values: list[_Known]) -> _Known:
    """A truth-table column of three functions, without the inputs that the result does not depend on."""
    if len(set(column)) == 1:
        return _Function((), np.array(column[0] == "1"))
    used = [k for k in range(3) if any(column[row] != column[row ^ 4 >> k] for row in range(8))]
    support = _support([values[k] for k in used])
    if support is None:
        return None
    row = sum(_on(values[k], support).astype(np.int64) << (2 - k) for k in used)
    table = np.array([bit == "1" for bit in column])[row]
    table = np.broadcast_to(table, (2,) * len(support))
    for axis in reversed(range(len(support))):
        if np.array_equal(table.take(0, axis), table.take(1, axis)):
            table, support = table.take(0, axis), support[:axis] + support[axis + 1 :]
    return _Function(support, table)


def _reached(spec: FpMul, place: tuple[int, int], changed: list[bool]) -> bool:
    """Whether a kept product bit depends on the outputs (sum, carry) of a cell that differ."""
    sig = spec.significand

    def cell(j: int, i: int, inputs: list[bool]) -> tuple[bool, bool]:
        table = sig.cell_at(j, i)
        seen = [
            any(inputs[k] and column[row] != column[row ^ 4 >> k] for k in range(3) for row in range(8))
            for column in (table.sum, table.cout)
        ]
        return tuple(old or new for old, new in zip(seen, changed, strict=True)) if (j, i) == place else tuple(seen)

    nothing = [False] * sig.tile
    product, addends = walk_tile(sig, nothing, nothing, False, lambda x, y: x or y, cell)
    if addends:
        lowest = min((k for k in range(sig.tile) if addends[0][k] or addends[1][k]), default=sig.tile)
        product += [k >= lowest for k in range(sig.tile)]
    return any(product[_dropped(spec) :])


def _dropped(spec: FpMul) -> int:
    """The number of low product bits that truncation drops from every product; 0 where tiles are added."""
    width = spec.format.sig_width
    cut = 2 * spec.format.frac_width - spec.result_format.frac_width
    if spec.significand.tile < width or spec.rounding != "rtz" or cut < 1:
        return 0
    return cut + (product_reach(spec).low >= 1 << (2 * width - 1))
