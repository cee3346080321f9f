"""Terms put into other terms, and the one question to the solver: is a claim true for all values?"""

import bitwuzla
from bitwuzla import Kind, Result, Term

from proofs.terms import TM, Bits, const

__all__ = ["counterexample", "evaluated", "opened", "substituted"]


def substituted(value: Bits, pairs: list[tuple[Bits, Bits]]) -> Bits:
    """The value with free variables (first of each pair) replaced, all at once.

    A first of a pair may also be several variables side by side, as Yosys makes of an input port.
    """
    replacements = {}
    for old, new in pairs:
        for variable, low, high in _variables(old):
            part = new[low:high].term
            if variable.sort().is_bool():
                part = TM.mk_term(Kind.EQUAL, [part, const(1, 1).term])
            replacements[variable] = part
    return Bits(TM.substitute_terms([value.term], replacements)[0])


def _variables(value: Bits) -> list[tuple[Term, int, int]]:
    """The variables that ``value`` is made of, each with the positions low and high of its bits."""
    found, low = [], 0
    pending = [value.term]
    while pending:
        term = pending.pop()
        if term.kind() == Kind.BV_CONCAT:
            pending += [term[k] for k in range(term.num_children())]
            continue
        while term.kind() != Kind.CONSTANT and not term.is_value():
            assert term.kind() in (Kind.ITE, Kind.EQUAL, Kind.BV_EXTRACT), f"no variable: {term}"
            term = term[0]
        width = 1 if term.sort().is_bool() else term.sort().bv_size()
        if term.is_const():
            found.append((term, low, low + width))
        low += width
    assert low == value.width
    return found


def opened(value: Bits, nets: list[tuple[Bits, Bits]]) -> Bits:
    """``value`` with inner nets (first of each pair) replaced by variables wherever they occur in it.

    A claim that holds for all values of the variables holds for the nets.
    """
    return Bits(TM.substitute_terms([value.term], dict(_plain(net.term, seen.term) for net, seen in nets))[0])


def _plain(net: Term, seen: Term) -> tuple[Term, Term]:
    """A net of one bit without the conversions to and from Boolean that Yosys writes around it, and its variable."""
    if net.kind() == Kind.ITE and net[0].sort().is_bool() and net[1].is_value() and net[2].is_value():
        net = net[0]
        if net.kind() == Kind.EQUAL and net[1].is_value() and net[0].kind() == Kind.BV_EXTRACT:
            whole = net[0][0]
            return (whole, seen) if whole.sort().bv_size() == 1 else (net[0], seen)
        return net, TM.mk_term(Kind.EQUAL, [seen, const(1, 1).term])
    return net, seen


def evaluated(value: Bits) -> int:
    """The integer that a value without variables is."""
    simple = bitwuzla.Bitwuzla(TM, bitwuzla.Options()).simplify_term(value.term)
    return int(simple.value(2), 2)


def counterexample(
    claim: Bits, seconds: float, given: list[Bits] = (), show: dict[str, Bits] | None = None
) -> dict[str, int] | None:
    """``None`` where the one-bit ``claim`` holds for all values that fulfil ``given``; otherwise values of ``show``.

    Raises ``TimeoutError`` where the solver does not decide within ``seconds``.
    """
    options = bitwuzla.Options()
    options.set(bitwuzla.Option.PRODUCE_MODELS, True)
    options.set(bitwuzla.Option.TIME_LIMIT_PER, int(seconds * 1000))
    solver = bitwuzla.Bitwuzla(TM, options)
    one = const(1, 1).term
    for condition in given:
        solver.assert_formula(TM.mk_term(Kind.EQUAL, [condition.term, one]))
    solver.assert_formula(TM.mk_term(Kind.DISTINCT, [claim.term, one]))
    result = solver.check_sat()
    if result == Result.UNSAT:
        return None
    if result != Result.SAT:
        raise TimeoutError(f"undecided after {seconds} s")
    return {name: int(solver.get_value(value.term).value(2), 2) for name, value in (show or {}).items()}
