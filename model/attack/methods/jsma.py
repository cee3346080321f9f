"""The Jacobian-based saliency map attack of Papernot et al. (EuroS&P 2016), one value of one pixel per step.

After foolbox 1: the value whose derivative of the target's cross-entropy is largest moves by ``theta`` against it, up
or down, until the goal is reached; a value that met its bound or was changed ``max_changes`` times stays. Without a
target, the class is taken that a step along the gradient reaches first, or, where it reaches none, a random one.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.steps import gradient, scan
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l0"
TARGETED = True
_SCAN = 1000
"""Lengths that are tried along the gradient, up to a root mean square of 1 over the values of an image."""


@dataclass(frozen=True)
class Settings:
    """Those of foolbox 1."""

    theta: float = 0.1
    max_changes: int = 7
    steps: int = 2000


QUICK = Settings(steps=500)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The first image on the way that reaches the goal, else the last one."""
    targets = goal.labels if goal.targeted else _targets(victim, images, goal)
    moved = images.clone()
    changes = torch.zeros(len(images), images[0].numel(), dtype=torch.int16)
    left = torch.arange(len(images))
    for _ in range(settings.steps):
        logits, slope = gradient(victim, moved[left], targets[left])
        going = ~goal[left].reached(logits)
        left, slope = left[going], slope[going].flatten(1)
        values = moved[left].flatten(1)
        bounded = torch.where(slope < 0, values >= 1, values <= 0) | (changes[left] >= settings.max_changes)
        strength, place = slope.abs().masked_fill(bounded, 0).max(1)
        left, place = left[strength > 0], place[strength > 0]
        if len(left) == 0:
            break
        value, sign = moved.flatten(1)[left, place], slope[strength > 0].gather(1, place[:, None])[:, 0].sign()
        value = (value - settings.theta * sign).clamp(0, 1)
        moved.view(len(images), -1)[left, place] = value
        changes[left, place] += 1
        ended = (value <= 0) | (value >= 1)
        changes[left[ended], place[ended]] = settings.max_changes
    return moved


def _targets(victim: Victim, images: Tensor, goal: Goal) -> Tensor:
    logits, slope = gradient(victim, images, goal.labels)
    direction = slope / (slope.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-8)
    classes = scan(victim, images, goal, direction, torch.arange(1, _SCAN + 1, dtype=torch.float64) / _SCAN)[1]
    shift = torch.randint(1, logits.shape[1], classes.shape)
    return torch.where(classes >= 0, classes, (goal.labels + shift) % logits.shape[1])
