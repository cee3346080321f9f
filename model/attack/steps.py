"""Steps along the gradient of the cross-entropy, with an eps for each image, and searches for the smallest eps.

With one eps for all images ``walk`` computes what FGSM, BIM and PGD of foolbox 3.3.4 do; the searches are those of
foolbox 1 and 2, which the Ax-FPM paper used: a scan of eps (``scan``) and a bisection (``nearest``).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.attack.norms import distances, farthest, per_image
from axmac.model.attack.victim import Goal, Victim

__all__ = ["Steps", "gradient", "nearest", "scan", "walk", "within"]

_TINY = 1e-12
"""A length below it counts as this one, so that nothing is divided by zero."""


@dataclass(frozen=True)
class Steps:
    """Settings of ``walk`` and ``nearest``.

    ``steps`` of ``rel_step`` times eps each, from the image or, with ``random_start``, from anywhere in its ball. The
    search begins at ``first_eps``, which it multiplies by ``growth`` at most ``rounds`` times until an image reaches
    its goal, and then halves the interval ``rounds`` times.
    """

    steps: int = 40
    rel_step: float = 1 / 30
    random_start: bool = False
    first_eps: float = 0.3
    growth: float = 1.5
    rounds: int = 20


def gradient(victim: Victim, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [n, classes] and the gradient [n, C, H, W] of the cross-entropy to ``labels``, NaN and inf read as 0."""
    with torch.enable_grad():
        images = images.detach().requires_grad_()
        logits = victim(images)
        slope = torch.autograd.grad(F.cross_entropy(logits, labels, reduction="sum"), images)[0]
    return logits.detach(), slope.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)


def within(victim: Victim, images: Tensor, goal: Goal, eps: float, norm: str, settings: Steps) -> Tensor:
    """Images after all steps, each within the same ``eps``, whether or not the goal is reached on the way."""
    return walk(victim, images, goal, torch.full((len(images),), eps, dtype=torch.float64), norm, settings)[0]


def walk(
    victim: Victim, images: Tensor, goal: Goal, eps: Tensor, norm: str, settings: Steps, *, stop: bool = False
) -> tuple[Tensor, Tensor]:
    """Images [n, C, H, W] after the steps, each within its ``eps`` (float64 [n]) in l2 or linf and in [0, 1].

    With ``stop`` an image that reaches its goal stays where it is and is asked no more, and the second value, bool [n],
    says which did; else it is False everywhere, and all steps are taken.
    """
    moved = _anywhere(images, eps, norm) if settings.random_start else images.clone()
    reached = torch.zeros(len(images), dtype=torch.bool)
    left = torch.arange(len(images))
    for _ in range(settings.steps):
        logits, slope = gradient(victim, moved[left], goal.labels[left])
        if stop:
            there = goal[left].reached(logits)
            reached[left[there]] = True
            left, slope = left[~there], slope[~there]
        if len(left) == 0:
            break
        stepped = moved[left] + goal.sign * per_image(settings.rel_step * eps[left]) * _unit(slope, norm)
        moved[left] = _project(stepped, images[left], per_image(eps[left]), norm)
    if stop and len(left):
        reached[left] = goal[left].reached(victim.logits(moved[left]))
    return moved, reached


def nearest(victim: Victim, images: Tensor, goal: Goal, norm: str, settings: Steps) -> Tensor:
    """For each image the nearest one that reaches the goal among all that walks of different eps came by, else itself.

    No eps is tried beyond that which holds every image.
    """
    search = _Search(victim, images, goal, norm, settings)
    limit = farthest(images, norm)
    eps = torch.full((len(images),), min(settings.first_eps, limit), dtype=torch.float64)
    bad, good = torch.zeros_like(eps), torch.full_like(eps, torch.inf)
    left = torch.arange(len(images))
    for _ in range(settings.rounds):
        reached = search.attempt(left, eps[left])
        good[left[reached]] = eps[left[reached]]
        left = left[~reached]
        left = left[eps[left] < limit]
        if len(left) == 0:
            break
        eps[left] = (eps[left] * settings.growth).clamp(max=limit)
    found = good.isfinite().nonzero().flatten()
    for _ in range(settings.rounds if len(found) else 0):
        middle = (good[found] + bad[found]) / 2
        reached = search.attempt(found, middle)
        good[found[reached]] = middle[reached]
        bad[found[~reached]] = middle[~reached]
    return search.best


def scan(victim: Victim, images: Tensor, goal: Goal, direction: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
    """The first of clip(image + size * direction), ``sizes`` float64 [k] in turn, that reaches the goal.

    Returns images, unmoved where none does, and their classes int64 [n], -1 there.
    """
    moved, classes = images.clone(), torch.full((len(images),), -1)
    left = torch.arange(len(images))
    for size in sizes.tolist():
        tried = (images[left] + size * direction[left]).clamp(0, 1)
        logits = victim.logits(tried)
        there = goal[left].reached(logits)
        moved[left[there]] = tried[there]
        classes[left[there]] = logits[there].argmax(1)
        left = left[~there]
        if len(left) == 0:
            break
    return moved, classes


class _Search:
    """Walks with chosen eps, and the nearest image that they found so far."""

    def __init__(self, victim: Victim, images: Tensor, goal: Goal, norm: str, settings: Steps) -> None:
        self.victim, self.images, self.goal, self.norm, self.settings = victim, images, goal, norm, settings
        self.best = images.clone()
        self.distance = torch.full((len(images),), torch.inf, dtype=torch.float64)

    def attempt(self, which: Tensor, eps: Tensor) -> Tensor:
        """Walks images ``which`` (indices) with ``eps`` [len(which)]; bool: reached."""
        images = self.images[which]
        moved, reached = walk(self.victim, images, self.goal[which], eps, self.norm, self.settings, stop=True)
        distance = distances(images, moved, self.norm)
        nearer = reached & (distance < self.distance[which])
        self.best[which[nearer]] = moved[nearer]
        self.distance[which[nearer]] = distance[nearer]
        return reached


def _unit(slope: Tensor, norm: str) -> Tensor:
    return slope.sign() if norm == "linf" else slope / per_image(slope.flatten(1).norm(dim=1).clamp(min=_TINY))


def _project(moved: Tensor, images: Tensor, eps: Tensor, norm: str) -> Tensor:
    change = moved - images
    if norm == "linf":
        change = torch.maximum(torch.minimum(change, eps), -eps)
    else:
        change = change * (eps / per_image(change.flatten(1).norm(dim=1).clamp(min=_TINY))).clamp(max=1)
    return (images + change).clamp(0, 1)


def _anywhere(images: Tensor, eps: Tensor, norm: str) -> Tensor:
    if norm == "linf":
        change = torch.rand_like(images) * 2 - 1
    else:
        radius = torch.rand(len(images), dtype=torch.float64) ** (1 / images[0].numel())
        change = _unit(torch.randn_like(images), norm) * per_image(radius)
    return (images + per_image(eps) * change).clamp(0, 1)
