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
    ``float32``, ``native``: nothing; the order is whatever is quickest, and may change with threads, batch and machine.

    Raises ``TypeError`` and ``InputError``.
    """

    mul: FpMul
    acc: str = "float32"
    order: str = "sequential"

    def __post_init__(self) -> None:
        if isinstance(self.mul, IntMul):
            raise InputError(f"{self.mul.id} multiplies integers: a {self.acc} accumulator needs a floating-point unit")
        if not isinstance(self.mul, FpMul):
            raise TypeError(f"mul must be a multiplier spec, not {self.mul!r}")
        if self.acc not in ("float32", "float64"):
            raise InputError(f"acc must be 'float32' or 'float64', not {self.acc!r}")
        if self.order not in ("sequential", "native"):
            raise InputError(f"order must be 'sequential' or 'native', not {self.order!r}")
        if self.acc == "float64" and self.order == "native":
            raise InputError("order='native' goes with acc='float32' only")

    @property
    def id(self) -> str:
        """Multiplier, accumulator and order in one word, as results name it."""
        return f"{self.mul.id}+{self.acc}.{self.order}"
