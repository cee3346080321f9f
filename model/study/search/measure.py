"""Shards of a search: adversarial images of the accurate int8 network, and what one assignment of units is worth."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.victim import Goal
from axmac.model.nn import checkpoint, data, quantize, reassign
from axmac.model.nn.data import Dataset
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError
from axmac.model.study.transfers import test_images

__all__ = ["ACCURATE", "accurate", "crafted", "measured"]

ACCURATE = "s8_exact"
"""The unit of the network that others are compared with."""
_BATCH = 128


def crafted(
    *,
    net: Mapping[str, str],
    calibration: Mapping[str, Any],
    test: Mapping[str, str],
    block: tuple[int, int],
    attack: Mapping[str, Any],
    path: str,
) -> str:
    """Attacks the accurate network on the test images ``block`` [first, last + 1] and leaves the images in ``path``.

    Returns the SHA-256 of what is in the file. Images that the network classifies wrong anyway stay as they are.
    """
    module = accurate(net, calibration)
    images = {"images": _attacked(module, test_images(test, *block), attack)}
    checkpoint.save_tensors(path, images, {"attack": dict(attack)})
    return checkpoint.digest(images)


def measured(
    *,
    net: Mapping[str, str],
    calibration: Mapping[str, Any],
    test: Mapping[str, str],
    block: tuple[int, int],
    attack: Mapping[str, Any],
    shown: Mapping[str, str] | None,
    units: Mapping[str, str],
) -> dict[str, int]:
    """What the int8 network with ``units`` by layer is worth on the test images ``block`` [first, last + 1].

    ``net`` {path, sha256}; ``calibration`` {name, sha256, images, percentile}, of the training images; ``test`` {name,
    sha256}; ``attack`` {name, eps, settings, seed}. ``shown`` {path, sha256} is a file of `crafted`; for None the
    attack is aimed at the network itself. Returns {n, correct, robust}: of n images so many are classified right as
    they are, and so many after the attack.
    """
    module = reassign(accurate(net, calibration), units)
    images = test_images(test, *block)
    if shown is None:
        moved = _attacked(module, images, attack)
    else:
        tensors, metadata = checkpoint.load_tensors(shown["path"])
        if metadata["sha256"] != shown["sha256"]:
            raise InputError(f"{shown['path']} has changed since the search began: delete its folder, search again")
        moved = tensors["images"]
    right = [
        int((predict(module, given, batch_size=_BATCH) == images.labels).sum()) for given in (images.images, moved)
    ]
    return {"n": len(images), "correct": right[0], "robust": right[1]}


def accurate(net: Mapping[str, str], calibration: Mapping[str, Any]) -> nn.Module:
    """The network in int8 with exact products in all layers; ``InputError`` where its files are not those named."""
    return _accurate(
        net["path"], net["sha256"], *(calibration[key] for key in ("name", "sha256", "images", "percentile"))
    )


@lru_cache(maxsize=2)
def _accurate(path: str, sha256: str, name: str, train: str, count: int, percentile: float) -> nn.Module:
    module, metadata = checkpoint.load(Path(path))
    if metadata["sha256"] != sha256:
        raise InputError(f"{path} has changed since the search began: run it again")
    whole = data.load(name, "train")
    if whole.sha256 != train:
        raise InputError(f"{name} is not the data set that the search began with: set the same AXMAC_DATA")
    return quantize(module, whole.images[:count].clone(), ACCURATE, percentile=percentile)


def _attacked(module: nn.Module, images: Dataset, attack: Mapping[str, Any]) -> Tensor:
    settings = settings_of(attack["name"], attack["settings"])
    how = {"eps": attack["eps"], "settings": settings, "seed": attack["seed"], "batch_size": _BATCH}
    with torch.enable_grad():
        return craft(module, attack["name"], images.images, Goal(images.labels), **how).images
