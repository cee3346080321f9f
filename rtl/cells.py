"""Full-adder cells as gates, made from their truth tables."""

from amaranth.hdl import Const, Mux, Value, ValueLike

from axmac.model.spec import FullAdder

__all__ = ["boolean_function", "full_adder"]


def full_adder(cell: FullAdder, a: ValueLike, b: ValueLike, cin: ValueLike) -> tuple[Value, Value]:
    """The outputs (sum, cout) of a cell, one bit each, combinational.

    Inputs that an output does not depend on do not appear in it: an AMA5 cell (sum = B, cout = A) is two wires.
    """
    inputs = (Value.cast(a), Value.cast(b), Value.cast(cin))
    return boolean_function(cell.sum, inputs), boolean_function(cell.cout, inputs)


def boolean_function(column: str, inputs: tuple[Value, ...]) -> Value:
    """The gates of a truth-table column over one-bit inputs; the first input is the high bit of the row number.

    Shannon expansion: f = x ? f1 : f0 for the first input x, simplified where a cofactor is constant or where one is
    the other or its complement. ``column`` holds 2^len(inputs) characters 0 and 1.
    """
    if len(set(column)) == 1:
        return Const(int(column[0]), 1)
    x, rest = inputs[0], inputs[1:]
    low, high = column[: len(column) // 2], column[len(column) // 2 :]
    f0 = boolean_function(low, rest)
    if low == high:
        return f0
    if _complement(low) == high:
        return _exclusive_or(x, f0)
    return _select(x, f0, boolean_function(high, rest))


def _exclusive_or(x: Value, f: Value) -> Value:
    if isinstance(f, Const):
        return ~x if f.value else x
    return x ^ f


def _select(x: Value, f0: Value, f1: Value) -> Value:
    """The value x ? f1 : f0, where f0 and f1 are neither equal nor complements."""
    if isinstance(f0, Const):
        return ~x | f1 if f0.value else x & f1
    if isinstance(f1, Const):
        return x | f0 if f1.value else ~x & f0
    return Mux(x, f1, f0)


def _complement(column: str) -> str:
    return column.translate(str.maketrans("01", "10"))
