"""Shards of robust accuracy: images moved on one network within several eps, and which networks still have them right.

Every image is moved, also one that the network has wrong already: else the networks it is shown to would keep images
that were never attacked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.victim import Goal
from axmac.model.nn.evaluate import predict
from axmac.model.study.transfers import SEEDS, test_images
from axmac.model.study.variants import build, named

__all__ = ["moved_and_shown"]

_BATCH = 128


def moved_and_shown(
    *,
    source: Mapping[str, Any],
    targets: Sequence[Mapping[str, Any]],
    dataset: Mapping[str, str],
    first: int,
    last: int,
    attack: str,
    settings: Mapping[str, Any],
    sizes: Sequence[float],
    seed: int,
) -> dict[str, Any]:
    """Moves the test images ``first`` to ``last`` - 1 on ``source``, by each eps of ``sizes``; see `variants`.

    Returns ``n`` images, and by eps and by network (the source and the ``targets``, as `named` calls them) ``right``, a
    1 or a 0 for each image, one after the other. Eps 0 leaves the images as they are.
    """
    judges = {named(variant): build(variant) for variant in (source, *targets)}
    block = test_images(dataset, first, last)
    how = {"settings": settings_of(attack, settings), "seed": seed * SEEDS + first, "batch_size": _BATCH}
    right = {}
    for eps in sizes:
        moved = block.images
        if eps > 0:
            goal = Goal(block.labels)
            moved = craft(judges[named(source)], attack, moved, goal, eps=eps, every=True, **how).images
        seen = {name: predict(judge, moved, batch_size=_BATCH) == block.labels for name, judge in judges.items()}
        right[f"{eps:g}"] = {name: "".join("01"[flag] for flag in flags.tolist()) for name, flags in seen.items()}
    return {"n": len(block), "right": right}
