"""The networks of a study: one set of weights on different arithmetic, and the controls beside it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.controls import gain, mean_gain
from axmac.model.nn import approximate, checkpoint, data, quantize
from axmac.model.nn.calibration import USUAL_IMAGES, USUAL_PERCENTILE
from axmac.model.spec import InputError, IntMul, catalog

__all__ = ["build", "exact", "gained", "named", "on_unit"]


def exact(net: Mapping[str, Any], name: str = "float32") -> dict[str, Any]:
    """A network of a setting ({net, seed, path, sha256, data}) as it is, under ``name``."""
    return {**net, "name": name, "unit": None, "layers": None, "gain": None, "gradient": "exact"}


def gained(net: Mapping[str, Any], unit: str, layers: str) -> dict[str, Any]:
    """The network on float32, the products of ``layers`` multiplied by the mean gain of a unit."""
    factor = mean_gain(unit)
    return {**exact(net, f"float32 x {factor:.3f}"), "layers": layers, "gain": factor}


def on_unit(
    net: Mapping[str, Any], unit: str, layers: str, gradient: str = "exact", percentile: float | None = None
) -> dict[str, Any]:
    """The network with ``layers``, ``"conv"`` or ``"all"``, on the unit of an id or alias, and a backward pass.

    An integer unit makes it an int8 network, quantised as `axmac eval` does it, with exact int8 in the other layers and
    the straight-through gradient of exact products; ``percentile`` of the magnitudes is the range of its activations,
    None for the usual one.
    """
    unit = catalog[unit].id
    own = {} if percentile is None else {"percentile": percentile}
    return {**exact(net, unit), "unit": unit, "layers": layers, "gradient": gradient, **own}


def named(variant: Mapping[str, Any]) -> str:
    """What a table calls a variant."""
    layers = f" ({variant['layers']})" if variant["layers"] else ""
    gradient = "" if variant["gradient"] == "exact" else f", gradient {variant['gradient']}"
    seed = "" if variant["seed"] == 0 else f", seed {variant['seed']}"
    return f"{variant['name']}{layers}{gradient}{seed}"


def build(variant: Mapping[str, Any]) -> nn.Module:
    """The network, in evaluation mode. ``InputError`` where its checkpoint is not the one that was named."""
    module, _ = _loaded(variant["path"], variant["sha256"])
    if variant["gain"] is not None:
        return gain(module, variant["gain"], layers=variant["layers"])
    if variant["unit"] is None:
        return module
    if isinstance(catalog[variant["unit"]], IntMul):
        share = variant.get("percentile", USUAL_PERCENTILE)
        what = (variant[name] for name in ("path", "sha256", "unit", "layers"))
        return _quantised(*what, variant["data"]["name"], share)
    return approximate(module, variant["unit"], layers=variant["layers"], gradient=variant["gradient"])


@lru_cache(maxsize=4)
def _loaded(path: str, sha256: str) -> tuple[nn.Module, str | None]:
    """The module, and the hash of what it was trained on."""
    module, metadata = checkpoint.load(path)
    if metadata["sha256"] != sha256:
        raise InputError(f"{path} has changed since the study was planned: run it again")
    with torch.no_grad():
        return module.requires_grad_(False), metadata.get("data", {}).get("sha256")


@lru_cache(maxsize=16)
def _quantised(path: str, sha256: str, unit: str, layers: str, name: str, percentile: float) -> nn.Module:
    module, trained_on = _loaded(path, sha256)
    images, train = _calibration(name)
    if train != trained_on:
        raise InputError(f"{path} was not trained on the {name} of this machine: set the same AXMAC_DATA everywhere")
    return quantize(module, images, unit, layers, percentile=percentile)


@lru_cache(maxsize=2)
def _calibration(name: str) -> tuple[Tensor, str]:
    """The images that give int8 its steps, and the hash of all training images."""
    train = data.load(name, "train")
    return train.images[:USUAL_IMAGES].clone(), train.sha256
