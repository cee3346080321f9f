"""The L2 attack of Carlini & Wagner (S&P 2017), by foolbox: Adam on distance + c * margin, and a search of c.

Foolbox stops a search early where the loss summed over the batch no longer falls: results depend on the batch.
"""

from dataclasses import asdict, dataclass

import foolbox
import torch
from torch import Tensor

from axmac.model.attack import library
from axmac.model.attack.norms import per_image
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l2"
TARGETED = True


@dataclass(frozen=True)
class Settings:
    """Those of the paper's library (foolbox 1)."""

    binary_search_steps: int = 5
    steps: int = 1000
    stepsize: float = 5e-3
    confidence: float = 0.0
    initial_const: float = 1e-2


QUICK = Settings(steps=200, stepsize=2e-2)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The nearest image that any search came by, the image itself where none reached the goal."""
    attack = foolbox.attacks.L2CarliniWagnerAttack(**asdict(settings))
    found = attack.run(library.model(victim, images), images, library.criterion(goal))
    black = (found == 0).flatten(1).all(1)  # foolbox returns a black image where it found nothing
    return torch.where(per_image(black).bool(), images, found)
