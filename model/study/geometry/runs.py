"""Shards of the geometric studies: networks of all bits are trained, attacked by FGSM at all eps, and by more."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from axmac.model.nn import data
from axmac.model.spec import InputError
from axmac.model.study.geometry.attacks import Judge, direction, grid_right, moved, pgd, sweep
from axmac.model.study.geometry.networks import margins
from axmac.model.study.geometry.spiral import Spirals, drawn, likeliest, nearest
from axmac.model.study.geometry.training import Fitted, Recipe, fit, for_networks

__all__ = ["on_images", "on_spirals"]

_BLOCK = 100
_PGD_STEPS = 10
_SIDE = 13
_PARTS = 10**9
"""Keeps the draws of training and test points apart, whatever the seed."""


def on_images(
    *,
    dataset: Mapping[str, str],
    recipe: Mapping[str, Any],
    bits: Sequence[int],
    seed: int,
    points: int,
    shown: int,
    sizes: Sequence[float],
    checked: int,
    checks: Sequence[float],
) -> dict[str, Any]:
    """Networks of all ``bits`` and one seed on the first ``points`` training images, FGSM on ``shown`` test images.

    See `_attacked` for what comes back; ``whole``: right of all test images without attack.
    """
    train, test = (data.load(dataset["name"], part) for part in ("train", "test"))
    if (train.sha256, test.sha256) != (dataset["train"], dataset["test"]):
        raise InputError(f"{dataset['name']} has changed since the study was planned: run it again")
    fitted = fit(
        train.images[:points].flatten(1)[None], train.labels[:points][None], bits, [seed], Recipe(**_tuple(recipe))
    )
    judge = Judge(fitted.parameters, recipe["activation"], recipe["gain"], box=True)
    owner = torch.zeros(len(bits), dtype=torch.long)
    x, labels = test.images.flatten(1)[None], test.labels[None]
    whole = sweep(judge, for_networks(x, owner), for_networks(labels, owner), [0.0], 1000)
    x, labels = (for_networks(values[:, :shown], owner) for values in (x, labels))
    found = _attacked(judge, x, labels, owner, sizes, checked, checks, len(bits))
    return found | _trained(fitted) | {"whole": whole[:, 0].tolist(), "test": len(test)}


def on_spirals(
    *,
    longest: float,
    deviation: float,
    recipe: Mapping[str, Any],
    bits: Sequence[int],
    seeds: Sequence[int],
    each: int,
    sizes: Sequence[float],
    checks: Sequence[float],
) -> dict[str, Any]:
    """Networks of all ``seeds`` and ``bits``, in this order, on spirals that each seed draws anew.

    See `_attacked`; besides, without any network, how many test points of each seed have the label of the ``likeliest``
    spiral and of the ``nearest`` training point.
    """
    spirals = Spirals(longest, deviation)
    (x, labels), (asked, wanted) = (_drawn(spirals, each, [part * _PARTS + seed for seed in seeds]) for part in (1, 2))
    fitted = fit(x, labels, bits, seeds, Recipe(**_tuple(recipe)))
    judge = Judge(fitted.parameters, recipe["activation"], recipe["gain"], box=False)
    owner = torch.arange(len(seeds)).repeat_interleave(len(bits))
    shown, true = for_networks(asked, owner), for_networks(wanted, owner)
    found = _attacked(judge, shown, true, owner, sizes, shown.shape[1], checks, len(bits))
    known = {
        "likeliest": [int((likeliest(spirals, one) == own).sum()) for one, own in zip(asked, wanted, strict=True)],
        "nearest": [
            int((nearest(*near, one) == own).sum())
            for near, one, own in zip(zip(x, labels, strict=True), asked, wanted, strict=True)
        ],
    }
    return found | _trained(fitted) | known


def _drawn(spirals: Spirals, each: int, seeds: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Points [S, n, 2] and labels [S, n], one draw a seed."""
    points, labels = zip(*(drawn(spirals, each, torch.Generator().manual_seed(seed)) for seed in seeds), strict=True)
    return torch.stack(points), torch.stack(labels)


def _attacked(
    judge: Judge,
    x: Tensor,
    labels: Tensor,
    owner: Tensor,
    sizes: Sequence[float],
    checked: int,
    checks: Sequence[float],
    widths: int,
) -> dict[str, Any]:
    """``n`` inputs and ``right`` [N][eps] of them under FGSM; on the first ``checked`` inputs the other attacks.

    ``ways``: right [N][checks] after FGSM on the loss (``fgsm``), on the margin (``margin``), FGSM made on the network
    of the most bits of the same seed (``transfer``), PGD on the margin (``pgd``), at all points of a grid for inputs of
    two numbers (``grid``), and after all of these (``strongest``). ``still`` [N]: inputs with no gradient of the loss;
    ``moved`` [N][checks]: mean l2 distance that FGSM moves.
    """
    right = sweep(judge, x, labels, sizes, _BLOCK)
    names = ["fgsm", "margin", "transfer", "pgd", *["grid"] * (x.shape[-1] == 2), "strongest"]
    ways = {name: torch.zeros(len(x), len(checks), dtype=torch.long) for name in names}
    still, far = torch.zeros(len(x), dtype=torch.long), torch.zeros(len(x), len(checks), dtype=torch.float64)
    widest = owner * widths + widths - 1
    for some, wanted in zip(x[:, :checked].split(_BLOCK, 1), labels[:, :checked].split(_BLOCK, 1), strict=True):
        signs = direction(judge, some, wanted)
        still += (signs == 0).all(-1).sum(1)
        tried = {"fgsm": signs, "margin": direction(judge, some, wanted, margins), "transfer": signs[widest]}
        for place, eps in enumerate(checks):
            images = {name: moved(judge, some, way, eps) for name, way in tried.items()}
            images["pgd"] = pgd(judge, some, wanted, eps, _PGD_STEPS)
            far[:, place] += (images["fgsm"] - some).norm(dim=-1).double().sum(1)
            flags = {name: judge.right(image, wanted) for name, image in images.items()}
            if "grid" in ways:
                flags["grid"] = grid_right(judge, some, wanted, eps, _SIDE)
            flags["strongest"] = torch.stack([*flags.values(), judge.right(some, wanted)]).all(0)
            for name, flag in flags.items():
                ways[name][:, place] += flag.sum(1)
    return {
        "n": x.shape[1],
        "right": right.tolist(),
        "checked": checked,
        "ways": {name: counts.tolist() for name, counts in ways.items()},
        "still": still.tolist(),
        "moved": (far / checked).tolist(),
    }


def _trained(fitted: Fitted) -> dict[str, Any]:
    return {
        "epoch": fitted.epoch.tolist(),
        "epochs": fitted.epochs.tolist(),
        "validation": fitted.accuracy.tolist(),
    }


def _tuple(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe as JSON gives it back."""
    return {**recipe, "sizes": tuple(recipe["sizes"])}
