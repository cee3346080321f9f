"""Multiply-accumulate units: a multiplier, an accumulator format and the order of the additions."""

from dataclasses import dataclass

from axmac.model.spec.errors import InputError
from axmac.model.spec.multiplier import FpMul

__all__ = ["Mac"]


@dataclass(frozen=True)
class Mac:
    """A dot product: acc = +0; for k in order: acc = RNE(acc + product_k). A bias is added once, at the end.

    ``acc`` names the accumulator, ``float32``. ``order`` is ``sequential``: k = 0, 1, 2 and so on, as a systolic
    column does it. Raises ``TypeError`` and ``InputError``.
    """

    mul: FpMul
    acc: str = "float32"
    order: str = "sequential"

    def __post_init__(self) -> None:
        if not isinstance(self.mul, FpMul):
            raise TypeError(f"mul must be a multiplier spec, not {self.mul!r}")
        if self.acc != "float32":
            raise InputError(f"acc must be 'float32', not {self.acc!r}")
        if self.order != "sequential":
            raise InputError(f"order must be 'sequential', not {self.order!r}")

    @property
    def id(self) -> str:
        """Multiplier, accumulator and order in one word, as results name it."""
        return f"{self.mul.id}+{self.acc}.{self.order}"
