"""Auto-PGD on the cross-entropy (Croce & Hein, ICML 2020), in the L-inf ball: 100 steps that find their own size."""

from torch import Tensor

from axmac.model.attack.apgd import Settings, climb
from axmac.model.attack.objectives import cross_entropy
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget"]

NORM = "linf"
TARGETED = True
QUICK = Settings(steps=20)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """Images within ``eps``: the first that reached the goal, else the one of highest loss."""

    def objective(logits: Tensor, rows: Tensor) -> Tensor:
        return cross_entropy(logits, goal[rows])

    return climb(victim, images, goal, eps, objective, settings.steps).images
