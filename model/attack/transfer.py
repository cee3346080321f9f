"""Transfer attack: adversarial images made on one network are shown to another one.

Only images that source and target both classify right count (n). k1 of them fool the source; k2 of those also fool the
target; the transfer rate is k2 / k1.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from axmac.model.attack import methods
from axmac.model.attack.intervals import wilson
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.evaluate import predict
from axmac.model.nn.registry import find, names
from axmac.model.spec import InputError

__all__ = ["Examples", "Transfer", "attack_names", "transfer"]


@dataclass(frozen=True)
class Examples:
    """Images for a picture at one eps, m of them: images as float32 [m, C, H, W], classes as int64 [m]."""

    eps: float
    indices: list[int]
    labels: Tensor
    clean: Tensor
    adversarial: Tensor
    source: Tensor
    target: Tensor


@dataclass(frozen=True)
class Transfer:
    """The result of ``transfer``: what the ``attack`` was, one row and one ``Examples`` for each eps.

    ``attack`` holds name, norm, params and protocol (``budget``: fixed eps). A row holds eps; source_accuracy and
    target_accuracy over all ``images``; n, k1, k2; source_rate = k1 / n and rate = k2 / k1 with their 95 % intervals
    source_interval and interval. A rate without trials is None, and so is its interval. ``indices`` are the places of
    the n images in the data set.
    """

    attack: dict
    rows: list[dict]
    indices: list[int]
    threads: int
    batch_size: int
    examples: list[Examples] = field(repr=False)


def attack_names() -> list[str]:
    """Every attack that ``transfer`` knows."""
    return names(methods.__name__)


def transfer(
    source: nn.Module,
    target: nn.Module,
    dataset: Dataset,
    eps: Sequence[float],
    *,
    attack: str = "fgsm",
    batch_size: int = 128,
    keep: int = 16,
    progress: Progress | None = None,
) -> Transfer:
    """Attacks ``source`` with every eps and shows the results to ``target``; both networks in evaluation mode.

    ``keep`` limits the examples, those that fool both networks first. Raises ``InputError`` for an unknown attack, an
    eps out of (0, 1], a network in training mode, and where no image is classified right by both.
    """
    method = find(methods.__name__, attack, "attack")
    _check(source, target, eps)
    frozen = copy.deepcopy(source).requires_grad_(False)
    right = [predict(net, dataset.images, batch_size=batch_size) == dataset.labels for net in (frozen, target)]
    indices = (right[0] & right[1]).nonzero().flatten()
    if len(indices) == 0:
        raise InputError(f"no image of {dataset.name} is classified right by both networks: train the source first")
    images, labels = dataset.images[indices], dataset.labels[indices]
    accuracies = [int(classified.sum()) / len(dataset) for classified in right]
    rows, examples = [], []
    for size in eps:
        moved = torch.empty_like(images)
        for start in range(0, len(indices), batch_size):
            part = slice(start, start + batch_size)
            moved[part] = method.perturb(frozen, images[part], labels[part], size)
            if progress is not None:
                progress(
                    attack, len(rows) * len(indices) + len(moved[:start]) + len(moved[part]), len(eps) * len(indices)
                )
        seen = [predict(net, moved, batch_size=batch_size) for net in (frozen, target)]
        fooled = [classes != labels for classes in seen]
        rows.append(_row(size, accuracies, len(dataset), fooled))
        first = (~(fooled[0] & fooled[1])).int().argsort(stable=True)[:keep]
        kept = (values[first] for values in (labels, images, moved, *seen))
        examples.append(Examples(size, indices[first].tolist(), *kept))
    description = {"name": attack, "norm": method.NORM, "params": method.PARAMS, "protocol": "budget"}
    return Transfer(description, rows, indices.tolist(), torch.get_num_threads(), batch_size, examples)


def _check(source: nn.Module, target: nn.Module, eps: Sequence[float]) -> None:
    for name, module in (("source", source), ("target", target)):
        if module.training:
            raise InputError(f"{name} is in training mode: call .eval() first")
    if not eps or not all(0 < size <= 1 for size in eps):
        raise InputError(f"eps must be one or more numbers above 0 and at most 1, not {list(eps)}")


def _row(eps: float, accuracies: list[float], images: int, fooled: list[Tensor]) -> dict:
    n, k1, k2 = len(fooled[0]), int(fooled[0].sum()), int((fooled[0] & fooled[1]).sum())
    return {
        "eps": eps,
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
