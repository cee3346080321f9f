"""The basic iterative method of Kurakin et al. (ICLR workshop 2017) in the L-inf ball.

PGD with fewer and longer steps, from the image itself; ``minimal`` bisects eps for each image, as there.
"""

from dataclasses import dataclass

from torch import Tensor

from axmac.model.attack.steps import Steps, nearest, within
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "minimal"]

NORM = "linf"
TARGETED = True


@dataclass(frozen=True)
class Settings(Steps):
    """Those of foolbox 1 and 2: 10 steps of .05 at eps .3."""

    steps: int = 10
    rel_step: float = 1 / 6


QUICK = Settings(rounds=10)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """All steps, whether or not the goal is reached on the way."""
    return within(victim, images, goal, eps, NORM, settings)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The nearest image of a bisection of eps."""
    return nearest(victim, images, goal, NORM, settings)
