"""Every named design: one constant each, with its source and its published error figures."""

from dataclasses import dataclass, field

from axmac.model.spec.cells import AMA5
from axmac.model.spec.formats import BFLOAT16, FLOAT32
from axmac.model.spec.multiplier import FpMul
from axmac.model.spec.significand import ArraySig, PlainSig

__all__ = ["DESIGNS", "Design"]

_PAPER = "Guesmi et al., Defensive Approximation, ASPLOS 2021"
_OURS = "variant of this project"


@dataclass(frozen=True)
class Design:
    """A named design: its spec, further names, a line that says what it is, its source, and figures as published.

    ``published`` maps a figure of ``axmac errors`` (``nmed``, ``ratio_of_means``, ``larger``) to the printed value.
    """

    spec: FpMul
    title: str
    source: str
    aliases: tuple[str, ...] = ()
    published: dict[str, float] = field(default_factory=dict)


def _tiles(number_format, tile, **options):
    return FpMul(number_format, ArraySig(AMA5, tile), **options)


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
    Design(_tiles(BFLOAT16, 4), "bfloat16 with 4x4 AMA5 tiles", _OURS),
)
