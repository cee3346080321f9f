"""Bit vectors as solver terms with operators."""

from collections.abc import Callable

import bitwuzla
from bitwuzla import Kind, Term

__all__ = [
    "TM",
    "Bits",
    "all_of",
    "choose",
    "concat",
    "const",
    "free",
    "total",
    "unknown_function",
]

TM = bitwuzla.TermManager()


class Bits:
    """An unsigned bit vector. Operators take `Bits` of the same width or integers; ``==``, ``<`` give one bit.

    ``x[k]`` and ``x[low:high]`` count from bit 0, ``high`` exclusive. ``+``, ``-``, ``*``, ``<<`` and ``>>`` wrap.
    """

    def __init__(self, term: Term) -> None:
        if term.sort().is_bool():
            term = TM.mk_term(Kind.ITE, [term, TM.mk_bv_one(_sort(1)), TM.mk_bv_zero(_sort(1))])
        self.term = term
        self.width = term.sort().bv_size()

    __hash__ = None

    def _op(self, kind: Kind, other: "Bits | int") -> "Bits":
        other = const(other, self.width) if isinstance(other, int) else other
        return Bits(TM.mk_term(kind, [self.term, other.term]))

    def __add__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_ADD, other)

    def __sub__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_SUB, other)

    def __mul__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_MUL, other)

    def __and__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_AND, other)

    def __or__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_OR, other)

    def __xor__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_XOR, other)

    def __lshift__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_SHL, other)

    def __rshift__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_SHR, other)

    def __invert__(self) -> "Bits":
        return Bits(TM.mk_term(Kind.BV_NOT, [self.term]))

    def __eq__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.EQUAL, other)

    def __ne__(self, other: "Bits | int") -> "Bits":
        return ~self._op(Kind.EQUAL, other)

    def __lt__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_ULT, other)

    def __ge__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_UGE, other)

    def __gt__(self, other: "Bits | int") -> "Bits":
        return self._op(Kind.BV_UGT, other)

    def __getitem__(self, key: int | slice) -> "Bits":
        low, high, step = key.indices(self.width) if isinstance(key, slice) else (key, key + 1, 1)
        assert step == 1
        assert 0 <= low < high <= self.width
        return Bits(TM.mk_term(Kind.BV_EXTRACT, [self.term], [high - 1, low]))

    def below(self, other: "Bits | int") -> "Bits":
        """Less than, both read in two's complement."""
        return self._op(Kind.BV_SLT, other)

    def to(self, width: int, *, signed: bool = False) -> "Bits":
        """Extended to ``width`` bits, which must not be fewer."""
        kind = Kind.BV_SIGN_EXTEND if signed else Kind.BV_ZERO_EXTEND
        return Bits(TM.mk_term(kind, [self.term], [width - self.width]))


def _sort(width: int):
    return TM.mk_bv_sort(width)


def const(value: int, width: int) -> Bits:
    """An integer, modulo 2^width."""
    return Bits(TM.mk_bv_value(_sort(width), value % (1 << width)))


def free(name: str, width: int) -> Bits:
    """A variable of any value."""
    return Bits(TM.mk_const(_sort(width), name))


def unknown_function(name: str, width: int, *arguments: int) -> Callable[..., Bits]:
    """A function of which nothing is known but that equal arguments, of the given widths, give equal results."""
    sort = TM.mk_fun_sort([_sort(argument) for argument in arguments], _sort(width))
    function = TM.mk_const(sort, name)
    return lambda *values: Bits(TM.mk_term(Kind.APPLY, [function, *(value.term for value in values)]))


def concat(*low_to_high: Bits) -> Bits:
    """Side by side, the first argument in the low bits."""
    joined = low_to_high[0]
    for part in low_to_high[1:]:
        joined = Bits(TM.mk_term(Kind.BV_CONCAT, [part.term, joined.term]))
    return joined


def choose(condition: Bits, then: Bits, otherwise: Bits) -> Bits:
    """``then`` where the one-bit condition is 1."""
    holds = TM.mk_term(Kind.EQUAL, [condition.term, const(1, 1).term])
    return Bits(TM.mk_term(Kind.ITE, [holds, then.term, otherwise.term]))


def all_of(claims: list[Bits]) -> Bits:
    """One bit: every one-bit claim holds."""
    result = const(1, 1)
    for claim in claims:
        result = result & claim
    return result


def total(parts: list[Bits], width: int) -> Bits:
    """The sum modulo 2^width."""
    result = const(0, width)
    for part in parts:
        result = result + part.to(width)
    return result
