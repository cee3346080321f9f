"""What verbs on networks run for an integer unit: int8 networks made from the float one, quantised in one way."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.networks import load_data
from axmac.model.spec import InputError, IntMul, Multiplier

if TYPE_CHECKING:
    from torch import nn

__all__ = ["EXACT_INT8", "Calibration", "Percentile", "beside_exact", "check_options", "int8_nets"]

EXACT_INT8 = "s8_exact"
"""The unit of the accurate int8 network."""

Calibration = Annotated[int | None, typer.Option(min=1, help="Training images that give int8 its steps. Default: 512.")]
Percentile = Annotated[
    float | None, typer.Option(help="Of the magnitudes of activations, for int8. Default: 100, the largest.")
]


def check_options(spec: Multiplier, calibration: int | None, percentile: float | None) -> None:
    """``InputError`` for a unit that int8 networks cannot have, and for options that a float unit does not take."""
    if isinstance(spec, IntMul):
        from axmac.model.nn.int8 import int8_unit

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

    data, net, progress = source
    train = load_data(data, "train", net, progress)
    images = train.images[: calibration or USUAL_IMAGES]
    share = USUAL_PERCENTILE if percentile is None else percentile
    nets = {(unit, chosen): quantize(module, images, unit, chosen, percentile=share) for unit, chosen in wanted}
    about = {"data": f"{train.name}/{train.split}", "sha256": train.sha256, "images": len(images), "percentile": share}
    return nets, about
