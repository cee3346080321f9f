"""DeepFool of Moosavi-Dezfooli et al. (CVPR 2016) in L2, by foolbox: to the nearest face of the linearised network.

It goes ``overshoot`` further than the face, so that its distances are 1 + overshoot times those of the boundary.
"""

from dataclasses import dataclass

import foolbox
from torch import Tensor

from axmac.model.attack import library
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l2"
TARGETED = False


@dataclass(frozen=True)
class Settings:
    """Those of the paper's library (foolbox 1): 100 steps, the 10 likeliest classes, 5 % beyond the boundary."""

    steps: int = 100
    candidates: int = 10
    overshoot: float = 0.05


QUICK = Settings(steps=30)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """Steps until all images of the batch have reached the goal."""
    attack = foolbox.attacks.L2DeepFoolAttack(
        steps=settings.steps, candidates=settings.candidates, overshoot=settings.overshoot
    )
    return attack.run(library.model(victim, images), images, library.criterion(goal))
