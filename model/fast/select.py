"""The one place that chooses the kernel of a unit."""

from functools import lru_cache

from axmac.model.fast.forms import closed_form
from axmac.model.fast.kernels import ClosedForm, Golden, Kernel, Native
from axmac.model.spec import FLOAT32, FpMul, InputError, Mac, as_spec

__all__ = ["kernel_name", "kernel_of", "multiplier_of"]


def multiplier_of(unit: Mac | FpMul | str) -> FpMul:
    """The multiplier of a Mac, a spec or an id. Raises ``TypeError`` and ``InputError`` as ``as_spec``."""
    return unit.mul if isinstance(unit, Mac) else as_spec(unit)


@lru_cache(maxsize=256)
def kernel_of(spec: FpMul) -> Kernel:
    """The kernel of a multiplier: the machine's own product, a closed form, or the golden model.

    Raises ``InputError`` for a format whose values float32 does not hold.
    """
    if spec.format.exp_width > FLOAT32.exp_width:
        raise InputError(f"{spec.id} has exponents that float32 tensors cannot hold: use axmac.model.golden")
    if spec.subnormals == "ieee" and spec.format == FLOAT32:
        return Native()
    form = closed_form(spec)
    return Golden(spec) if form is None else ClosedForm(form)


def kernel_name(unit: Mac | FpMul | str) -> str:
    """What computes the products of a unit, in a few words, as layers show it."""
    return kernel_of(multiplier_of(unit)).name
