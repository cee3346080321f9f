"""The shard of timing studies: how long networks take to classify images on several units, beside native float32."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from axmac.model.nn import networks, quantize
from axmac.model.nn.evaluate import batch_seconds

__all__ = ["timed"]


def timed(
    *, nets: Sequence[Mapping[str, Any]], units: Sequence[str], repeats: int, seed: int
) -> list[dict[str, list[float]]]:
    """Times networks one after the other; ``nets`` have ``net``, ``layers`` ("conv" or "all") and ``images``.

    Returns, for each network, ``seconds`` to classify one batch of so many images, first in float32 and then in int8 on
    each of the ``units``, in turn: medians of ``repeats``, see `batch_seconds`. Weights and images are drawn from
    ``seed``: the time does not depend on their values. The result is a measurement of one thread of this machine,
    not, as that of other shards, a function of the arguments.
    """
    found = []
    for about in nets:
        module = networks.build(about["net"], seed).eval()
        shape = (about["images"], *networks.get(about["net"]).images)
        images = torch.rand(shape, generator=torch.Generator().manual_seed(seed))
        made = [quantize(module, images, unit, about["layers"]) for unit in units]
        found.append({"seconds": batch_seconds([module, *made], images, repeats=repeats)})
    return found
