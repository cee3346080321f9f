"""The networks of a study: one set of weights on different arithmetic, and the controls beside it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from axmac.model.attack.controls import gain, mean_gain
from axmac.model.nn import approximate, checkpoint
from axmac.model.spec import InputError, catalog

__all__ = ["build", "exact", "gained", "named", "on_unit"]


def exact(file: Mapping[str, Any]) -> dict[str, Any]:
    """The network of a checkpoint (``path``, ``sha256``, ``seed``) on torch's float32."""
    return {**file, "unit": None, "layers": None, "gain": None}


def gained(file: Mapping[str, Any], unit: str, layers: str) -> dict[str, Any]:
    """The network on float32, the products of ``layers`` multiplied by the mean gain of a unit."""
    return {**exact(file), "layers": layers, "gain": mean_gain(unit)}


def on_unit(file: Mapping[str, str], unit: str, layers: str) -> dict[str, Any]:
    """The network of a checkpoint with ``layers``, ``"conv"`` or ``"all"``, on the unit of an id or alias."""
    return {**file, "unit": catalog[unit].id, "layers": layers, "gain": None}


def named(variant: Mapping[str, Any]) -> str:
    """What a table calls a variant."""
    unit = variant["unit"] or ("float32" if variant["gain"] is None else f"float32 x {variant['gain']:.3f}")
    unit += f" ({variant['layers']})" if variant["layers"] else ""
    return unit if variant["seed"] == 0 else f"{unit}, seed {variant['seed']}"


def build(variant: Mapping[str, Any]) -> nn.Module:
    """The network, in evaluation mode. ``InputError`` where its checkpoint is not the one that was named."""
    module = _loaded(variant["path"], variant["sha256"])
    if variant["gain"] is not None:
        return gain(module, variant["gain"], layers=variant["layers"])
    return module if variant["unit"] is None else approximate(module, variant["unit"], layers=variant["layers"])


@lru_cache(maxsize=4)
def _loaded(path: str, sha256: str) -> nn.Module:
    module, metadata = checkpoint.load(path)
    if metadata["sha256"] != sha256:
        raise InputError(f"{path} has changed since the study was planned: run it again")
    with torch.no_grad():
        return module.requires_grad_(False)
