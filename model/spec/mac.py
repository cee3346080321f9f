"""Multiply-accumulate units: a multiplier, an accumulator format and the order of the additions."""

from dataclasses import dataclass

from axmac.model.spec.errors import InputError
from axmac.model.spec.int_mul import IntMul
from axmac.model.spec.multiplier import FpMul

__all__ = ["Mac"]


@dataclass(frozen=True)
class Mac:
    """A dot product: acc = +0; for k in order: acc = RNE(acc + product_k). A bias is added once, at the end.

    ``acc`` names the accumulator, ``order`` the order of the additions. Every product is that of ``mul``, bit for bit;
    the sum is bit-exact to

    ``float32``, ``sequential`` (default): a systolic column of the RTL, k = 0, 1, 2 and so on.
    ``float64``, ``sequential``: the same additions in float64, and one rounding to float32 at the end, as software that
    sums in double precision does it. No RTL of this project has that accumulator.
    ``int32``, ``sequential`` (default and only choice of integer multipliers): exact additions modulo 2^32, so that the
    order has no part in the sum.
    ``float32``, ``native``: nothing; the order is whatever is quickest, and may change with threads, batch and machine.

    Raises ``TypeError`` and ``InputError``.
    """

    mul: FpMul | IntMul
    acc: str = ""
    order: str = "sequential"

    def __post_init__(self) -> None:
        if not isinstance(self.mul, FpMul | IntMul):
            raise TypeError(f"mul must be a multiplier spec, not {self.mul!r}")
        integer = isinstance(self.mul, IntMul)
        if self.acc == "":
            object.__setattr__(self, "acc", "int32" if integer else "float32")
        if integer and (self.acc, self.order) != ("int32", "sequential"):
            raise InputError(f"{self.mul.id} multiplies integers: their sums are 'int32', 'sequential'")
        if not integer and self.acc not in ("float32", "float64"):
            raise InputError(f"acc must be 'float32' or 'float64', not {self.acc!r}")
        if self.order not in ("sequential", "native"):
            raise InputError(f"order must be 'sequential' or 'native', not {self.order!r}")
        if self.acc == "float64" and self.order == "native":
            raise InputError("order='native' goes with acc='float32' only")

    @property
    def id(self) -> str:
        """Multiplier, accumulator and order in one word, as results name it."""
        return f"{self.mul.id}+{self.acc}.{self.order}"
