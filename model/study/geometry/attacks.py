"""Attacks on many networks at once: FGSM over a sweep of eps, and stronger ones that ask what it hides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.study.geometry.networks import Parameters, logits, losses, margins, predicted

__all__ = ["Judge", "direction", "grid_right", "moved", "pgd", "sweep"]


@dataclass(frozen=True)
class Judge:
    """N networks with rounded parameters: ``activation``, ``gain``, and whether inputs stay in the ``box`` 0 to 1."""

    parameters: Parameters
    activation: str
    gain: float
    box: bool

    def logits(self, x: Tensor) -> Tensor:
        """Outputs [N, B, outputs] of inputs [N, B, inputs]."""
        return logits(self.parameters, x, self.activation, self.gain)

    def right(self, x: Tensor, labels: Tensor) -> Tensor:
        """Bool [N, B]: which inputs have the predicted labels."""
        return predicted(self.logits(x)) == labels


def direction(judge: Judge, x: Tensor, labels: Tensor, goal: Callable[[Tensor, Tensor], Tensor] = losses) -> Tensor:
    """The sign [N, B, inputs] of the gradient of ``goal`` at inputs [N, B, inputs]; 0 where the gradient is 0.

    Of the step it is the gradient of the sigmoid in its place.
    """
    inputs = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(goal(judge.logits(inputs), labels.contiguous()).sum(), inputs)
    return gradient.sign_()


def moved(judge: Judge, x: Tensor, signs: Tensor, eps: float) -> Tensor:
    """Inputs [N, B, inputs] moved by eps along signs, and back into the box where there is one."""
    found = torch.add(x, signs, alpha=eps)
    return found.clamp_(0, 1) if judge.box else found


def sweep(judge: Judge, x: Tensor, labels: Tensor, sizes: Sequence[float], block: int) -> Tensor:
    """FGSM on each network: how many inputs [N, B, inputs] are right at each eps, int64 [N, eps]."""
    counts = torch.zeros(len(x), len(sizes), dtype=torch.long)
    for some, wanted in zip(x.split(block, 1), labels.split(block, 1), strict=True):
        signs = direction(judge, some, wanted)
        for place, eps in enumerate(sizes):
            counts[:, place] += judge.right(moved(judge, some, signs, eps), wanted).sum(1)
    return counts


def pgd(judge: Judge, x: Tensor, labels: Tensor, eps: float, steps: int) -> Tensor:
    """Inputs [N, B, inputs] after steps of eps / 4 along the sign of the gradient of the margin, within eps of x."""
    found = x
    for _ in range(steps):
        signs = direction(judge, found, labels, margins)
        found = moved(judge, found, signs, eps / 4).clamp(x - eps, x + eps)
    return found


def grid_right(judge: Judge, x: Tensor, labels: Tensor, eps: float, side: int) -> Tensor:
    """Bool [N, B]: which inputs of two numbers stay right at all of side x side points of the square of eps."""
    line = torch.linspace(-eps, eps, side)
    shifts = torch.cartesian_prod(line, line)
    kept = torch.ones(x.shape[:2], dtype=torch.bool)
    for shift in shifts:
        kept &= judge.right(x + shift, labels)
    return kept
