"""Significand arrays as solver terms, from truth tables and the text of `axmac.model.spec.significand`."""

from axmac.model.spec import ArraySig
from proofs.terms import Bits, choose, concat, const, total

__all__ = ["array_product", "cell_outputs", "tile_product", "tile_sum"]


def cell_outputs(sig: ArraySig, row: int, column: int, nets: dict[str, Bits]) -> tuple[Bits, Bits]:
    """Sum and carry-out of the cell at a position; ``nets`` are pp, sum-in and carry by the letters p, s, c."""
    a, b, cin = (nets[letter] for letter in sig.wiring)
    cell = sig.cell_at(row, column)
    return _table(cell.sum, a, b, cin), _table(cell.cout, a, b, cin)


def _table(bits: str, *inputs: Bits) -> Bits:
    """A truth table read by its inputs, of which the first chooses between the upper and the lower half."""
    if not inputs:
        return const(int(bits), 1)
    half = len(bits) // 2
    return choose(inputs[0], _table(bits[half:], *inputs[1:]), _table(bits[:half], *inputs[1:]))


def tile_product(sig: ArraySig, a: Bits, b: Bits) -> Bits:
    """The 2t bits that one tile makes of t bits of the activation and t bits of the weight."""
    t = sig.tile
    by_row, by_column = (a, b) if sig.rows == "activation" else (b, a)
    sums = {(0, i): by_row[0] & by_column[i] for i in range(t)}
    couts: dict[tuple[int, int], Bits] = {}
    zero = const(0, 1)
    for j in range(1, t):
        for i in range(t):
            above = couts.get((j - 1, t - 1), zero) if sig.topology == "array" and i == t - 1 else zero
            carry = couts.get((j, i - 1) if sig.topology == "array" else (j - 1, i), zero)
            nets = {"p": by_row[j] & by_column[i], "s": sums.get((j - 1, i + 1), above), "c": carry}
            sums[j, i], couts[j, i] = cell_outputs(sig, j, i, nets)
    low = [sums[j, 0] for j in range(t)]
    last = [sums[t - 1, i] for i in range(1, t)]
    if sig.topology == "array":
        return concat(*low, *last, couts.get((t - 1, t - 1), zero))
    upper = concat(*last, zero) + concat(*(couts.get((t - 1, i), zero) for i in range(t)))
    return concat(*low, upper)


def tile_sum(sig: ArraySig, width: int, tiles: dict[tuple[int, int], Bits], product_width: int) -> Bits:
    """The products of the tiles (activation digit u, weight digit v), each at its weight t*(u + v), added up."""
    assert len(tiles) == (width // sig.tile) ** 2
    terms = [product.to(product_width) << sig.tile * (u + v) for (u, v), product in tiles.items()]
    return total(terms, product_width)


def array_product(sig: ArraySig, a: Bits, b: Bits, product_width: int) -> Bits:
    """The whole array: every pair of digits, then their sum."""
    t = sig.tile
    digits = range(a.width // t)
    tiles = {(u, v): tile_product(sig, a[t * u : t * u + t], b[t * v : t * v + t]) for u in digits for v in digits}
    return tile_sum(sig, a.width, tiles, product_width)
