"""Shards of a QUANOS study that attack a trained network, white-box: FGSM and PGD, and the strongest at hand."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from torch import Tensor, nn

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.ensemble import ensemble
from axmac.model.attack.victim import Goal
from axmac.model.nn import checkpoint
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError
from axmac.model.study.transfers import SEEDS, test_images

__all__ = ["attacked", "loaded", "strongest"]

_BATCH = 125


def attacked(
    *,
    model: Mapping[str, str],
    dataset: Mapping[str, str],
    first: int,
    last: int,
    runs: Sequence[Mapping[str, Any]],
    seed: int,
) -> dict[str, Any]:
    """Attacks the checkpoint ``model`` {path, sha256} on the test images ``first`` to ``last`` - 1.

    Each of ``runs`` is an ``attack`` within ``eps`` with changed ``settings``, under a ``name``. Returns ``clean`` and
    by name ``right``: a 1 for an image that is classified right, else a 0, one after the other. An image that is wrong
    without an attack stays wrong.
    """
    module, block = loaded(model), test_images(dataset, first, last)
    right = {}
    for run in runs:
        how = {"eps": run["eps"], "settings": settings_of(run["attack"], run["settings"]), "batch_size": _BATCH}
        found = craft(module, run["attack"], block.images, Goal(block.labels), seed=seed * SEEDS + first, **how)
        right[run["name"]] = _flags(~found.fooled)
    clean = predict(module, block.images, batch_size=_BATCH) == block.labels
    return {"clean": _flags(clean), "right": right}


def strongest(
    *, model: Mapping[str, str], dataset: Mapping[str, str], first: int, last: int, eps: float, quick: bool, seed: int
) -> dict[str, Any]:
    """The worst case of all attacks of `ensemble` within ``eps`` on the test images ``first`` to ``last`` - 1.

    Returns ``survived``, as `attacked` does, and the ``rows`` of the attacks.
    """
    block = test_images(dataset, first, last)
    how = {"quick": quick, "seed": seed * SEEDS + first, "batch_size": _BATCH}
    found = ensemble(loaded(model), block.images, block.labels, eps, **how)
    return {"survived": _flags(found.survived), "rows": found.rows}


def loaded(model: Mapping[str, str]) -> nn.Module:
    """The network of a checkpoint {path, sha256}, in evaluation mode; ``InputError`` where it is another one."""
    return _loaded(model["path"], model["sha256"])


@lru_cache(maxsize=1)
def _loaded(path: str, sha256: str) -> nn.Module:
    module, metadata = checkpoint.load(path)
    if metadata["sha256"] != sha256:
        raise InputError(f"{path} has changed since the study was planned: run it again")
    return module.requires_grad_(False)


def _flags(values: Tensor) -> str:
    return "".join("01"[flag] for flag in values.tolist())
