"""Auto-PGD on the targeted difference of logits ratio (Croce & Hein, ICML 2020), in the L-inf ball; needs 4 classes.

Its goal is any wrong class: it climbs towards the likeliest other classes, one after the other.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.apgd import climb
from axmac.model.attack.objectives import likeliest_others, targeted_dlr
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget"]

NORM = "linf"
TARGETED = False


@dataclass(frozen=True)
class Settings:
    """``steps`` of each climb; ``targets``: how many other classes are tried."""

    steps: int = 100
    targets: int = 9


QUICK = Settings(steps=20, targets=3)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """Images within ``eps``: the first that reached the goal, else the clean image."""
    with torch.no_grad():
        targets = likeliest_others(victim(images), goal.labels, settings.targets)
    made, rows = images.clone(), torch.arange(len(images))
    for target in targets.T:
        labels, aims = goal.labels[rows], target[rows]

        def objective(logits: Tensor, part: Tensor, labels: Tensor = labels, aims: Tensor = aims) -> Tensor:
            return targeted_dlr(logits, labels[part], aims[part])

        climbed = climb(victim, images[rows], goal[rows], eps, objective, settings.steps)
        made[rows[climbed.reached]] = climbed.images[climbed.reached]
        rows = rows[~climbed.reached]
        if len(rows) == 0:
            break
    return made
