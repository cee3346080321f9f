"""Shards that audit a white-box result: what rings, and what all attacks together leave standing."""

from collections.abc import Mapping
from typing import Any

from axmac.model.attack.audit import audit
from axmac.model.study.transfers import test_images
from axmac.model.study.variants import build

__all__ = ["audited"]


def audited(
    *,
    source: Mapping[str, Any],
    target: Mapping[str, Any],
    dataset: Mapping[str, str],
    images: int,
    eps: float,
    quick: bool,
    seed: int,
) -> dict[str, Any]:
    """Audits ``target`` on the first ``images`` test images within ``eps`` (L-inf); ``source`` for transferred images.

    Returns ``eps``, the rows of the `Audit`, and its alarms as lines of text.
    """
    block = test_images(dataset, 0, images)
    found = audit(build(target), build(source), block.images, block.labels, eps, quick=quick, seed=seed)
    alarms = [f"{alarm.name} at eps {eps:g}: {alarm.meaning}" for alarm in found.alarms]
    return {"eps": eps, "rows": found.rows, "alarms": alarms}
