"""The one place that chooses the kernel of a unit."""

from functools import lru_cache

from axmac.model.fast.forms import closed_form
from axmac.model.fast.kernels import ClosedForm, Golden, Kernel, Native, Sliced, Tabulated
from axmac.model.fast.tables import WIDEST
from axmac.model.spec import FLOAT32, FpMul, InputError, Mac, as_float_spec

__all__ = ["kernel_name", "kernel_of", "mac_of", "multiplier_of"]


def multiplier_of(unit: Mac | FpMul | str) -> FpMul:
    """The multiplier of a Mac, a spec or an id. Raises ``TypeError`` and ``InputError`` as ``as_float_spec``."""
    return as_float_spec(unit.mul if isinstance(unit, Mac) else unit)


def mac_of(unit: Mac | FpMul | str) -> Mac:
    """The Mac itself, or the default one of a multiplier; errors as ``multiplier_of``."""
    spec = multiplier_of(unit)
    return unit if isinstance(unit, Mac) else Mac(spec)


@lru_cache(maxsize=256)
def kernel_of(spec: FpMul, acc: str = "float32") -> Kernel:
    """The kernel of a multiplier and an accumulator.

    The machine's own product; a closed form where a quick one exists; a table for significands of at most 8 bits; a
    slower closed form; the cells, compiled; the golden model. Raises ``InputError`` for a format whose values float32
    does not hold.
    """
    if spec.format.exp_width > FLOAT32.exp_width or spec.format.sig_width > FLOAT32.sig_width:
        raise InputError(f"{spec.id} has exponents that float32 tensors cannot hold: use axmac.model.golden")
    if spec.subnormals == "ieee":
        return Native(acc) if spec.format == FLOAT32 else Golden(spec, acc)
    form = closed_form(spec)
    if form is not None and (form.native or form.quick):
        return ClosedForm(spec, form, acc)
    if spec.format.sig_width <= WIDEST:
        return Tabulated(spec, acc)
    return Sliced(spec, acc) if form is None else ClosedForm(spec, form, acc)


def kernel_name(unit: Mac | FpMul | str) -> str:
    """What computes the products of a unit, in a few words, as layers show it."""
    return kernel_of(multiplier_of(unit)).name
