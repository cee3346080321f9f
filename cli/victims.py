"""The two networks of an attack: an accurate one, and one on the approximate unit, in float32 or in int8."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from axmac.cli.int8 import EXACT_INT8, beside_exact, int8_nets
from axmac.model.spec import InputError, IntMul, Multiplier

if TYPE_CHECKING:
    from torch import nn

__all__ = ["FLOAT", "Victims", "chosen_source", "victims"]

FLOAT = "torch float32"
_SOURCES = ("float32", "int8", "unit")


@dataclass(frozen=True)
class Victims:
    """``accurate`` and its ``name``; the approximate network by each of its backward passes (``by_gradient``).

    ``about`` goes into every row of a result: how int8 networks were quantised; empty for units of floats.
    """

    name: str
    accurate: "nn.Module"
    by_gradient: Mapping[str, "nn.Module"]
    about: dict[str, Any]

    @property
    def approximate(self) -> "nn.Module":
        """The approximate network with its first backward pass."""
        return next(iter(self.by_gradient.values()))


def chosen_source(spec: Multiplier, source: str | None) -> str:
    """``--source``: float32, int8 or unit; by default the accurate network in the arithmetic that the unit replaces.

    ``InputError`` for other words, and for int8 beside a unit of floats.
    """
    if source is None:
        return "int8" if isinstance(spec, IntMul) else "float32"
    if source not in _SOURCES:
        raise InputError(f"--source must be {', '.join(_SOURCES[:-1])} or {_SOURCES[-1]}, not {source!r}")
    if source == "int8" and not isinstance(spec, IntMul):
        raise InputError(f"--source int8 is for integer units, {spec.id} multiplies floats: use float32 or unit")
    return source


def victims(
    module: "nn.Module",
    spec: Multiplier,
    layers: str,
    source: str,
    calibration: tuple[int | None, float | None],
    origin: tuple[str, str, Any],
    *,
    gradients: Sequence[str] = ("exact",),
) -> Victims:
    """What a trained float network becomes on the unit, and the accurate network beside it.

    That is ``module`` itself, or for an integer unit, unless ``source`` is float32, the exact int8 network.
    ``calibration``: images and percentile; ``origin``: names of data set and network, and a progress; ``gradients``:
    the backward passes on a unit of floats.
    """
    if not isinstance(spec, IntMul):
        from axmac.model.nn import approximate

        converted = {way: approximate(module, spec, layers=layers, gradient=way) for way in gradients}
        return Victims(FLOAT, module, converted, {})
    nets, about = int8_nets(module, beside_exact(spec, [layers]), *calibration, origin)
    exact, *others = nets.values()
    name, accurate = (FLOAT, module) if source == "float32" else (EXACT_INT8, exact)
    return Victims(name, accurate, {"straight-through": others[0] if others else exact}, {"calibration": about})
