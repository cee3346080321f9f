"""A walk through the cells of one tile with any kind of values in place of bits."""

from collections.abc import Callable
from typing import TypeVar

from axmac.model.spec import ArraySig

__all__ = ["walk_tile"]

T = TypeVar("T")


def walk_tile(
    sig: ArraySig,
    a: list[T],
    b: list[T],
    zero: T,
    both: Callable[[T, T], T],
    cell: Callable[[int, int, list[T]], tuple[T, T]],
) -> tuple[list[T], tuple[list[T], list[T]] | None]:
    """The product bits of a tile with operands a (activation) and b (weight), by `axmac.model.spec.significand`.

    ``both`` is the AND of two values, ``cell(row, column, inputs)`` gives sum and carry of the values at A, B, Cin.
    Ripple-carry rows give all 2t bits and None; carry-save rows give t bits, and two numbers of t bits whose sum,
    modulo 2^t, are the other ones.
    """
    t = sig.tile
    rows, columns = (a, b) if sig.rows == "activation" else (b, a)
    ripple = sig.topology == "array"
    sums = [both(rows[0], column) for column in columns]
    carries, product, last = [zero] * t, [sums[0]], zero
    for j in range(1, t):
        above, carry = [*sums[1:], last if ripple else zero], zero
        sums, below, carries = [], carries, []
        for i in range(t):
            meets = {"p": both(rows[j], columns[i]), "s": above[i], "c": carry if ripple else below[i]}
            bit, carry = cell(j, i, [meets[letter] for letter in sig.wiring])
            sums.append(bit)
            carries.append(carry)
        last = carries[-1]
        product.append(sums[0])
    return ([*product, *sums[1:], last], None) if ripple else (product, ([*sums[1:], zero], carries))
