"""What a network of QUANOS gets right: clean images, and those of white-box FGSM and PGD on the network itself."""

from typing import Any

from torch import nn

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.victim import Goal
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.evaluate import predict
from axmac.model.study.measures import share

__all__ = ["ATTACKS", "measured"]

ATTACKS = (
    ("fgsm", 0.05, {}),
    ("pgd", 8 / 255, {"steps": 7, "rel_step": 1 / 4, "random_start": False}),
)
"""Attack, eps in L-inf, settings: the weakest of each kind in the paper; PGD takes 7 steps of 2/255 from the image."""


def measured(
    module: nn.Module, dataset: Dataset, attacked: int, *, seed: int = 0, progress: Progress | None = None
) -> list[dict[str, Any]]:
    """Rows {images, eps, n, k, rate, interval}: ``clean`` over all images, each attack over the first ``attacked``.

    k of n are right. An image that is wrong when clean counts as wrong under attack.
    """
    right = int((predict(module, dataset.images, progress=progress) == dataset.labels).sum())
    rows = [{"images": "clean", "eps": 0.0, **share(right, len(dataset))}]
    images, labels = dataset.images[:attacked], dataset.labels[:attacked]
    for attack, eps, changes in ATTACKS:
        settings = settings_of(attack, changes)
        made = craft(module, attack, images, Goal(labels), eps=eps, settings=settings, seed=seed, progress=progress)
        rows.append({"images": attack, "eps": eps, **share(int((~made.fooled).sum()), len(labels))})
    return rows
