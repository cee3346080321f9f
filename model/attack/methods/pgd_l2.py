"""Projected gradient descent of Madry et al. (ICLR 2018) in the L2 ball, by steps along the gradient itself.

``minimal`` bisects eps for each image as in L-inf.
"""

from dataclasses import dataclass

from torch import Tensor

from axmac.model.attack.steps import Steps, nearest, within
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "minimal"]

NORM = "l2"
TARGETED = True


@dataclass(frozen=True)
class Settings(Steps):
    """Those of foolbox 3; the Ax-FPM paper has no such attack."""

    steps: int = 50
    rel_step: float = 0.025


QUICK = Settings(steps=20, rel_step=1 / 15, rounds=10)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """All steps, whether or not the goal is reached on the way."""
    return within(victim, images, goal, eps, NORM, settings)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The nearest image of a bisection of eps."""
    return nearest(victim, images, goal, NORM, settings)
