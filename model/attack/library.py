"""Foolbox 3.3.4 behind the interface of an attack: its model, its criterion."""

import eagerpy
import foolbox
from foolbox.criteria import Misclassification, TargetedMisclassification
from torch import Tensor

from axmac.model.attack.victim import Goal, Victim

__all__ = ["criterion", "model"]


def model(victim: Victim, images: Tensor) -> foolbox.PyTorchModel:
    """The victim as foolbox sees it, on the device of ``images``."""
    return foolbox.PyTorchModel(victim, bounds=(0, 1), device=images.device)


def criterion(goal: Goal) -> Misclassification | TargetedMisclassification:
    """Foolbox's criterion of that goal, except that logits with a NaN reach none."""
    return _Targeted(goal) if goal.targeted else _Untargeted(goal)


class _Reached:
    def __init__(self, goal: Goal) -> None:
        super().__init__(goal.labels)
        self.goal = goal

    def __call__(self, perturbed: eagerpy.Tensor, outputs: eagerpy.Tensor) -> eagerpy.Tensor:
        del perturbed
        logits, restore = eagerpy.astensor_(outputs)
        return restore(eagerpy.astensor(self.goal.reached(logits.raw)))


class _Untargeted(_Reached, Misclassification):
    pass


class _Targeted(_Reached, TargetedMisclassification):
    pass
