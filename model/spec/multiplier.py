"""Floating-point multipliers: format, significand multiplier, rounding, result format; and the ids that name them."""

import hashlib
import re
from dataclasses import dataclass

from axmac.model.spec.cells import CELLS, FullAdder
from axmac.model.spec.errors import InputError
from axmac.model.spec.formats import FLOAT32, FloatFormat, format_named
from axmac.model.spec.significand import ArraySig, BoothSig, PlainSig, SignificandSpec, product_width

__all__ = ["FpMul", "parse_fp_id"]

_ID = re.compile(
    r"(?P<format>[a-z0-9]+)_"
    r"(?:(?P<ieee>ieee)(?:_(?P<ieee_sig>booth))?|(?P<exact>plain|booth)|"
    r"(?P<topology>array|csa)_(?P<cell>[a-z0-9]+)_t(?P<tile>[1-9][0-9]{0,2}))"
    r"(?P<xc>_xc)?(?:_(?P<rounding>rne|rtz))?(?P<to>_to_fp32)?(?:_w(?P<wiring>[psc]{3}))?(?P<rw>_rw)?"
)


@dataclass(frozen=True, repr=False)
class FpMul:
    """A floating-point multiplier. The first operand is the activation, the second the weight.

    ``rounding``: ``rtz`` truncates the product, ``rne`` rounds to nearest even. Default: ``rtz`` for arrays of cells,
    ``rne`` for exact significand products and for IEEE 754.
    ``extra_carry``: what a product P >= 2^(2w) of width-w significands does, fraction P[2w:w+1] in both cases:
    ``lost`` adds 1 to the exponent, so that the value is halved, ``counted`` adds 2.
    ``result_format``: ``format``, or FLOAT32 for a bfloat16 or float16 multiplier that feeds a float32 accumulator.
    ``subnormals``: ``flush`` reads subnormal operands as zero and turns results below the normal range into zero;
    ``ieee`` keeps them and takes an exact significand product with ``rne``.
    Raises ``TypeError`` and ``InputError``.
    """

    format: FloatFormat
    significand: SignificandSpec
    rounding: str = ""
    extra_carry: str = "lost"
    result_format: FloatFormat | None = None
    subnormals: str = "flush"

    def __post_init__(self) -> None:
        if not isinstance(self.format, FloatFormat):
            raise TypeError(f"format must be a FloatFormat, not {self.format!r}")
        if not isinstance(self.significand, SignificandSpec):
            raise TypeError(f"significand must be a significand multiplier, not {self.significand!r}")
        if self.rounding == "":
            object.__setattr__(self, "rounding", self._default_rounding)
        if self.result_format is None:
            object.__setattr__(self, "result_format", self.format)
        for field, allowed in (
            ("rounding", ("rtz", "rne")),
            ("extra_carry", ("lost", "counted")),
            ("subnormals", ("flush", "ieee")),
            ("result_format", (self.format, FLOAT32)),
        ):
            if getattr(self, field) not in allowed:
                choices = " or ".join(map(repr, dict.fromkeys(allowed)))
                raise InputError(f"{field} must be {choices}, not {getattr(self, field)!r}")
        self._check_significand()

    def _check_significand(self) -> None:
        sig_width = self.format.sig_width
        if isinstance(self.significand, ArraySig) and sig_width % self.significand.tile:
            tile = self.significand.tile
            divisors = [t for t in range(1, sig_width + 1) if sig_width % t == 0]
            width = f"the significand width {sig_width} of {self.format.name}"
            raise InputError(f"tile {tile} does not divide {width}: use one of {divisors}")
        if self.subnormals == "ieee" and (isinstance(self.significand, ArraySig) or self.rounding != "rne"):
            raise InputError("subnormals='ieee' needs PlainSig() or BoothSig() and rounding 'rne'")
        if self.extra_carry == "counted" and not isinstance(self.significand, ArraySig):
            raise InputError("extra_carry='counted' needs an array of cells: an exact product has no extra carry")

    @property
    def _default_rounding(self) -> str:
        return "rtz" if isinstance(self.significand, ArraySig) else "rne"

    @property
    def id(self) -> str:
        """The name of files, Verilog modules, table rows and command-line arguments; no two specs share one."""
        label = self.significand.label
        if self.subnormals == "ieee":
            label = "ieee" if label == "plain" else f"ieee_{label}"
        parts = [self.format.name, "_", label]
        if self.extra_carry == "counted":
            parts.append("_xc")
        if self.rounding != self._default_rounding:
            parts.append(f"_{self.rounding}")
        if self.result_format != self.format:
            parts.append(f"_to_{self.result_format.name}")
        return "".join([*parts, self.significand.suffix])

    @property
    def product_width(self) -> int:
        """Bits of the significand product before normalisation: 2w, and one more for arrays that can carry out."""
        return product_width(self.significand, self.format.sig_width)

    @property
    def sha256(self) -> str:
        """SHA-256 of the text that constructs this spec."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def __repr__(self) -> str:
        options = []
        if self.rounding != self._default_rounding:
            options.append(f"rounding={self.rounding!r}")
        if self.extra_carry != "lost":
            options.append(f"extra_carry={self.extra_carry!r}")
        if self.result_format != self.format:
            options.append(f"result_format={self.result_format!r}")
        if self.subnormals != "flush":
            options.append(f"subnormals={self.subnormals!r}")
        return f"FpMul({', '.join([repr(self.format), repr(self.significand), *options])})"


def parse_fp_id(text: str) -> FpMul:
    """The spec that an id names. A cell map stands in an id as a hash only, so such ids are found in the catalog only.

    Raises ``InputError`` for a text that is no id, and for an id whose values do not fit each other.
    """
    match = _ID.fullmatch(text)
    if match is None:
        raise InputError(f"unknown unit {text!r}: `axmac list` shows the units and how ids are built")
    number_format = format_named(match["format"])
    if match["topology"]:
        significand = ArraySig(
            _cell_named(match["cell"]),
            int(match["tile"]),
            topology=match["topology"],
            rows="weight" if match["rw"] else "activation",
            wiring=match["wiring"] or "psc",
        )
    else:
        significand = BoothSig() if "booth" in (match["exact"], match["ieee_sig"]) else PlainSig()
    spec = FpMul(
        number_format,
        significand,
        rounding=match["rounding"] or "",
        extra_carry="counted" if match["xc"] else "lost",
        result_format=FLOAT32 if match["to"] else None,
        subnormals="ieee" if match["ieee"] else "flush",
    )
    if spec.id != text:
        raise InputError(f"unknown unit {text!r}: written in full it is {spec.id!r}")
    return spec


def _cell_named(name: str) -> FullAdder:
    if name in CELLS:
        return CELLS[name]
    if re.fullmatch(r"c[0-9a-f]{4}", name):
        return FullAdder(f"{int(name[1:3], 16):08b}", f"{int(name[3:5], 16):08b}")
    raise InputError(f"unknown cell {name!r}: use one of {', '.join(CELLS)} or c<sum><cout> in hex")
