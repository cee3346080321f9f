"""What ``axmac eval`` runs for an integer unit: the float network, and int8 networks made from it."""

from typing import TYPE_CHECKING, Any

from axmac.cli.networks import load_data
from axmac.model.spec import InputError, IntMul, Multiplier

if TYPE_CHECKING:
    from torch import nn

__all__ = ["check_options", "int8_nets"]

_EXACT = "s8_exact"
_IMAGES = 512
_PERCENTILE = 100.0


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


def int8_nets(
    module: "nn.Module",
    spec: IntMul,
    layers: list[str],
    calibration: int | None,
    percentile: float | None,
    source: tuple[str, str, Any],
) -> tuple[dict[tuple[str, str], "nn.Module"], dict[str, Any]]:
    """By (arithmetic, layers) exact int8 in all layers, and the unit in those that are asked for, exact in the rest.

    ``source``: names of data set and network, and a progress. Steps come from the first images of its training part
    (512 unless ``calibration`` says so), by the largest magnitude or a percentile. Gives that as a dictionary, too.
    """
    from axmac.model.nn import quantize

    data, net, progress = source
    train = load_data(data, "train", net, progress)
    images = train.images[: calibration or _IMAGES]
    share = _PERCENTILE if percentile is None else percentile
    wanted = [(_EXACT, "all"), *((spec.id, chosen) for chosen in layers if spec.id != _EXACT)]
    nets = {(unit, chosen): quantize(module, images, unit, chosen, percentile=share) for unit, chosen in wanted}
    about = {"data": f"{train.name}/{train.split}", "sha256": train.sha256, "images": len(images), "percentile": share}
    return nets, about
