"""Runs of several attacks, and of several networks, on the same images: what an audit compares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack import methods
from axmac.model.attack.apgd import climb
from axmac.model.attack.craft import SLACK, craft
from axmac.model.attack.intervals import wilson
from axmac.model.attack.norms import distances
from axmac.model.attack.objectives import look, margin
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn.data import Progress
from axmac.model.nn.registry import find

__all__ = ["Scaled", "Trials"]

Objective = Callable[[Tensor, Goal], Tensor]

_SEED_STEP = 1_000_003
"""Keeps the batches of different seeds apart."""


class Scaled(nn.Module):
    """A network in evaluation mode whose logits are multiplied by ``factor``."""

    def __init__(self, module: nn.Module, factor: float) -> None:
        super().__init__()
        self.module, self.factor = module, factor
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Logits [n, classes] of images [n, C, H, W]."""
        return self.factor * self.module(images)


@dataclass
class Trials:
    """n images, the goal on them, and what is the same in all runs; ``fooled`` bool [n] of each run, by name."""

    images: Tensor
    goal: Goal
    eps: float
    norm: str
    steps: int
    seed: int = 0
    batch_size: int = 128
    progress: Progress | None = None
    rows: list[dict] = field(default_factory=list)
    fooled: dict[str, Tensor] = field(default_factory=dict)

    def add(self, run: str, attack: str, eps: float, fooled: Tensor) -> None:
        """A row of the result, with its interval."""
        n, k = len(fooled), int(fooled.sum())
        row = {"run": run, "attack": attack, "eps": eps, "n": n, "k": k, "rate": k / n, "interval": wilson(k, n)}
        self.rows.append(row)
        self.fooled[run] = fooled

    def craft(self, run: str, module: nn.Module, attack: str, settings: Any) -> None:
        """Adds a run of an attack by name; one that only looks for the nearest images has those that lie within eps."""
        fixed = hasattr(find(methods.__name__, attack, "attack"), "budget")
        made = craft(
            *(module, attack, self.images, self.goal),
            protocol="budget" if fixed else "minimal",
            eps=self.eps if fixed else None,
            settings=settings,
            seed=self.seed,
            batch_size=self.batch_size,
            progress=self.progress,
        )
        near = distances(self.images, made.images, self.norm) <= self.eps + SLACK * max(self.eps, 1.0)
        self.add(run, attack, self.eps, made.fooled & near)

    def climb(self, module: nn.Module, loss: Objective, eps: float, *, stop: bool) -> Tensor:
        """Images that Auto-PGD makes on ``module`` and ``loss``."""
        victim, made = Victim(module), []
        for part in self._parts():
            goal = self.goal[part]

            def objective(logits: Tensor, rows: Tensor, goal: Goal = goal) -> Tensor:
                return loss(logits, goal[rows])

            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed * _SEED_STEP + part.start)
                found = climb(victim, self.images[part], goal, eps, objective, self.steps, norm=self.norm, stop=stop)
            made.append(found.images)
        return torch.cat(made)

    def measure(self, module: nn.Module, images: Tensor, loss: Objective) -> tuple[Tensor, Tensor]:
        """The loss [n] of images as many as ours, and which of them reached the goal."""
        measured = []
        with torch.no_grad():
            for part in self._parts():
                logits = module(images[part])
                measured.append((loss(logits, self.goal[part]), self.goal[part].reached(logits)))
        losses, reached = zip(*measured, strict=True)
        return torch.cat(losses), torch.cat(reached)

    def slopes(self, module: nn.Module) -> tuple[Tensor, Tensor]:
        """The margin [n] at our images, and the sum of its gradient's absolute values [n]."""
        victim, margins, slopes = Victim(module), [], []
        for part in self._parts():
            goal = self.goal[part]
            _, value, gradient = look(victim, self.images[part], lambda logits, goal=goal: margin(logits, goal))
            margins.append(value)
            slopes.append(gradient.abs().flatten(1).sum(1))
        return torch.cat(margins), torch.cat(slopes)

    def at_lead(self, module: nn.Module, lead: float) -> Scaled:
        """``module`` with logits scaled so that the median of positive margins is ``lead``."""
        margins, _ = self.measure(module, self.images, margin)
        leading = margins[margins.isfinite() & (margins > 0)]
        return Scaled(module, lead / float(leading.median()) if len(leading) else 1.0)

    def _parts(self) -> list[slice]:
        return [slice(at, at + self.batch_size) for at in range(0, len(self.images), self.batch_size)]
