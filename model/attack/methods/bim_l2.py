"""The basic iterative method in the L2 ball, by steps along the gradient itself, from the image.

That of Kurakin et al. (ICLR workshop 2017) with the other norm, as foolbox 3 has it. ``minimal`` bisects eps for each
image as in L-inf.
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
    """Those of foolbox 3."""

    steps: int = 10
    rel_step: float = 0.2


QUICK = Settings(rounds=10)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """All steps, whether or not the goal is reached on the way."""
    return within(victim, images, goal, eps, NORM, settings)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The nearest image of a bisection of eps."""
    return nearest(victim, images, goal, NORM, settings)
