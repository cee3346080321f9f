"""Registers between the levels of a data path that stands inside a larger pipeline."""

from collections.abc import Sequence

from amaranth.hdl import Module, Signal, Value, ValueLike

from axmac.model.spec import InputError
from axmac.rtl.blocks import Hierarchy, Level, Values, chain

__all__ = ["check_range", "delayed", "staged"]


def check_range(name: str, value: int, largest: int, smallest: int = 1) -> None:
    """Refuse a parameter that is no integer (``TypeError``) or out of range (``InputError``)."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, not {value!r}")
    if not smallest <= value <= largest:
        raise InputError(f"{name} must be {smallest} to {largest}, not {value!r}")


def staged(
    m: Module,
    hierarchy: Hierarchy | None,
    levels: Sequence[Level],
    inputs: Values,
    output: str,
    stages: int,
    *,
    prefix: str,
    enables: Sequence[ValueLike],
    last_register: bool = True,
) -> ValueLike:
    """The value ``output`` of a data path with ``stages`` registers spread evenly, the last one after the last level.

    ``last_register=False`` leaves that last one to the caller. ``enables`` has one clock enable per stage. Registers
    are named ``<prefix>_<port>_s<stage>`` and have no reset.
    """
    stage_after = {-(-len(levels) * k // stages) - 1: k for k in range(1, stages + last_register)}

    def register(index: int, values: Values) -> Values:
        if index not in stage_after:
            return values
        k = stage_after[index]
        held = {
            name: Signal.like(value, name=f"{prefix}_{name}_s{k}", reset_less=True) for name, value in values.items()
        }
        with m.If(enables[k - 1]):
            m.d.sync += [held[name].eq(value) for name, value in values.items()]
        return held

    return chain(m, hierarchy, levels, inputs, {output}, register)[output]


def delayed(
    m: Module, value: Value, cycles: int, name: str, *, enable: ValueLike = 1, reset_less: bool = True
) -> Value:
    """The value of ``cycles`` enabled cycles ago, by registers ``<name>_d1`` and so on; 0 cycles give it back."""
    for k in range(1, cycles + 1):
        register = Signal.like(value, name=f"{name}_d{k}", reset_less=reset_less)
        with m.If(enable):
            m.d.sync += register.eq(value)
        value = register
    return value
