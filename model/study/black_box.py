"""Shards of black-box studies: a substitute learns its victim's labels; images that fool it are shown to the victim."""

import json
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

import torch

from axmac.model.attack.intervals import wilson
from axmac.model.attack.substitute import Settings, Substitute, default_network, train_substitute
from axmac.model.nn import networks
from axmac.model.nn.data import Dataset
from axmac.model.nn.evaluate import predict
from axmac.model.study.transfers import attacked_by, test_images
from axmac.model.study.variants import build, named

__all__ = ["attacked_blind", "imitated"]


def imitated(
    *, victim: Mapping[str, Any], dataset: Mapping[str, str], learning: Mapping[str, Any], images: int
) -> dict[str, Any]:
    """Makes a substitute of ``victim`` (see `variants`), compared on the first ``images`` test images.

    ``learning``: net, the name of the substitute's architecture, None for `default_network`; images, how many seed it;
    settings; seed. Seed images lie evenly in the second half of the test set, which the victim did not train on;
    attacked are images of the first half, and none of the second one is compared.
    Returns n; agree, the images to which both give one class, with the share ``agreement`` and its 95 % ``interval``;
    accuracy, of the substitute, and victim_accuracy; seed_images; queries, the labels asked of the victim.
    """
    block = _attacked_half(dataset, 0, images)
    made, judge = _imitation(_plain(victim, dataset, learning)), build(victim)
    own, other = predict(made.module, block.images), predict(judge, block.images)
    n, agree = len(block), int((own == other).sum())
    return {
        "n": n,
        "agree": agree,
        "agreement": agree / n,
        "interval": wilson(agree, n),
        "accuracy": int((own == block.labels).sum()) / n,
        "victim_accuracy": int((other == block.labels).sum()) / n,
        "seed_images": learning["images"],
        "queries": made.queries,
    }


def attacked_blind(
    *,
    victim: Mapping[str, Any],
    dataset: Mapping[str, str],
    learning: Mapping[str, Any],
    first: int,
    last: int,
    attack: str,
    settings: Mapping[str, Any],
    protocol: str,
    eps: float | None,
    margins: Sequence[float],
    seed: int,
) -> dict[str, Any]:
    """Attacks the substitute of ``victim`` and shows the images to the victim; arguments as in `imitated`.

    Returns what `transfers.attacked` does: ``source`` is the substitute, the only target is the victim. The substitute
    is trained again in every process, to the same bits, so that shards depend on each other nowhere.
    """
    block = _attacked_half(dataset, first, last)
    made, judges = _imitation(_plain(victim, dataset, learning)), {named(victim): build(victim)}
    how = {"attack": attack, "settings": settings, "protocol": protocol, "eps": eps, "margins": margins, "seed": seed}
    return attacked_by(made.module, judges, block, first, **how)


def _plain(victim: Mapping[str, Any], dataset: Mapping[str, str], learning: Mapping[str, Any]) -> str:
    return json.dumps([dict(victim), dict(dataset), dict(learning)], sort_keys=True)


@lru_cache(maxsize=4)
def _imitation(plain: str) -> Substitute:
    victim, dataset, learning = json.loads(plain)
    whole, judge = _whole(dataset), build(victim)
    places = torch.linspace(len(whole) // 2, len(whole) - 1, learning["images"]).long()
    classes, seed = int(whole.labels.max()) + 1, learning["seed"]
    if learning["net"] is None:
        module = default_network(tuple(whole.images.shape[1:]), classes, seed)
    else:
        module = networks.build(learning["net"], seed)
    settings = Settings(**learning["settings"])
    return train_substitute(partial(predict, judge), whole.images[places], module, settings, seed=seed)


def _attacked_half(dataset: Mapping[str, str], first: int, last: int) -> Dataset:
    """Test images ``first`` to ``last`` - 1, without those of the second half."""
    return test_images(dataset, first, min(last, len(_whole(dataset)) // 2))


def _whole(dataset: Mapping[str, str]) -> Dataset:
    return test_images(dataset, 0, sys.maxsize)
