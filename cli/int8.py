"""What verbs on networks run for an integer unit: int8 networks made from the float one, quantised in one way."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.networks import load_data
from axmac.model.spec import InputError, IntMul, Multiplier

if TYPE_CHECKING:
    from torch import Tensor, nn

    from axmac.model.nn.assignment import Assignment

__all__ = [
    "EXACT_INT8",
    "Calibration",
    "Percentile",
    "assigned",
    "assigned_nets",
    "beside_exact",
    "check_options",
    "int8_nets",
]

EXACT_INT8 = "s8_exact"
"""The unit of the accurate int8 network."""

Calibration = Annotated[int | None, typer.Option(min=1, help="Training images that give int8 its steps. Default: 512.")]
Percentile = Annotated[
    float | None, typer.Option(help="Of the magnitudes of activations, for int8. Default: 100, the largest.")
]


def assigned(layers: Sequence[str], net: str, unit: str | None) -> "Assignment | None":
    """The assignment whose file ``--layers`` names, for the network ``net``; None for ``conv`` and ``all``.

    ``InputError`` for other words, for a file beside others or beside ``--mul``, and for what is no assignment.
    """
    from axmac.model.nn.assignment import read

    others = [word for word in layers if word not in ("conv", "all")]
    if not others:
        return None
    if not others[0].endswith(".json"):
        raise InputError(f"--layers must be conv or all, or a file of `axmac search`, not {others[0]!r}")
    if len(layers) > 1 or unit is not None:
        raise InputError(f"--layers {others[0]} says which unit each layer has: leave out other --layers and --mul")
    return read(Path(others[0]), net)


def check_options(spec: Multiplier | None, calibration: int | None, percentile: float | None) -> None:
    """``InputError`` for a unit that int8 networks cannot have, and for options that a float unit does not take.

    None for an assignment of integer units.
    """
    if spec is None or isinstance(spec, IntMul):
        from axmac.model.nn.int8 import int8_unit

        if spec is not None:
            int8_unit(spec)
        if percentile is not None and not 0 < percentile <= 100:
            raise InputError(f"--percentile must be above 0 and at most 100, not {percentile:g}")
        return
    for name, value in (("--calibration", calibration), ("--percentile", percentile)):
        if value is not None:
            raise InputError(f"{name} is for integer units, {spec.id} multiplies floats: leave it out")


def beside_exact(spec: IntMul, layers: list[str]) -> list[tuple[str, str]]:
    """What ``int8_nets`` is asked for: exact int8 in all layers first, then the unit in each choice of layers."""
    return [(EXACT_INT8, "all"), *((spec.id, chosen) for chosen in layers if spec.id != EXACT_INT8)]


def int8_nets(
    module: "nn.Module",
    wanted: list[tuple[str, str]],
    calibration: int | None,
    percentile: float | None,
    source: tuple[str, str, Any],
) -> tuple[dict[tuple[str, str], "nn.Module"], dict[str, Any]]:
    """By ``wanted`` (id of a unit, layers) the network with that unit in those layers, and exact int8 in the rest.

    ``source``: names of data set and network, and a progress. Steps come from the first images of its training part
    (512 unless ``calibration`` says so), by the largest magnitude or a percentile. Gives that as a dictionary, too.
    """
    from axmac.model.nn import quantize
    from axmac.model.nn.calibration import USUAL_IMAGES, USUAL_PERCENTILE

    share = USUAL_PERCENTILE if percentile is None else percentile
    images, about = _calibration(calibration or USUAL_IMAGES, share, source)
    nets = {(unit, chosen): quantize(module, images, unit, chosen, percentile=share) for unit, chosen in wanted}
    return nets, about


def assigned_nets(
    module: "nn.Module",
    file: str,
    assignment: "Assignment",
    calibration: int | None,
    percentile: float | None,
    source: tuple[str, str, Any],
) -> tuple[dict[tuple[str, str], "nn.Module"], dict[str, Any]]:
    """As `int8_nets`: exact int8 in all layers, and the units of an assignment, exact in layers that it leaves out.

    Images and percentile are the assignment's where options do not give others. ``InputError`` names ``file`` where
    the assignment is for other data, or for layers that the network does not have.
    """
    from axmac.model.nn import quantize

    if assignment.data != source[0]:
        raise InputError(f"{file}: is for the network on {assignment.data}, not on {source[0]}: choose its --data")
    share = assignment.percentile if percentile is None else percentile
    images, about = _calibration(calibration or assignment.calibration, share, source)
    nets = {(EXACT_INT8, "all"): quantize(module, images, EXACT_INT8, percentile=share)}
    try:
        made = quantize(module, images, layers=assignment.layers, percentile=share)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    return nets | {("int8", ", ".join(f"{layer} {unit}" for layer, unit in assignment.layers.items())): made}, about


def _calibration(count: int, percentile: float, source: tuple[str, str, Any]) -> tuple["Tensor", dict[str, Any]]:
    """The first training images of a data set, and how a result describes them."""
    data, net, progress = source
    train = load_data(data, "train", net, progress)
    images = train.images[:count]
    about = {"data": f"{train.name}/{train.split}", "sha256": train.sha256, "images": len(images)}
    return images, about | {"percentile": percentile}
