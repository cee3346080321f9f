"""What the sum of the terms is as a number: a bilinear form with a closed form, or the exact product.

Two bilinear forms are equal everywhere when they agree on all pairs (2^i, 2^j). That says nothing about a netlist which
is not bilinear, such as one with a product of three bits; so bilinearity is proven first, on the netlist.
"""

from collections.abc import Callable

from axmac.gen import generate
from axmac.model.spec import AMA5, ArraySig, FpMul, catalog
from proofs.significands import digit_pairs, significand_netlist
from proofs.solver import counterexample, evaluated, substituted
from proofs.terms import Bits, all_of, const, free, total

__all__ = ["agrees_on_powers", "bilinear", "exact_by_weights", "heap_form", "is_bilinear_family", "tile_form"]

Verilog = Callable[[FpMul], str]
ClosedForm = Callable[[Bits, Bits, int], Bits]


def is_bilinear_family(spec: FpMul) -> bool:
    """Whether a closed form is known for this unit: AMA5 tiles in the default wiring and orientation, and HEAP-like."""
    sig = spec.significand
    if not isinstance(sig, ArraySig) or sig.topology != "array" or sig.cell != AMA5:
        return False
    return spec == catalog["heap"] or (sig.cell_map is None and (sig.rows, sig.wiring) == ("activation", "psc"))


def tile_form(a: Bits, b: Bits, tile: int) -> Bits:
    """P = (A & M0) * B + 2 * (A & ~M0) * (B & MT) of AMA5 tiles, on operands extended to the width of P."""
    low = sum(1 << k for k in range(0, a.width, tile))
    top = low << tile - 1
    return (a & low) * b + (((a & ~const(low, a.width)) * (b & top)) << 1)


def heap_form(a: Bits, b: Bits, _tile: int) -> Bits:
    """P = (A & 0x111111) * (B & 0x777777) + A * (B & 0x888888) + 2 * (A & 0x888888) * (B & 0x444444)."""
    return (a & 0x111111) * (b & 0x777777) + a * (b & 0x888888) + (((a & 0x888888) * (b & 0x444444)) << 1)


def bilinear(spec: FpMul, seconds: float, verilog: Verilog = generate) -> dict[str, int] | None:
    """Every tile's product, as a number, is a sum of partial products with fixed weights; and no sum of tiles wraps.

    In an array of AMA5 cells alone, every bit of a tile is one partial product or 0: proven bit by bit. Otherwise the
    tile as a number equals the sum over (i, j) of tile(2^i, 2^j) * a_i * b_j, for all digits.
    """
    netlist, t = significand_netlist(spec, verilog), spec.significand.tile
    a, b, terms, product = (netlist.wire(name) for name in ("sig_a", "sig_b", "terms", "product"))
    wires_only = spec.significand.cell_map is None
    claims, bound, wide = [], 0, 4 * t + 2
    for k, (u, v) in enumerate(digit_pairs(spec)):
        tile = terms[2 * t * k : 2 * t * (k + 1)]
        powers = {(i, j): _at_powers(tile, a, b, i, j) for i in _digit(t, u) for j in _digit(t, v)}
        bound += sum(powers.values()) << t * (u + v)
        if wires_only:
            for bit in range(2 * t):
                ones = [pair for pair, value in powers.items() if value >> bit & 1]
                partial_product = a[ones[0][0]] & b[ones[0][1]] if ones else const(0, 1)
                claims.append(tile[bit] == partial_product)
        else:
            parts = [(a[i] & b[j]).to(wide) * value for (i, j), value in powers.items() if value]
            claims.append(tile.to(wide) == total(parts, wide))
    claims.append(const(bound < 1 << product.width, 1))
    return counterexample(all_of(claims), seconds, show={"sig_a": a, "sig_b": b})


def _digit(tile: int, digit: int) -> range:
    return range(tile * digit, tile * digit + tile)


def _at_powers(value: Bits, a: Bits, b: Bits, i: int, j: int) -> int:
    return evaluated(substituted(value, [(a, const(1 << i, a.width)), (b, const(1 << j, b.width))]))


def agrees_on_powers(
    spec: FpMul, form: ClosedForm, seconds: float, verilog: Verilog = generate
) -> dict[str, int] | None:
    """The product is ``form(A, B, tile)`` for all w * w pairs (2^i, 2^j)."""
    netlist = significand_netlist(spec, verilog)
    a, b, product = (netlist.wire(name) for name in ("sig_a", "sig_b", "product"))
    width, tile = a.width, spec.significand.tile
    i, j, one = free("i", width), free("j", width), const(1, width)
    at_powers = substituted(product, [(a, one << i), (b, one << j)])
    wanted = form((one << i).to(product.width), (one << j).to(product.width), tile)
    return counterexample(at_powers == wanted, seconds, [i < width, j < width], {"i": i, "j": j})


def exact_by_weights(sig: ArraySig) -> bool:
    """Whether one tile of exact cells multiplies, for any operands of its width, by adding up equations.

    Each cell gives a + b + cin = sum + 2 * cout (its eight rows); put together, all carries must cancel and partial
    product (j, i) must stand at weight 2^(i + j), modulo 2^(2t).
    """
    t, modulus = sig.tile, 1 << 2 * sig.tile
    cells = {sig.cell_at(j, i) for j in range(1, t) for i in range(t)}
    ones = [row.bit_count() for row in range(8)]
    if any([int(cell.sum[r]) + 2 * int(cell.cout[r]) for r in range(8)] != ones for cell in cells):
        return False
    ripple = sig.topology == "array"
    sums = {(0, i): {("pp", 0, i): 1} for i in range(t)}
    for j in range(1, t):
        for i in range(t):
            above = ("cout", j - 1, t - 1) if ripple and i == t - 1 and j > 1 else None
            carry = (("cout", j, i - 1) if i else None) if ripple else (("cout", j - 1, i) if j > 1 else None)
            form = dict(sums.get((j - 1, i + 1), {above: 1} if above else {}))
            for net, count in ((("pp", j, i), 1), (carry, 1), (("cout", j, i), -2)):
                if net:
                    form[net] = form.get(net, 0) + count
            sums[j, i] = form
    weighted = [(sums[j, 0], 1 << j) for j in range(t)] + [(sums[t - 1, i], 1 << t - 1 + i) for i in range(1, t)]
    last_couts = [t - 1] if ripple else range(t)
    weighted += [({("cout", t - 1, i): 1}, 1 << t + i) for i in last_couts]
    product: dict[tuple, int] = {}
    for form, weight in weighted:
        for net, count in form.items():
            product[net] = (product.get(net, 0) + count * weight) % modulus
    left = {net: count for net, count in product.items() if count}
    return left == {("pp", j, i): 1 << i + j for j in range(t) for i in range(t)}
