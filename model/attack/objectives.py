"""What attacks climb on: one loss per image, larger where its goal is nearer, and its gradient."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.attack.victim import Goal, Victim
from axmac.model.spec import InputError

__all__ = ["cross_entropy", "dlr", "likeliest_others", "look", "margin", "targeted_dlr"]


def cross_entropy(logits: Tensor, goal: Goal) -> Tensor:
    """Cross-entropy [n] of logits [n, classes], away from the labels or, of a targeted goal, towards them."""
    return goal.sign * F.cross_entropy(logits, goal.labels, reduction="none")


def margin(logits: Tensor, goal: Goal) -> Tensor:
    """How far each image is from its goal, in logits [n]: above 0 before it, 0 on a tie, below 0 behind it."""
    own = logits.gather(1, goal.labels[:, None]).squeeze(1)
    others = logits.scatter(1, goal.labels[:, None], -torch.inf).max(1).values
    return goal.sign * (own - others)


def dlr(logits: Tensor, goal: Goal) -> Tensor:
    """The difference of logits ratio [n]: minus the margin over the gap from the first to the third logit.

    It stays the same when all logits are multiplied by a factor. Croce & Hein (ICML 2020), equation 6.
    Raises ``InputError`` for fewer than 3 classes.
    """
    ordered = _ordered(logits, 3, "apgd_ce or square")
    return -margin(logits, goal) / _apart(ordered[:, 0] - ordered[:, 2])


def targeted_dlr(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """The lead [n] of ``targets`` over ``labels``, over the gap from the first to the mean of third and fourth logit.

    Croce & Hein (ICML 2020), equation 7. Raises ``InputError`` for fewer than 4 classes.
    """
    ordered = _ordered(logits, 4, "apgd_ce, fab_t or square")
    lead = logits.gather(1, targets[:, None]) - logits.gather(1, labels[:, None])
    return lead.squeeze(1) / _apart(ordered[:, 0] - (ordered[:, 2] + ordered[:, 3]) / 2)


def likeliest_others(logits: Tensor, labels: Tensor, count: int) -> Tensor:
    """The ``count`` likeliest classes but the label, or all where there are fewer: int64 [n, count]."""
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.sort(dim=1, descending=True, stable=True).indices[:, : min(count, logits.shape[1] - 1)]


def look(victim: Victim, images: Tensor, objective: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """Logits, ``objective(logits)`` [n] and its gradient in the images, 0 where there is none or it is not a number."""
    with torch.enable_grad():
        at = images.detach().requires_grad_()
        logits = victim(at)
        values = objective(logits)
        (gradient,) = torch.autograd.grad(values.sum(), at)
    return logits.detach(), values.detach(), gradient.nan_to_num(0.0, 0.0, 0.0)


def _ordered(logits: Tensor, least: int, instead: str) -> Tensor:
    if logits.shape[1] < least:
        raise InputError(f"this DLR loss needs at least {least} classes, not {logits.shape[1]}: use {instead}")
    return logits.sort(1, descending=True).values


def _apart(gap: Tensor) -> Tensor:
    """The gap, 1 where logits are equal, so that nothing is divided by 0."""
    return gap + (gap == 0)
