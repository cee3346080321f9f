"""The fast gradient sign method of Goodfellow et al. (ICLR 2015): clip(image + eps * sign(gradient)).

``minimal`` is the Ax-FPM paper's: the first of 1,000 eps up to 1 that reaches the goal (foolbox 1 and 2).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.steps import Steps, gradient, scan, within
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "minimal"]

NORM = "linf"
TARGETED = True


@dataclass(frozen=True)
class Settings:
    """``minimal`` tries the eps 1 / ``scan``, 2 / ``scan``, ... 1."""

    scan: int = 1000


QUICK = Settings(scan=100)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """One step of ``eps``."""
    del settings
    return within(victim, images, goal, eps, NORM, Steps(steps=1, rel_step=1.0))


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The first success along the sign of the gradient at the image."""
    _, slope = gradient(victim, images, goal.labels)
    sizes = torch.arange(1, settings.scan + 1, dtype=torch.float64) / settings.scan
    return scan(victim, images, goal, goal.sign * slope.sign(), sizes)[0]
