"""Where an attack that only sees classes begins: any image that reaches the goal, drawn near by a line search.

As in foolbox: uniform noise, mixed into the image in 50 steps. Noise hardly ever is of a wanted class, so that with a
target the nearest other image of the batch that the network takes for that class comes first.
"""

import torch
from torch import Tensor

from axmac.model.attack.norms import per_image
from axmac.model.attack.victim import Goal, Victim

__all__ = ["starting_points"]

_DRAWS = 1000
_MIX = 50


def starting_points(victim: Victim, images: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    """Images [n, C, H, W] that reach the goal and bool [n]: there is one. Without one it is the image itself."""
    far, found = images.clone(), torch.zeros(len(images), dtype=torch.bool)
    for source in (_others, _noise) if goal.targeted else (_noise, _others):
        left = (~found).nonzero().flatten()
        if len(left):
            far[left], found[left] = source(victim, images, goal, left)
    points = far.clone()
    left = found.nonzero().flatten()
    for share in torch.linspace(0, 1, _MIX + 1)[1:-1]:
        if len(left) == 0:
            break
        mixed = (1 - share) * images[left] + share * far[left]
        there = goal[left].reached(victim.logits(mixed))
        points[left[there]] = mixed[there]
        left = left[~there]
    return points, found


def _noise(victim: Victim, images: Tensor, goal: Goal, which: Tensor) -> tuple[Tensor, Tensor]:
    far, found = images[which], torch.zeros(len(which), dtype=torch.bool)
    for _ in range(_DRAWS):
        left = (~found).nonzero().flatten()
        if len(left) == 0:
            break
        drawn = torch.rand_like(images[left])
        there = goal[which[left]].reached(victim.logits(drawn))
        far[left[there]] = drawn[there]
        found[left[there]] = True
    return far, found


def _others(victim: Victim, images: Tensor, goal: Goal, which: Tensor) -> tuple[Tensor, Tensor]:
    logits = victim.logits(images)
    fits = (logits.argmax(1)[None] == goal.labels[which][:, None]) == goal.targeted
    fits &= ~logits.isnan().any(1)[None]
    distance = torch.cdist(images[which].flatten(1), images.flatten(1)).masked_fill(~fits, torch.inf)
    found = fits.any(1)
    return torch.where(per_image(found).bool(), images[distance.argmin(1)], images[which]), found
