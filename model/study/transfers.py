"""Shards of attack studies: images made on one network, judged by others, and rates over many such shards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.attack.norms import distances, stretched
from axmac.model.attack.statistics import mcnemar
from axmac.model.attack.victim import Goal
from axmac.model.nn import data
from axmac.model.nn.data import Dataset
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError
from axmac.model.study.variants import build, named

__all__ = ["SEEDS", "attacked", "attacked_by", "median_l2", "of_way", "paired", "rate", "test_images"]

_BATCH = 128
SEEDS = 1 << 20
"""Blocks of images draw from seeds of their own: more than any data set has images."""


def attacked(
    *,
    source: Mapping[str, Any],
    targets: Sequence[Mapping[str, Any]],
    dataset: Mapping[str, str],
    first: int,
    last: int,
    attack: str,
    settings: Mapping[str, Any],
    protocol: str,
    eps: float | None,
    margins: Sequence[float],
    seed: int,
) -> dict[str, Any]:
    """Attacks ``source`` on the test images ``first`` to ``last`` - 1 that it classifies right; see `variants`.

    Returns lists with an entry for each attacked image: ``indices``; ``l2`` and ``linf``, the distances of the crafted
    images; ``right``, by target, whether it classifies the clean image right; ``fooled``, by margin and target (and
    ``source``), whether it classifies the stretched image wrong; and, for all of them together, the attack's queries.
    """
    module, judges = build(source), {named(target): build(target) for target in targets}
    block, how = test_images(dataset, first, last), {"protocol": protocol, "eps": eps, "settings": settings}
    return attacked_by(module, judges, block, first, attack=attack, **how, margins=margins, seed=seed)


def attacked_by(
    module: nn.Module,
    targets: Mapping[str, nn.Module],
    block: Dataset,
    first: int,
    *,
    attack: str,
    settings: Mapping[str, Any],
    protocol: str,
    eps: float | None,
    margins: Sequence[float],
    seed: int,
) -> dict[str, Any]:
    """What ``attacked`` returns, of networks that are there already; ``block`` begins at test image ``first``."""
    attackable = predict(module, block.images, batch_size=_BATCH) == block.labels
    images, labels = block.images[attackable], block.labels[attackable]
    judges = {"source": module, **targets}
    indices = (attackable.nonzero().flatten() + first).tolist()
    if not indices:
        return {
            "indices": [],
            "l2": [],
            "linf": [],
            "right": {},
            "fooled": {},
            "forward_images": 0,
            "backward_images": 0,
        }
    changed = settings_of(attack, settings)
    common = {"protocol": protocol, "eps": eps, "settings": changed, "seed": seed * SEEDS + first}
    crafted = craft(module, attack, images, Goal(labels), batch_size=_BATCH, **common)
    fooled = {}
    for margin in margins:
        moved = stretched(images, crafted.images, margin)
        fooled[f"{margin:g}"] = {name: _flags(_seen(judge, moved) != labels) for name, judge in judges.items()}
    return {
        "indices": indices,
        **{norm: distances(images, crafted.images, norm).tolist() for norm in ("l2", "linf")},
        "right": {name: _flags(_seen(judge, images) == labels) for name, judge in judges.items()},
        "fooled": fooled,
        "forward_images": crafted.forward_images,
        "backward_images": crafted.backward_images,
    }


def rate(shards: Iterable[Mapping[str, Any]], target: str, margin: float = 1) -> dict[str, Any]:
    """n images that source and ``target`` classify right; k1 of them fool the source, k2 of those the target too.

    ``rate`` is k2 / k1 with its 95 % ``interval``, both None without trials; ``source_rate`` is k1 / n.
    """
    n = k1 = k2 = 0
    for shard in shards:
        if not shard["indices"]:
            continue
        judged = shard["fooled"][f"{margin:g}"]
        for right, source, other in zip(shard["right"][target], judged["source"], judged[target], strict=True):
            n += right
            k1 += right and source
            k2 += right and source and other
    found = {"n": n, "k1": k1, "k2": k2, "source_rate": k1 / n if n else None}
    return found | {"rate": k2 / k1 if k1 else None, "interval": wilson(k2, k1)}


def paired(shards: Iterable[Mapping[str, Any]], first: str, second: str, margin: float = 1) -> dict[str, Any]:
    """McNemar's test of two networks (or ``source``) on the same images, those that both classify right when clean.

    ``only_first`` and ``only_second`` count the images that fool only that one of them.
    """
    both: tuple[list[bool], list[bool]] = ([], [])
    for shard in shards:
        if not shard["indices"]:
            continue
        judged, always = shard["fooled"][f"{margin:g}"], [1] * len(shard["indices"])
        right = shard["right"]
        columns = (judged[first], judged[second], right.get(first, always), right.get(second, always))
        for one, other, *rights in zip(*columns, strict=True):
            if all(rights):
                both[0].append(bool(one))
                both[1].append(bool(other))
    return asdict(mcnemar(*(torch.tensor(outcome, dtype=torch.bool) for outcome in both)))


def of_way(results: Mapping[str, Any], way: str) -> list[Mapping[str, Any]]:
    """The results of the shards ``way``/<first image>, from all of a study by name."""
    return [result for name, result in results.items() if name.rpartition("/")[0] == way]


def median_l2(shards: Iterable[Mapping[str, Any]]) -> float | None:
    """The median L2 distance of the images that fool the network they were crafted on; None where none does."""
    found = [
        distance
        for shard in shards
        if shard["indices"]
        for distance, fooled in zip(shard["l2"], shard["fooled"]["1"]["source"], strict=True)
        if fooled
    ]
    return median(found) if found else None


def _flags(values: Tensor) -> list[int]:
    return values.int().tolist()


def _seen(module: nn.Module, images: Tensor) -> Tensor:
    return predict(module, images, batch_size=_BATCH)


@lru_cache(maxsize=2)
def _whole(name: str) -> Dataset:
    return data.load(name, "test")


def test_images(dataset: Mapping[str, str], first: int, last: int) -> Dataset:
    """Test images ``first`` to ``last`` - 1 of {name, sha256}; ``InputError`` where this machine has other images."""
    whole = _whole(dataset["name"])
    if whole.sha256 != dataset["sha256"]:
        name = dataset["name"]
        raise InputError(
            f"{name} is not the data set that the study was planned for: set the same AXMAC_DATA everywhere"
        )
    return replace(whole, images=whole.images[first:last], labels=whole.labels[first:last])
