"""What is proven of a significand netlist, for all pairs of significands.

The terms of the product (tiles; for Booth multiples see `proofs.booth`) equal their specification, and the adders add
them as integers; so the product is the sum of the specified terms. What follows for the product as a number: for
bilinear arrays a closed form, for exact ones A * B.
"""

from collections.abc import Callable

from axmac.gen import generate
from axmac.model.spec import ArraySig, BoothSig, FpMul, PlainSig
from proofs.arrays import cell_outputs, tile_product
from proofs.netlist import Netlist
from proofs.solver import counterexample, opened
from proofs.terms import Bits, all_of, concat, const, free

__all__ = [
    "LAST_LEVEL",
    "digit_pairs",
    "plain_product",
    "significand_netlist",
    "terms_are_added",
    "tiles",
    "tiles_by_cell",
]

LAST_LEVEL = {ArraySig: "tile_adder", BoothSig: "booth_adder", PlainSig: "multiply"}
"""The instance that drives the significand product, in the core of a multiplier."""

Verilog = Callable[[FpMul], str]


def significand_netlist(spec: FpMul, verilog: Verilog = generate) -> Netlist:
    """The core of a unit with the significands as free inputs."""
    return Netlist(verilog(spec), spec.id, ("unpack",))


def digit_pairs(spec: FpMul) -> list[tuple[int, int]]:
    """Digits (u, v) of activation and weight, in the order in which the netlist lists its tiles."""
    digits = range(spec.format.sig_width // spec.significand.tile)
    return sorted(((u, v) for u in digits for v in digits), key=lambda pair: (sum(pair), pair))


def tiles(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """Every tile equals its specification; a counterexample otherwise."""
    netlist, sig = significand_netlist(spec, verilog), spec.significand
    a, b, t = netlist.wire("sig_a"), netlist.wire("sig_b"), sig.tile
    specified = [tile_product(sig, a[t * u : t * u + t], b[t * v : t * v + t]) for u, v in digit_pairs(spec)]
    return counterexample(netlist.wire("terms") == concat(*specified), seconds, show={"sig_a": a, "sig_b": b})


def tiles_by_cell(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """The same for one tile of the full width that is too deep for a solver: cell by cell.

    Each cell's outputs equal its truth table of what its inputs carry, whatever that is; the array has no loop, so that
    all nets equal the specified ones. Then the last row, as specified, gives the product.
    """
    sig, t = spec.significand, spec.significand.tile
    place = "tiles.tile_0_0."
    netlist = significand_netlist(spec, verilog)
    a, b, zero = netlist.wire("sig_a"), netlist.wire("sig_b"), const(0, 1)
    by_row, by_column = (a, b) if sig.rows == "activation" else (b, a)
    seen = {("sum", 0, i): by_row[0] & by_column[i] for i in range(t)}
    claims, nets_seen = [], []
    for j in range(1, t):
        for i in range(t):
            above = seen.get(("cout", j - 1, t - 1), zero) if sig.topology == "array" and i == t - 1 else zero
            carry = seen.get(("cout", j, i - 1) if sig.topology == "array" else ("cout", j - 1, i), zero)
            nets = {"p": by_row[j] & by_column[i], "s": seen.get(("sum", j - 1, i + 1), above), "c": carry}
            new = []
            for kind, specified in zip(("sum", "cout"), cell_outputs(sig, j, i, nets), strict=True):
                name = f"{place}{kind}_{j}_{i}"
                if name in netlist.names:
                    claims.append(opened(netlist.wire(name), nets_seen) == specified)
                    seen[kind, j, i] = free(name, 1)
                    new.append((netlist.wire(name), seen[kind, j, i]))
                else:  # no net of its own: Yosys found it to be another net
                    seen[kind, j, i] = specified
            nets_seen += new
    low = [seen["sum", j, 0] for j in range(t)]
    last, couts = [seen["sum", t - 1, i] for i in range(1, t)], [seen["cout", t - 1, i] for i in range(t)]
    upper = concat(*last, couts[-1]) if sig.topology == "array" else concat(*last, zero) + concat(*couts)
    claims.append(opened(netlist.wire("terms"), nets_seen) == concat(*low, upper))
    return counterexample(all_of(claims), seconds, show={"sig_a": a, "sig_b": b})


def terms_are_added(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """The product is the sum of the tiles' products at their weights, modulo 2^width: adder by adder.

    Each adder's sum, at its weight, is the sum of what it reads, whatever that is; by induction from the terms to the
    product, the product is the sum of all terms.
    """
    place = LAST_LEVEL[type(spec.significand)]
    netlist = Netlist(verilog(spec), spec.id, ("tiles",))
    product, terms = netlist.wire("product"), netlist.wire("terms")
    shifts = [spec.significand.tile * (u + v) for u, v in digit_pairs(spec)]
    term_width = terms.width // len(shifts)

    def at_weight(value: Bits, shift: int) -> Bits:
        return value.to(product.width + value.width)[: product.width] << shift

    level = [(shift, terms[term_width * k : term_width * (k + 1)]) for k, shift in enumerate(shifts)]
    claims, nets, depth = [], [], 0
    while len(level) > 1:
        depth += 1
        above = level[len(level) & ~1 :]
        sums, new = [], []
        for k in range(len(level) // 2):
            name = f"{place}.sum_{depth}_{k}"
            is_root = len(level) == 2 and name not in netlist.names  # Yosys joined it with the product
            driven = product if is_root else netlist.wire(name)
            pair = level[2 * k : 2 * k + 2]
            shift = min(pair[0][0], pair[1][0])
            added = at_weight(pair[0][1], pair[0][0]) + at_weight(pair[1][1], pair[1][0])
            claims.append(at_weight(opened(driven, nets), shift) == added)
            sums.append((shift, free(name, driven.width)))
            new.append((driven, sums[-1][1]))
        level, nets = sums + above, nets + new
    claims.append(opened(product, nets) == at_weight(level[0][1], level[0][0]))
    return counterexample(all_of(claims), seconds, show={"terms": terms})


def plain_product(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """The product is A * B, by the solver alone: for a plain product of any width, for others at few bits."""
    netlist = significand_netlist(spec, verilog)
    a, b, product = netlist.wire("sig_a"), netlist.wire("sig_b"), netlist.wire("product")
    return counterexample(product == a.to(product.width) * b.to(product.width), seconds, show={"sig_a": a, "sig_b": b})
