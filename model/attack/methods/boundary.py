"""The boundary attack of Brendel et al. (ICLR 2018) in L2, by foolbox: a random walk along the boundary, classes only.

Foolbox draws one direction for all images of a batch and goes on until the last one has converged.
"""

from dataclasses import asdict, dataclass

import foolbox
from torch import Tensor

from axmac.model.attack import library
from axmac.model.attack.starts import starting_points
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l2"
TARGETED = True


@dataclass(frozen=True)
class Settings:
    """Those of the paper's library (foolbox 1)."""

    steps: int = 5000
    spherical_step: float = 1e-2
    source_step: float = 1e-2
    step_adaptation: float = 1.5


QUICK = Settings(steps=1000)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The end of the walk; the image itself where there is nothing to start from."""
    points, found = starting_points(victim, images, goal)
    if found.any():
        attack = foolbox.attacks.BoundaryAttack(**asdict(settings))
        model, criterion = library.model(victim, images), library.criterion(goal[found])
        points[found] = attack.run(model, images[found], criterion, starting_points=points[found])
    return points
