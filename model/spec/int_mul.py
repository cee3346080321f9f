"""Integer multipliers: operand format and product of magnitudes; and the ids that name them."""

import hashlib
import re
from dataclasses import dataclass

from axmac.model.spec.errors import InputError
from axmac.model.spec.formats import IntFormat
from axmac.model.spec.imported import ImportedProduct
from axmac.model.spec.integer_products import Drum, ExactProduct, IntegerProduct, ScaleTrim, TruncatedProduct

__all__ = ["IntMul", "looks_integer", "parse_int_id"]

_WIDTHS = range(4, 17)

_LOOKS_INTEGER = re.compile(r"[us][0-9]{1,3}_.*", re.DOTALL)
_NUMBER = r"(0|[1-9][0-9]{0,2})"
_FORMAT = re.compile(rf"([us]){_NUMBER}_(.*)")
_PRODUCTS = (
    (re.compile(r"exact"), ExactProduct),
    (re.compile(rf"trunc_k{_NUMBER}"), TruncatedProduct),
    (re.compile(rf"drum_k{_NUMBER}"), Drum),
    (re.compile(rf"scaletrim_h{_NUMBER}_m{_NUMBER}"), ScaleTrim),
)


@dataclass(frozen=True, repr=False)
class IntMul:
    """An integer multiplier of two operands of n bits, n = 4 to 16. Operand 1 is the activation, operand 2 the weight.

    An imported product (n = 2 to 12) takes and gives patterns as they are. With any other, signed operands are in
    two's complement and multiplied as sign and magnitude: the magnitude of -2^(n-1) is 2^(n-1), which fits n bits; the
    product of the magnitudes is negated where the signs differ. The result has 2n bits, which no product leaves.
    Raises ``TypeError`` and ``InputError``.
    """

    format: IntFormat
    product: IntegerProduct

    def __post_init__(self) -> None:
        if not isinstance(self.format, IntFormat):
            raise TypeError(f"format must be an IntFormat, not {self.format!r}")
        if not isinstance(self.product, IntegerProduct):
            raise TypeError(f"product must be a product of integers, not {self.product!r}")
        if self.format.width not in _WIDTHS and not isinstance(self.product, ImportedProduct):
            raise InputError(f"operands must have {_WIDTHS[0]} to {_WIDTHS[-1]} bits, not {self.format.width}")
        self.product.check(self.format)

    @property
    def id(self) -> str:
        """The name of files, Verilog modules, table rows and command-line arguments; no two specs share one."""
        label = self.product.label
        return label if isinstance(self.product, ImportedProduct) else f"{self.format.name}_{label}"

    @property
    def result_format(self) -> IntFormat:
        """Twice the width, and signed like the operands."""
        return IntFormat(2 * self.format.width, signed=self.format.signed)

    @property
    def note(self) -> str:
        """What has to be said wherever the unit appears; empty for most."""
        return getattr(self.product, "note", "")

    @property
    def sha256(self) -> str:
        """SHA-256 of the text that constructs this spec."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"IntMul({self.format!r}, {self.product!r})"


def looks_integer(text: str) -> bool:
    """Whether a text begins as the ids of integer multipliers do."""
    return _LOOKS_INTEGER.fullmatch(text) is not None


def parse_int_id(text: str) -> IntMul:
    """The spec that an id names. Raises ``InputError`` for a text that is no id, and for values that do not fit."""
    found = _FORMAT.fullmatch(text)
    for pattern, product in _PRODUCTS if found else ():
        match = pattern.fullmatch(found[3])
        if match:
            number_format = IntFormat(int(found[2]), signed=found[1] == "s")
            return IntMul(number_format, product(*map(int, match.groups())))
    ways = "exact, trunc_k<columns>, drum_k<k> or scaletrim_h<h>_m<segments>"
    raise InputError(f"unknown unit {text!r}: an integer unit is u<bits>_ or s<bits>_ and {ways}")
