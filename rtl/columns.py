"""Bits that stand in columns of one weight each, reduced to two numbers by full and half adders."""

import itertools
from collections.abc import Mapping

from amaranth.hdl import Cat, Const, Module, Signal, Value

__all__ = ["Columns", "add_columns", "joined_sum"]

Columns = list[list[Value]]
"""By weight: the bits of column c count 2^c each."""


def add_columns(m: Module, columns: Columns, joins: Mapping[int, Value] | None = None) -> Value:
    """The sum of all bits at their weights, modulo 2^len(columns): Dadda's reduction, then one adder.

    In every step as few adders as bring all columns down to the next height of 2, 3, 4, 6, 9, 13, 19, ..: a full adder
    takes the three oldest bits of a column, a half adder two. Adder k of column c has the nets ``sum_c_k`` and
    ``carry_c_k``. Combinational. Source: Dadda, Some schemes for parallel multipliers, Alta Frequenza 34, 1965.
    ``joins``: no carry passes into a column named there while its bit is 0, so that the columns on both sides have
    sums of their own.
    """
    joins = joins or {}
    made = [0] * len(columns)
    for height in reversed(_heights(max(map(len, columns)))):
        columns = _step(m, columns, height, made, joins)
    low = next((c for c, bits in enumerate(columns) if len(bits) > 1), len(columns))
    zero = Const(0, 1)
    first, second = (Cat((*bits, zero, zero)[row] for bits in columns[low:]) for row in range(2))
    below = Cat((*bits, zero)[0] for bits in columns[:low])
    if joins:
        return Cat(below, joined_sum(m, first, second, {c - low: joins[c] for c in joins if c > low}, "total"))
    return Cat(below, (first + second)[: len(columns) - low])


def joined_sum(m: Module, first: Value, second: Value, joins: Mapping[int, Value], name: str) -> Value:
    """The sum of two equally wide numbers, whose carry into a bit named in ``joins`` passes while that one is 1.

    Carries out of the top are lost. The part that begins at bit c has the net ``<name>_c``. Combinational.
    """
    parts, carry = [], Const(0, 1)
    for low, high in itertools.pairwise([0, *sorted(joins), len(first)]):
        part = Signal(high - low + 1, name=f"{name}_{low}")
        m.d.comb += part.eq(first[low:high] + second[low:high] + carry)
        parts.append(part[:-1])
        carry = part[-1] & joins.get(high, 0)
    return Cat(parts)


def _heights(tallest: int) -> list[int]:
    """Dadda's heights below the tallest column, rising."""
    heights, height = [], 2
    while height < tallest:
        heights.append(height)
        height = 3 * height // 2
    return heights


def _step(m: Module, columns: Columns, height: int, made: list[int], joins: Mapping[int, Value]) -> Columns:
    """No column higher than ``height``: what adders make stands behind what waits; carries out of the top are lost."""
    reduced: Columns = [[] for _ in columns]
    carried: list[Value] = []
    for c, waiting in enumerate(columns):
        bits, new, carries = list(waiting), carried, []
        while (too_high := len(bits) + len(new) - height) > 0:
            inputs, bits = bits[: 2 + (too_high > 1)], bits[2 + (too_high > 1) :]
            sum_, carry = (Signal(name=f"{kind}_{c}_{made[c]}") for kind in ("sum", "carry"))
            made[c] += 1
            m.d.comb += sum_.eq(_parity(inputs))
            if c + 1 < len(columns):
                m.d.comb += carry.eq(_majority(inputs) & joins[c + 1] if c + 1 in joins else _majority(inputs))
                carries.append(carry)
            new = [*new, sum_]
        reduced[c] = bits + new
        carried = carries
    return reduced


def _parity(inputs: list[Value]) -> Value:
    x, y, *z = inputs
    return x ^ y ^ z[0] if z else x ^ y


def _majority(inputs: list[Value]) -> Value:
    x, y, *z = inputs
    return x & y | (x ^ y) & z[0] if z else x & y
