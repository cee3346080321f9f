"""HopSkipJump of Chen et al. (S&P 2020) in L2, by foolbox: the normal of the boundary estimated from classes only.

Foolbox divides the normals of a batch by their common length, so that steps shrink with the size of the batch; here
each is divided by its own, as in the paper, and the probes of one estimate are classified together.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import eagerpy
import foolbox
import torch
from torch import Tensor

from axmac.model.attack import library
from axmac.model.attack.norms import per_image
from axmac.model.attack.starts import starting_points
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l2"
TARGETED = True
_AT_ONCE = 1024
"""Probes in one forward pass."""


@dataclass(frozen=True)
class Settings:
    """Those of the paper's library (foolbox 2): estimate k, from 1, takes ``initial_gradient_eval_steps`` * sqrt(k)."""

    steps: int = 64
    initial_gradient_eval_steps: int = 100
    max_gradient_eval_steps: int = 10000
    gamma: float = 1.0


QUICK = Settings(steps=16, initial_gradient_eval_steps=50)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The last point on the boundary; the image itself where there is nothing to start from."""
    points, found = starting_points(victim, images, goal)
    if found.any():
        attack = _HopSkipJump(victim, goal[found], settings)
        model, criterion = library.model(victim, images), library.criterion(goal[found])
        points[found] = attack.run(model, images[found], criterion, starting_points=points[found])
    return points


class _HopSkipJump(foolbox.attacks.HopSkipJumpAttack):
    def __init__(self, victim: Victim, goal: Goal, settings: Settings) -> None:
        super().__init__(**asdict(settings), constraint="l2")
        self.victim, self.goal = victim, goal

    def approximate_gradients(
        self, is_adversarial: Callable, x_advs: eagerpy.Tensor, steps: int, delta: eagerpy.Tensor
    ) -> eagerpy.Tensor:
        """The mean of the probes' offsets, those that reach the goal less those that do not (equation 16)."""
        del is_adversarial
        points, size = x_advs.raw, per_image(delta.raw)
        signed, offsets, signs = torch.zeros_like(points), torch.zeros_like(points), torch.zeros(len(points))
        at_once = max(1, _AT_ONCE // len(points))
        for first in range(0, steps, at_once):
            drawn = torch.randn(min(at_once, steps - first), *points.shape)
            drawn /= drawn.flatten(2).norm(dim=2)[..., None, None, None] + 1e-12
            probes = (points + size * drawn).clamp(0, 1)
            offset = (probes - points) / (size + 1e-8)
            sign = self._signs(probes)
            signed += torch.einsum("kn,knchw->nchw", sign, offset)
            offsets += offset.sum(0)
            signs += sign.sum(0)
        mean = signs / steps
        normal = signed - per_image(torch.where(mean.abs() == 1, 0.0, mean)) * offsets
        return eagerpy.astensor(normal / per_image(normal.flatten(1).norm(dim=1) + 1e-12))

    def _signs(self, probes: Tensor) -> Tensor:
        """+1 where a probe reaches its goal, -1 elsewhere: [k, n] of probes [k, n, C, H, W]."""
        goal = Goal(self.goal.labels.repeat(len(probes)), self.goal.targeted)
        there = goal.reached(self.victim.logits(probes.flatten(0, 1)))
        return there.float().view(len(probes), -1) * 2 - 1
