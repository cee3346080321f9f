"""Adversarial training by name: what `training.train` takes as ``hardening``.

Half of each batch is moved and the other half stays clean, as the training set is augmented in QUANOS; the paper names
neither the share nor eps. Batches are in random order, so the first half is any half. Images are moved on the network
as it is in evaluation mode: statistics and ranges of the layers do not see the steps on the way.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from axmac.model.attack.steps import Steps, within
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn.modes import evaluating
from axmac.model.spec import InputError

__all__ = ["HARDENERS", "Hardener", "hardener"]


@dataclass(frozen=True, repr=False)
class Hardener:
    """Moves the first half (rounded up) of a batch within ``eps`` in L-inf: ``steps`` of ``rel_step`` times eps each.

    With ``random_start`` an image begins anywhere in its ball, drawn from torch's generator. Its repr names it in the
    states of a training.
    """

    name: str
    eps: float
    steps: int
    rel_step: float
    random_start: bool

    def __post_init__(self) -> None:
        if not 0 < self.eps <= 1:
            raise InputError(f"eps of {self.name} must be above 0 and at most 1, not {self.eps!r}")
        if self.steps < 1:
            raise InputError(f"steps of {self.name} must be at least 1, not {self.steps!r}")

    def __repr__(self) -> str:
        settings = f"eps={self.eps!r}, steps={self.steps}, rel_step={self.rel_step!r}, random_start={self.random_start}"
        return f"{self.name}({settings})"

    def __call__(self, module: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """The batch float32 [B, C, H, W] with its first half moved; the module is left as it was."""
        half = (len(images) + 1) // 2
        steps = Steps(steps=self.steps, rel_step=self.rel_step, random_start=self.random_start)
        with evaluating(module):
            moved = within(Victim(module), images[:half], Goal(labels[:half]), self.eps, "linf", steps)
        return torch.cat([moved, images[half:]])


HARDENERS = {
    "fgsm": Hardener("fgsm", eps=8 / 255, steps=1, rel_step=1.0, random_start=False),
    "pgd": Hardener("pgd", eps=8 / 255, steps=7, rel_step=1 / 4, random_start=True),
}
"""FGSM of Goodfellow et al. (ICLR 2015); PGD as Madry et al. (ICLR 2018) train: 7 steps of 2/255, random start."""


def hardener(name: str, *, eps: float | None = None, steps: int | None = None) -> Hardener:
    """A hardener by name, with another eps or number of steps (each of eps / 4).

    Raises ``InputError`` for an unknown name and values out of range.
    """
    if name not in HARDENERS:
        raise InputError(f"unknown hardening {name!r}: use {' or '.join(HARDENERS)}")
    usual = HARDENERS[name]
    if steps is not None and name == "fgsm" and steps != 1:
        raise InputError(f"fgsm has one step, not {steps!r}: use pgd")
    return Hardener(
        name,
        usual.eps if eps is None else eps,
        usual.steps if steps is None else steps,
        usual.rel_step,
        usual.random_start,
    )
