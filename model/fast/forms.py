"""Which units have a closed form, and its constants.

An array of AMA5 cells is wires only, so that its product is bilinear in the bits of both significands. For tiles of
width t it is (A the operand that makes the rows, B the other one; the tests compare it with the cells)

    P = (A & M0) * B + 2 * (A & ~M0) * (B & MT),    M0 = bits 0 mod t,  MT = bits t-1 mod t,

and for t = 1, as for every exact significand multiplier, P = A * B. Other cells, wirings and topologies have none here.
"""

from dataclasses import dataclass

from axmac.model.spec import AMA5, ArraySig, FloatFormat, FpMul

__all__ = ["Form", "closed_form"]

_SIG_WIDTH = 24


@dataclass(frozen=True)
class Form:
    """P = (X & x1) * (W & w1) + 2 * (X & x2) * (W & w2) for float32 significands X (activation) and W (weight).

    Operands of a narrower format are float32 values, so masks stand at the upper end of 24 bits and P at that of 48.
    ``halve``: a product P >= 2^48 is halved (the extra carry is lost); as P >= 2^47 in these units, every product of
    normal operands then has the exponent e_x + e_w + 1. ``nearest``: round to nearest even, otherwise truncate.
    ``operand`` and ``result`` give the limits of the exponents and the fraction that is kept.
    """

    x1: int
    w1: int
    x2: int
    w2: int
    halve: bool
    nearest: bool
    operand: FloatFormat
    result: FloatFormat

    @property
    def drop(self) -> int:
        """Fraction bits of float32 that the result format does not keep."""
        return _SIG_WIDTH - self.result.sig_width

    @property
    def exp_range(self) -> tuple[int, int]:
        """Smallest and largest exponent of a normal result."""
        return 1 - self.result.bias, self.result.bias

    @property
    def exact_in_float32(self) -> bool:
        """Whether float32 holds every significand product before rounding."""
        return 2 * self.operand.sig_width + 1 <= _SIG_WIDTH


def closed_form(spec: FpMul) -> Form | None:
    """The closed form of a unit, or None where there is none."""
    sig = spec.significand
    if spec.subnormals == "ieee":
        return None
    every = (1 << spec.format.sig_width) - 1
    if sig.exact:
        masks, tiled = (every, every, 0, 0), False
    elif _is_wires(sig):
        first = sum(1 << i for i in range(0, spec.format.sig_width, sig.tile))
        last = first << (sig.tile - 1)
        masks, tiled = (first, every, every & ~first, last), True
        if sig.rows == "weight":
            masks = (every, first, last, every & ~first)
    else:
        return None
    return Form(
        *(mask << (_SIG_WIDTH - spec.format.sig_width) for mask in masks),
        halve=tiled and spec.extra_carry == "lost",
        nearest=spec.rounding == "rne",
        operand=spec.format,
        result=spec.result_format,
    )


def _is_wires(sig: ArraySig) -> bool:
    return sig.cell == AMA5 and sig.cell_map is None and sig.topology == "array" and sig.wiring == "psc"
