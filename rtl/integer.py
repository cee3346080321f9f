"""The data paths of integer multipliers: magnitudes | product of the magnitudes | sign."""

from amaranth.hdl import ValueLike

from axmac.model.spec import Drum, ExactProduct, ImportedProduct, IntMul, ScaleTrim, TruncatedProduct
from axmac.rtl.adder_tree import AdderTree
from axmac.rtl.blocks import Level, Values
from axmac.rtl.foreign import ForeignProduct
from axmac.rtl.integer_blocks import (
    ApplySign,
    Fractions,
    LeadingOnes,
    Line,
    Magnitudes,
    Rows,
    Scale,
    Segments,
)
from axmac.rtl.significand import PlainProduct

__all__ = ["integer_path", "integer_stages"]

_LEVELS = {ExactProduct: 1, TruncatedProduct: 2, Drum: 4, ScaleTrim: 4, ImportedProduct: 1}
"""Levels between magnitudes and sign."""


def integer_stages(spec: IntMul) -> int:
    """The largest number of pipeline stages: one register after each level of the data path."""
    return 2 + _LEVELS[type(spec.product)]


def integer_path(spec: IntMul, a: ValueLike, b: ValueLike) -> tuple[list[Level], Values, str]:
    """The levels of the data path, the values that it starts from, and the name of the port that it ends in.

    exact: the product, left to synthesis. Truncated: rows | their sum. DRUM: leading ones | segments | their product |
    shift. scaleTRIM: leading ones | fractions | line | shift. The levels in front and behind hold the signs; unsigned
    units have nothing there, so that a register may still stand at operands and result. Imported: the foreign module,
    which takes patterns of both signs, and nothing in front and behind.
    """
    if isinstance(spec.product, ImportedProduct):
        return [{}, {"foreign": ForeignProduct(spec)}, {}], {"a": a, "b": b}, "p"
    body, names, output = _magnitude_path(spec)
    if not spec.format.signed:
        return [{}, *body, {}], dict(zip(names, (a, b), strict=True)), output
    signs = {"magnitudes": Magnitudes(spec.format, names)}, {"sign": ApplySign(spec.format, output)}
    return [signs[0], *body, signs[1]], {"a": a, "b": b}, "p"


def _magnitude_path(spec: IntMul) -> tuple[list[Level], tuple[str, str], str]:
    """Levels, names of the magnitudes, and name of their product."""
    width, product, names = spec.format.width, spec.product, ("mag_a", "mag_b")
    if isinstance(product, ExactProduct):
        return [{"multiply": PlainProduct(width)}], ("sig_a", "sig_b"), "product"
    if isinstance(product, TruncatedProduct):
        return (
            [{"rows": Rows(product, width)}, {"row_adder": AdderTree(range(width), width, 2 * width)}],
            names,
            "product",
        )
    first = {"leading_ones": LeadingOnes(width)}
    if isinstance(product, Drum):
        scale = Scale(("product", 2 * product.k), ("shift_a", "shift_b"), width - product.k, width)
        return (
            [first, {"segments": Segments(product, width)}, {"multiply": PlainProduct(product.k)}, {"scale": scale}],
            names,
            "mag_p",
        )
    line = "line", product.frac_width + 2
    scale = Scale(line, ("lead_a", "lead_b"), width - 1, width, right=product.frac_width, zero=True)
    return [first, {"fractions": Fractions(product, width)}, {"line": Line(product)}, {"scale": scale}], names, "mag_p"
