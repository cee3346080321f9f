"""Shards of accuracy studies: which images a network classifies wrong, and rates over many such shards."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from axmac.model.attack.intervals import wilson
from axmac.model.attack.statistics import mcnemar
from axmac.model.nn.evaluate import predict
from axmac.model.study.transfers import test_images
from axmac.model.study.variants import build

__all__ = ["accuracy", "classified", "compared"]

_BATCH = 128


def classified(*, variant: Mapping[str, Any], dataset: Mapping[str, str], first: int, last: int) -> dict[str, Any]:
    """Classifies the test images ``first`` to ``last`` - 1, as far as there are so many; see `variants`.

    Returns ``n`` images, ``correct`` of them, and the indices of the ``wrong`` ones.
    """
    block = test_images(dataset, first, last)
    wrong = predict(build(variant), block.images, batch_size=_BATCH) != block.labels
    indices = (wrong.nonzero().flatten() + first).tolist()
    return {"n": len(block), "correct": len(block) - len(indices), "wrong": indices}


def accuracy(shards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """n images, ``correct`` ones, ``accuracy`` with its 95 % ``interval``; both None without images."""
    n, correct = (sum(shard[name] for shard in shards) for name in ("n", "correct"))
    return {"n": n, "correct": correct, "accuracy": correct / n if n else None, "interval": wilson(correct, n)}


def compared(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """McNemar's test of two networks on the same images; ``only_first``: those that only the first has wrong.

    Raises ``ValueError`` for shards of different numbers of images.
    """
    counts = [sum(shard["n"] for shard in shards) for shards in (first, second)]
    if counts[0] != counts[1]:
        raise ValueError(f"shards must be of the same images, not {counts[0]} and {counts[1]}")
    wrong = [{index for shard in shards for index in shard["wrong"]} for shards in (first, second)]
    either = sorted(wrong[0] | wrong[1])
    flags = [torch.tensor([index in one for index in either], dtype=torch.bool) for one in wrong]
    return asdict(mcnemar(*flags)) | {"n": counts[0]}
