"""Significand multipliers: two unsigned significands of width w become a product of 2w (or 2w + 1) bits."""

from amaranth.hdl import Module
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ArraySig, BoothSig
from axmac.model.spec.significand import SignificandSpec, product_width
from axmac.rtl.adder_tree import AdderTree
from axmac.rtl.blocks import Hierarchy, Level, add_block, chain, comb_level
from axmac.rtl.booth import BoothAdder, BoothMultiples
from axmac.rtl.tile import ArrayTile

__all__ = ["PlainProduct", "SignificandMultiplier", "TileArray", "significand_levels"]


class TileArray(wiring.Component):
    """The (w/t)^2 tiles of an array multiplier, side by side.

    Ports: ``sig_a`` (activation), ``sig_b`` (weight) in, w bits; ``terms`` out, one 2t-bit product per pair of digits
    in the order of `tile_pairs`. Combinational.
    """

    def __init__(self, spec: ArraySig, sig_width: int) -> None:
        self._spec = spec
        self._pairs = tile_pairs(sig_width // spec.tile)
        super().__init__(
            {
                "sig_a": In(sig_width),
                "sig_b": In(sig_width),
                "terms": Out(data.ArrayLayout(2 * spec.tile, len(self._pairs))),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """One tile per pair of digits."""
        m = Module()
        for k, (u, v) in enumerate(self._pairs):
            digits = {
                "a": self.sig_a.word_select(u, self._spec.tile),
                "b": self.sig_b.word_select(v, self._spec.tile),
            }
            tile = add_block(m, platform, f"tile_{u}_{v}", ArrayTile(self._spec), digits)
            m.d.comb += self.terms[k].eq(tile["p"])
        return m


class PlainProduct(wiring.Component):
    """The exact product as one ``*``; its structure is left to synthesis.

    Ports: ``sig_a``, ``sig_b`` in, w bits; ``product`` out, 2w bits. Combinational.
    """

    def __init__(self, sig_width: int) -> None:
        super().__init__({"sig_a": In(sig_width), "sig_b": In(sig_width), "product": Out(2 * sig_width)})

    def elaborate(self, _platform: object) -> Module:
        """Multiply."""
        m = Module()
        m.d.comb += self.product.eq(self.sig_a * self.sig_b)
        return m


class SignificandMultiplier(wiring.Component):
    """A significand multiplier on its own, for any width that the spec's tile divides.

    Ports: ``sig_a`` (activation), ``sig_b`` (weight) in, ``sig_width`` bits, unsigned; ``product`` out,
    ``product_width`` bits (2w, or 2w + 1 for arrays that can carry out). Combinational.
    """

    def __init__(self, spec: SignificandSpec, sig_width: int) -> None:
        self._spec = spec
        self._width = sig_width
        super().__init__(
            {
                "sig_a": In(sig_width),
                "sig_b": In(sig_width),
                "product": Out(product_width(spec, sig_width)),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Chain the levels of the multiplier."""
        m = Module()
        levels = significand_levels(self._spec, self._width)
        results = chain(m, platform, levels, {"sig_a": self.sig_a, "sig_b": self.sig_b}, {"product"}, comb_level)
        m.d.comb += self.product.eq(results["product"])
        return m


def tile_pairs(digits: int) -> list[tuple[int, int]]:
    """The pairs (activation digit u, weight digit v) by rising weight u + v."""
    return sorted(((u, v) for u in range(digits) for v in range(digits)), key=lambda pair: (sum(pair), pair))


def significand_levels(spec: SignificandSpec, sig_width: int) -> list[Level]:
    """The data path from ``sig_a`` and ``sig_b`` to ``product``: one level, or terms and then their addition."""
    width = product_width(spec, sig_width)
    if isinstance(spec, ArraySig):
        shifts = [spec.tile * (u + v) for u, v in tile_pairs(sig_width // spec.tile)]
        tree = AdderTree(shifts, 2 * spec.tile, width)
        return [{"tiles": TileArray(spec, sig_width)}, {"tile_adder": tree}]
    if isinstance(spec, BoothSig):
        return [{"booth_multiples": BoothMultiples(sig_width)}, {"booth_adder": BoothAdder(sig_width)}]
    return [{"multiply": PlainProduct(sig_width)}]
