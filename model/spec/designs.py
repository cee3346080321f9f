"""Every named design: one constant each, with its source and its published error figures."""

from dataclasses import dataclass, field

from axmac.model.spec.cells import AMA1, AMA2, AMA3, AMA4, AMA5, EXACT, FullAdder
from axmac.model.spec.formats import BFLOAT16, FLOAT32, INT8, UINT8, FloatFormat
from axmac.model.spec.ids import Multiplier
from axmac.model.spec.int_mul import IntMul
from axmac.model.spec.integer_products import Drum, ExactProduct, IntegerProduct, ScaleTrim, TruncatedProduct
from axmac.model.spec.multiplier import FpMul
from axmac.model.spec.significand import ArraySig, BoothSig, PlainSig, by_column

__all__ = ["DESIGNS", "Design"]

_PAPER = "Guesmi et al., Defensive Approximation, ASPLOS 2021"
_OURS = "variant of this project"
_DRUM = "Hashemi et al., DRUM, ICCAD 2015"
_SCALETRIM = "reconstruction of this project: scaleTRIM's text and constants are not public"


@dataclass(frozen=True)
class Design:
    """A named design: its spec, further names, a line that says what it is, its source, and figures as published.

    ``published`` maps a figure of ``axmac errors`` (``nmed``, ``ratio_of_means``, ``larger``) to the printed value.
    """

    spec: Multiplier
    title: str
    source: str
    aliases: tuple[str, ...] = ()
    published: dict[str, float] = field(default_factory=dict)


def _tiles(number_format: FloatFormat, tile: int, extra_carry: str = "lost") -> FpMul:
    return FpMul(number_format, ArraySig(AMA5, tile), extra_carry=extra_carry)


def _cells(cell: FullAdder, topology: str = "array") -> FpMul:
    return FpMul(BFLOAT16, ArraySig(cell, 8, topology=topology))


def _signs(product: IntegerProduct, title: str, source: str) -> tuple[Design, Design]:
    """A product of 8-bit magnitudes for unsigned and for signed operands."""
    return (
        Design(IntMul(UINT8, product), f"{title}, unsigned", source),
        Design(IntMul(INT8, product), f"{title}, sign-magnitude", source),
    )


def _scaletrim(h: int, segments: int) -> tuple[Design, Design]:
    constants = f"{segments} constants" if segments else "no constants"
    title = f"scaleTRIM({h}, {segments}), reconstructed: line in {h} fraction bits, {constants}"
    return _signs(ScaleTrim(h, segments), title, _SCALETRIM)


DESIGNS = (
    Design(
        FpMul(FLOAT32, PlainSig(), subnormals="ieee"),
        "exact float32, IEEE 754 in full",
        "IEEE 754-2019",
        aliases=("fp32",),
    ),
    Design(
        _tiles(FLOAT32, 4),
        "Ax-FPM: 4x4 AMA5 tiles, extra carry lost, as in the authors' released software",
        _PAPER,
        aliases=("ax_fpm",),
        published={"nmed": 0.08, "mred": 0.33, "larger": 0.96},
    ),
    Design(_tiles(FLOAT32, 4, extra_carry="counted"), "Ax-FPM with the 49th product bit counted", _OURS),
    Design(_tiles(FLOAT32, 1), "exact product, truncated", _OURS),
    Design(_tiles(FLOAT32, 2), "2x2 AMA5 tiles", _OURS),
    Design(_tiles(FLOAT32, 3), "3x3 AMA5 tiles", _OURS),
    Design(_tiles(FLOAT32, 6), "6x6 AMA5 tiles", _OURS),
    Design(_tiles(FLOAT32, 8), "8x8 AMA5 tiles", _OURS),
    Design(_tiles(FLOAT32, 12), "12x12 AMA5 tiles", _OURS),
    Design(_tiles(FLOAT32, 24), "one 24x24 AMA5 array: the weight rounded up to a power of two", _OURS),
    Design(
        FpMul(
            FLOAT32,
            ArraySig(AMA5, 4, rows="weight", wiring="spc", cell_map=by_column(4, AMA5, {6: EXACT})),
        ),
        "HEAP-like: 4x4 tiles, AMA5 but for an exact cell in column 6; matched to published statistics",
        f"{_PAPER}, appendix A; map of this project",
        aliases=("heap",),
        published={"nmed": 0.03, "mred": 0.12, "larger": 0.34},
    ),
    Design(
        FpMul(FLOAT32, BoothSig(), subnormals="ieee"),
        "exact float32, IEEE 754 in full, radix-4 Booth significand",
        "Booth 1951; MacSorley 1961",
    ),
    Design(
        FpMul(FLOAT32, ArraySig(EXACT, 24, topology="csa")),
        "exact product of carry-save rows, truncated",
        "definition",
    ),
    Design(
        FpMul(BFLOAT16, BoothSig()),
        "exact bfloat16, radix-4 Booth significand, rounded to nearest even",
        "Booth 1951; MacSorley 1961",
        aliases=("bf16",),
    ),
    Design(
        FpMul(BFLOAT16, BoothSig(), result_format=FLOAT32),
        "exact bfloat16 operands, float32 product for a float32 accumulator",
        "Booth 1951; MacSorley 1961",
    ),
    Design(_tiles(BFLOAT16, 4), "bfloat16 with 4x4 AMA5 tiles", _OURS),
    Design(_cells(EXACT), "bfloat16, exact product of ripple-carry rows, truncated", "definition"),
    Design(_cells(AMA1), "bfloat16 with one 8x8 AMA1 array", AMA1.source),
    Design(_cells(AMA2), "bfloat16 with one 8x8 AMA2 array", AMA2.source),
    Design(_cells(AMA3, "csa"), "bfloat16 with one 8x8 carry-save AMA3 array", AMA3.source),
    Design(_cells(AMA4, "csa"), "bfloat16 with one 8x8 carry-save AMA4 array", AMA4.source),
    *_signs(ExactProduct(), "exact 8-bit integers", "definition"),
    *_signs(TruncatedProduct(4), "8-bit array without its 4 lowest columns, not corrected", _OURS),
    *_signs(Drum(3), "DRUM(3): 3 bits from the leading one on", _DRUM),
    *_signs(Drum(4), "DRUM(4): 4 bits from the leading one on", _DRUM),
    *_scaletrim(3, 0),
    *_scaletrim(4, 0),
    *_scaletrim(4, 4),
    *_scaletrim(4, 8),
)
