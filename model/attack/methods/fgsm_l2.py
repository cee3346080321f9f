"""The fast gradient method in the L2 ball, one step along the gradient itself: clip(image + eps * gradient / length).

That of Goodfellow et al. (ICLR 2015) with the other norm, as foolbox 3 has it. ``minimal`` is the first of many eps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.norms import farthest, per_image
from axmac.model.attack.steps import Steps, gradient, scan, within
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "minimal"]

NORM = "l2"
TARGETED = True


@dataclass(frozen=True)
class Settings:
    """``minimal`` tries ``scan`` eps, evenly up to the largest distance between two images."""

    scan: int = 1000


QUICK = Settings(scan=100)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """One step of ``eps``."""
    del settings
    return within(victim, images, goal, eps, NORM, Steps(steps=1, rel_step=1.0))


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The first success along the gradient at the image."""
    _, slope = gradient(victim, images, goal.labels)
    lengths = slope.flatten(1).norm(dim=1)
    direction = goal.sign * slope / per_image(torch.where(lengths > 0, lengths, 1.0))
    sizes = torch.arange(1, settings.scan + 1, dtype=torch.float64) / settings.scan * farthest(images, NORM)
    return scan(victim, images, goal, direction, sizes)[0]
