"""Transfer attack: adversarial images made on one network are shown to another one.

Only images that source and target both classify right count (n). k1 of them reach the goal on the source; k2 of those
also reach it on the target; the transfer rate is k2 / k1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.craft import Crafted, craft, settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.attack.norms import distances, stretched
from axmac.model.attack.victim import Goal
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError

__all__ = ["Examples", "Transfer", "transfer"]


@dataclass(frozen=True)
class Examples:
    """All n images of one row: float32 [n, C, H, W]; classes int64 [n]: true ones, wanted ones, given afterwards.

    ``size`` is the eps (budget) or the margin (minimal); ``wanted`` are the ``labels`` themselves without a target.
    """

    size: float
    indices: list[int]
    labels: Tensor
    wanted: Tensor
    clean: Tensor
    adversarial: Tensor
    source: Tensor
    target: Tensor


@dataclass(frozen=True)
class Transfer:
    """The result of ``transfer``: what the ``attack`` was, one row and one ``Examples`` for each size.

    ``attack`` holds name, norm, params (settings), protocol, targeted. A row holds eps (None with protocol minimal) and
    margin (None with budget); source_accuracy and target_accuracy over all ``images``; n, k1, k2; source_rate = k1 / n
    and rate = k2 / k1 with their 95 % intervals source_interval and interval; distance, the median over the k1 in the
    attack's norm; forward_images and backward_images, the queries of the attack. A rate without trials is None, and so
    is its interval. ``indices`` are the places of the n images in the data set.
    """

    attack: dict
    rows: list[dict]
    indices: list[int]
    threads: int
    batch_size: int
    examples: list[Examples] = field(repr=False)


def transfer(
    source: nn.Module,
    target: nn.Module,
    dataset: Dataset,
    sizes: Sequence[float],
    *,
    attack: str = "fgsm",
    protocol: str = "budget",
    targeted: bool = False,
    settings: Mapping[str, Any] | None = None,
    quick: bool = False,
    seed: int = 0,
    batch_size: int = 128,
    progress: Progress | None = None,
) -> Transfer:
    """Attacks ``source`` and shows the results to ``target``; both networks in evaluation mode.

    With protocol ``budget``, ``sizes`` are eps above 0 and at most 1, or any above 0 in a norm other than L-inf; with
    ``minimal`` they are margins, at least 1: the smallest perturbation times the margin, clipped to [0, 1]. With
    ``targeted`` each image has to become the class after its own. ``settings`` are changes to the attack's published
    ones, or to its ``quick`` ones. Raises ``InputError`` for an unknown attack, for what it has not, for sizes out of
    range, a network in training mode, and where no image is classified right by both.
    """
    changed = settings_of(attack, settings, quick=quick)
    _check(source, target, protocol, sizes)
    right = [predict(net, dataset.images, batch_size=batch_size) == dataset.labels for net in (source, target)]
    indices = (right[0] & right[1]).nonzero().flatten()
    if len(indices) == 0:
        raise InputError(f"no image of {dataset.name} is classified right by both networks: train the source first")
    images, labels = dataset.images[indices], dataset.labels[indices]
    goal = Goal(_next_class(source, images, labels) if targeted else labels, targeted)
    accuracies = [int(classified.sum()) / len(dataset) for classified in right]
    steps = _Steps(progress, attack, len(images), len(sizes) if protocol == "budget" else 1)

    def attacked(eps: float | None) -> Crafted:
        common = {"settings": changed, "seed": seed, "batch_size": batch_size, "progress": steps.next()}
        return craft(source, attack, images, goal, protocol=protocol, eps=eps, **common)

    if protocol == "minimal":
        crafted = attacked(None)
        found = [(crafted, stretched(images, crafted.images, margin)) for margin in sizes]
    else:
        found = [(crafted, crafted.images) for crafted in map(attacked, sizes)]
    rows, examples = [], []
    for size, (crafted, moved) in zip(sizes, found, strict=True):
        seen = [predict(net, moved, batch_size=batch_size) for net in (source, target)]
        reached = [(classes == goal.labels) == targeted for classes in seen]
        distance = distances(images, moved, crafted.norm)[reached[0]]
        counts = _counts(accuracies, len(dataset), reached)
        queries = {"forward_images": crafted.forward_images, "backward_images": crafted.backward_images}
        budget = protocol == "budget"
        which = {"eps": size if budget else None, "margin": None if budget else size}
        rows.append({**which, **counts, "distance": float(distance.median()) if len(distance) else None, **queries})
        examples.append(Examples(size, indices.tolist(), labels, goal.labels, images, moved, *seen))
    description = {"name": attack, "norm": crafted.norm, "params": crafted.settings}
    description |= {"protocol": protocol, "targeted": targeted}
    return Transfer(description, rows, indices.tolist(), torch.get_num_threads(), batch_size, examples)


class _Steps:
    """One bar over all sizes: each call of ``next`` gives the progress function of one more."""

    def __init__(self, progress: Progress | None, attack: str, images: int, rounds: int) -> None:
        self.progress, self.attack, self.images, self.total = progress, attack, images, images * rounds
        self.before = -images

    def next(self) -> Progress | None:
        self.before += self.images
        before = self.before
        return self.progress and (lambda _, done, __: self.progress(self.attack, before + done, self.total))


def _check(source: nn.Module, target: nn.Module, protocol: str, sizes: Sequence[float]) -> None:
    for name, module in (("source", source), ("target", target)):
        if module.training:
            raise InputError(f"{name} is in training mode: call .eval() first")
    if protocol == "minimal" and not (sizes and all(1 <= size < float("inf") for size in sizes)):
        raise InputError(f"margins must be one or more numbers of at least 1, not {list(sizes)}")
    if protocol != "minimal" and not (sizes and all(0 < size < float("inf") for size in sizes)):
        raise InputError(f"eps must be one or more finite numbers above 0, not {list(sizes)}")


def _next_class(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    with torch.no_grad():
        return (labels + 1) % net(images[:1]).shape[1]


def _counts(accuracies: list[float], images: int, reached: list[Tensor]) -> dict:
    n, k1, k2 = len(reached[0]), int(reached[0].sum()), int((reached[0] & reached[1]).sum())
    return {
        "source_accuracy": accuracies[0],
        "target_accuracy": accuracies[1],
        "images": images,
        "n": n,
        "k1": k1,
        "k2": k2,
        "source_rate": k1 / n,
        "source_interval": wilson(k1, n),
        "rate": k2 / k1 if k1 else None,
        "interval": wilson(k2, k1),
    }
