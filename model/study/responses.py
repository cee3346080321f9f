"""Response of a filter of the first convolution against the similarity of what it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast import matmul
from axmac.model.study.measures import correlation
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import test_images
from axmac.model.study.variants import build, exact

__all__ = ["BINS", "CHOSEN", "Responses", "responded", "summarised"]

_IMAGES = {True: 100, False: 1000}
CHOSEN = 6
"""Pieces that are shown one by one, as in the paper."""
BINS = 20
"""Classes of similarity, from -1 to 1."""
_LEAST = 1.0
"""Pieces of a smaller norm are left out: nearly black, they have a direction but no response."""


@dataclass(frozen=True)
class Responses(OneNet):
    """Pieces of test images as large as a filter, exact response against that of ``unit``."""

    title: str
    unit: str
    form = "responses"
    folder = "responses"

    def plan(self, setting: Setting) -> list[Shard]:
        """One shard."""
        arguments = {"net": exact(self.net(setting)), "unit": self.unit, "dataset": self.dataset(setting)}
        return [Shard("responses", f"{__name__}:responded", arguments | {"images": _IMAGES[setting.quick]})]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """One row: what `responded` found, with unit and number of images."""
        return [{"unit": self.unit, "images": _IMAGES[setting.quick]} | results["responses"]]


def responded(*, net: Mapping[str, Any], unit: str, dataset: Mapping[str, str], images: int) -> dict[str, Any]:
    """Responses of the filters of the first convolution, without bias, to all pieces of the first ``images`` images.

    ``filter``: the number of the filter with the largest norm, and ``weights``, its values; all that `summarised` says
    of it; ``filters``, for each filter the ``correlation`` of similarity and gap.
    """
    layer = next(module for module in build(net).modules() if isinstance(module, torch.nn.Conv2d))
    shown = test_images(dataset, 0, images).images
    pieces = F.unfold(shown, layer.kernel_size, padding=layer.padding, stride=layer.stride)
    pieces = pieces.transpose(1, 2).flatten(0, 1)
    pieces = pieces[pieces.norm(dim=1) >= _LEAST]
    weights = layer.weight.flatten(1)
    largest = int(weights.norm(dim=1).argmax())
    found = [summarised(pieces, filter_, unit) for filter_ in weights]
    return {
        "filter": largest,
        "weights": layer.weight[largest, 0].tolist(),
        "filters": [one["correlation"] for one in found],
        **found[largest],
    }


def summarised(pieces: Tensor, weights: Tensor, unit: str) -> dict[str, Any]:
    """Similarity (cosine) and response of pieces float32 [n, k] to a filter [k], exact and by a unit.

    ``pieces``: how many; ``correlation`` of similarity and gap, the unit's less the exact response; ``chosen``: six
    pieces whose similarities lie evenly from least to most, each with values, similarity and responses; ``bins``: for
    each class of similarity that has a piece its middle, the number of pieces and their mean responses.
    """
    exact_response = pieces.double() @ weights.double()
    response = matmul(unit, pieces, weights[:, None].contiguous())[:, 0].double()
    similarity = exact_response / pieces.double().norm(dim=1) / weights.double().norm()
    wanted = torch.linspace(float(similarity.min()), float(similarity.max()), CHOSEN, dtype=torch.float64)
    chosen = [int((similarity - one).abs().argmin()) for one in wanted]
    place = ((similarity + 1) * (BINS / 2)).long().clamp(0, BINS - 1)
    bins = []
    for index in place.unique().tolist():
        inside = place == index
        means = {"exact": float(exact_response[inside].mean()), "unit": float(response[inside].mean())}
        bins.append({"similarity": (index + 0.5) * 2 / BINS - 1, "pieces": int(inside.sum())} | means)
    return {
        "pieces": len(pieces),
        "correlation": correlation(similarity, response - exact_response),
        "chosen": [
            {
                "values": pieces[index].tolist(),
                "similarity": float(similarity[index]),
                "exact": float(exact_response[index]),
                "unit": float(response[index]),
            }
            for index in chosen
        ],
        "bins": bins,
    }
