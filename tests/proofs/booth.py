"""What is proven of a Booth netlist: its terms are the digits times A, and its adders add up the terms.

The columns and the order in which adders take their bits are built here once more, from the description.
"""

from collections import Counter
from collections.abc import Callable

from axmac.gen import generate
from axmac.model.spec import FpMul
from proofs.netlist import Netlist
from proofs.significands import significand_netlist
from proofs.solver import counterexample, opened
from proofs.terms import Bits, all_of, concat, const, free

__all__ = ["booth_sum", "booth_terms"]

Verilog = Callable[[FpMul], str]
PLACE = "booth_adder"
SIGN, SIGN_INVERTED, ONE = "s", "S", "1"


def booth_terms(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """Every term and its sign bit add up to digit * A, the digits at weights 4^k to B; the last sign bit is 0."""
    netlist, width = significand_netlist(spec, verilog), spec.format.sig_width
    a, b, terms = netlist.wire("sig_a"), netlist.wire("sig_b"), netlist.wire("terms")
    padded, wide = concat(const(0, 1), b, const(0, 2)), 2 * width + 4
    claims, weighted = [~terms[terms.width - 1]], const(0, wide)
    for k, term in enumerate(_split(terms, width)):
        low, middle, high = (padded[2 * k + position].to(wide) for position in range(3))
        digit = low + middle - (high << 1)
        claims.append(_value(term, wide) == digit * a.to(wide))
        weighted = weighted + (digit << 2 * k)
    claims.append(weighted == b.to(wide))
    return counterexample(all_of(claims), seconds, show={"sig_a": a, "sig_b": b})


def booth_sum(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """The product is the sum of the terms and their sign bits at weights 4^k, modulo 2^(2w), where the last sign is 0.

    The bits that enter the columns add up to that: row by row, up to constants whose sum is 0. Each full adder gives
    parity and majority of what it reads, whatever that is, so it keeps the sum; and the last adder adds two rows.
    """
    netlist, width = Netlist(verilog(spec), spec.id, ("booth_multiples",)), spec.format.sig_width
    product, terms = netlist.wire("product"), netlist.wire("terms")
    wide = product.width
    columns, claims, constants = [[] for _ in range(wide)], [], 0
    rows = _split(terms, width)
    for k, term in enumerate(rows):
        row = _row(term, k, last=k == len(rows) - 1)
        at_zero = sum(1 << place for place, bit in row if bit in (SIGN_INVERTED, ONE))
        constants += at_zero << 2 * k
        bits = [(place + 2 * k, _bit(term, bit)) for place, bit in row]
        row_sum = const(0, wide)
        for place, bit in bits:
            if place < wide:
                columns[place].append(bit)
                row_sum = row_sum + (bit.to(wide) << place)
        claims.append(row_sum == (_value(term, wide) << 2 * k) + (at_zero << 2 * k))
    claims.append(const(int(constants % 2**wide == 0), 1))
    adders = _Adders(netlist, columns)
    for height in (9, 6, 4, 3, 2):
        adders.reduce(height)
    claims += [*adders.claims, adders.opened(product) == adders.total()]
    given = [~terms[terms.width - 1]]
    return counterexample(all_of(claims), seconds, given, show={"terms": terms})


def _split(terms: Bits, width: int) -> list[Bits]:
    return [terms[(width + 2) * k : (width + 2) * (k + 1)] for k in range(width // 2 + 1)]


def _value(term: Bits, wide: int) -> Bits:
    """A term in one's complement as a number."""
    return term.to(wide, signed=True) + term[term.width - 1].to(wide)


def _row(term: Bits, k: int, *, last: bool) -> list[tuple[int, str | int]]:
    """Places, from the row's own weight, and what stands there: a bit of the term, or one made from its sign."""
    bits: list[tuple[int, str | int]] = [(place, place) for place in range(term.width - 1)]
    if last:
        return bits
    top = term.width - 1
    high = [SIGN, SIGN, SIGN_INVERTED] if k == 0 else [SIGN_INVERTED, ONE]
    return [*bits, *enumerate(high, start=top), (0, SIGN)]


def _bit(term: Bits, what: str | int) -> Bits:
    sign = term[term.width - 1]
    return {SIGN: sign, SIGN_INVERTED: ~sign, ONE: const(1, 1)}[what] if isinstance(what, str) else term[what]


class _Adders:
    """Dadda's steps over columns of bits; ``claims``: each adder's outputs are what its inputs say."""

    def __init__(self, netlist: Netlist, columns: list[list[Bits]]) -> None:
        self._netlist, self._columns = netlist, columns
        self._made: Counter[int] = Counter()
        self._nets: list[tuple[Bits, Bits]] = []
        self.claims: list[Bits] = []

    def reduce(self, height: int) -> None:
        """Adders until no column is higher."""
        after, carries, nets = [], [], []
        for c, waiting in enumerate(self._columns):
            left, made, next_carries = list(waiting), carries, []
            while len(left) + len(made) > height:
                count = 3 if len(left) + len(made) > height + 1 else 2
                x, y, z = (*left[:count], const(0, 1))[:3]
                left = left[count:]
                outputs = [("sum", x ^ y ^ z, made), ("carry", x & y | x & z | y & z, next_carries)]
                for kind, specified, bits in outputs[: 2 if c + 1 < len(self._columns) else 1]:
                    name = f"{PLACE}.{kind}_{c}_{self._made[c]}"
                    if name not in self._netlist.names:  # Yosys found it to be another net
                        bits.append(specified)
                        continue
                    net, bit = self._netlist.wire(name), free(name, 1)
                    self.claims.append(self.opened(net) == specified)
                    nets.append((net, bit))
                    bits.append(bit)
                self._made[c] += 1
            after.append(left + made)
            carries = next_carries
        self._columns = after
        self._nets += nets

    def opened(self, value: Bits) -> Bits:
        """The value with the outputs of adders as variables."""
        return opened(value, self._nets)

    def total(self) -> Bits:
        """The sum of the two rows that are left."""
        zero = const(0, 1)
        first, second = (concat(*[(*bits, zero, zero)[row] for bits in self._columns]) for row in range(2))
        return first + second
