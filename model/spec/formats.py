"""Number formats: widths, biases and special bit patterns."""

from dataclasses import dataclass

from axmac.model.spec.errors import InputError

__all__ = ["BFLOAT16", "FLOAT16", "FLOAT32", "INT8", "UINT8", "FloatFormat", "IntFormat", "format_named"]

_FLOAT_NAMES = {(8, 24): "fp32", (8, 8): "bf16", (5, 11): "fp16"}
_FLOAT_CONSTANTS = {(8, 24): "FLOAT32", (8, 8): "BFLOAT16", (5, 11): "FLOAT16"}
_INT_CONSTANTS = {(8, True): "INT8", (8, False): "UINT8"}


@dataclass(frozen=True, repr=False)
class FloatFormat:
    """A binary interchange format in the manner of IEEE 754: sign, biased exponent, fraction.

    ``exp_width`` is the width of the biased exponent, ``sig_width`` that of the significand with its hidden bit.
    Raises ``TypeError`` for widths that are not integers and ``InputError`` for widths out of range or more than 32
    bits in all.
    """

    exp_width: int
    sig_width: int

    def __post_init__(self) -> None:
        for field, low, high in (("exp_width", 2, 11), ("sig_width", 2, 24)):
            value = getattr(self, field)
            if not isinstance(value, int):
                raise TypeError(f"{field} must be an integer, not {value!r}")
            if not low <= value <= high:
                raise InputError(f"{field} must be {low} to {high}, not {value!r}")
        if self.width > 32:
            raise InputError(f"a format must have at most 32 bits, not {self.width}")

    @property
    def name(self) -> str:
        """Short name as it stands in ids: ``fp32``, ``bf16``, ``fp16``, otherwise ``e<exp_width>f<frac_width>``."""
        return _FLOAT_NAMES.get((self.exp_width, self.sig_width), f"e{self.exp_width}f{self.frac_width}")

    @property
    def width(self) -> int:
        """All bits of a pattern."""
        return 1 + self.exp_width + self.frac_width

    @property
    def frac_width(self) -> int:
        """The stored bits of the significand."""
        return self.sig_width - 1

    @property
    def bias(self) -> int:
        """What a biased exponent exceeds its exponent by."""
        return (1 << (self.exp_width - 1)) - 1

    @property
    def exp_special(self) -> int:
        """The biased exponent of infinities and NaN: all ones."""
        return (1 << self.exp_width) - 1

    @property
    def sign_mask(self) -> int:
        """The pattern of -0."""
        return 1 << (self.width - 1)

    @property
    def frac_mask(self) -> int:
        """All ones in the fraction."""
        return (1 << self.frac_width) - 1

    @property
    def inf(self) -> int:
        """The pattern of +inf."""
        return self.exp_special << self.frac_width

    @property
    def nan(self) -> int:
        """The canonical quiet NaN, ``0x7fc00000`` in float32."""
        return self.inf | 1 << (self.frac_width - 1)

    def __repr__(self) -> str:
        constant = _FLOAT_CONSTANTS.get((self.exp_width, self.sig_width))
        return constant or f"FloatFormat({self.exp_width}, {self.sig_width})"


@dataclass(frozen=True, repr=False)
class IntFormat:
    """Integers of ``width`` bits, 2 to 32; two's complement where ``signed``.

    Raises ``TypeError`` and ``InputError``.
    """

    width: int
    signed: bool

    def __post_init__(self) -> None:
        if not isinstance(self.width, int) or isinstance(self.width, bool):
            raise TypeError(f"width must be an integer, not {self.width!r}")
        if not isinstance(self.signed, bool):
            raise TypeError(f"signed must be True or False, not {self.signed!r}")
        if not 2 <= self.width <= 32:
            raise InputError(f"width must be 2 to 32, not {self.width!r}")

    @property
    def name(self) -> str:
        """Short name as it stands in ids: ``u8``, ``s8``."""
        return f"{'s' if self.signed else 'u'}{self.width}"

    @property
    def min(self) -> int:
        """The least value."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        """The largest value."""
        return (1 << (self.width - self.signed)) - 1

    @property
    def largest_magnitude(self) -> int:
        """The largest absolute value; it has ``width`` bits in both cases."""
        return max(-self.min, self.max)

    def __repr__(self) -> str:
        constant = _INT_CONSTANTS.get((self.width, self.signed))
        return constant or f"IntFormat({self.width}, signed={self.signed})"


FLOAT32 = FloatFormat(8, 24)
BFLOAT16 = FloatFormat(8, 8)
FLOAT16 = FloatFormat(5, 11)
INT8 = IntFormat(8, signed=True)
UINT8 = IntFormat(8, signed=False)


def format_named(name: str) -> FloatFormat:
    """The float format of a short name (``fp32``, ``bf16``, ``fp16``, ``e5f2``); ``InputError`` for any other."""
    for (exp_width, sig_width), known in _FLOAT_NAMES.items():
        if name == known:
            return FloatFormat(exp_width, sig_width)
    exp_text, _, frac_text = name.removeprefix("e").partition("f")
    if name.startswith("e") and exp_text.isdecimal() and frac_text.isdecimal():
        made = FloatFormat(int(exp_text), int(frac_text) + 1)
        if made.name == name:
            return made
    raise InputError(f"unknown number format {name!r}: use {', '.join(_FLOAT_NAMES.values())} or e<exp>f<frac>")
