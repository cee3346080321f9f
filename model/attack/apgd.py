"""Auto-PGD of Croce & Hein (ICML 2020), algorithm 1: projected gradient ascent that finds its own step size.

The step starts at 2 eps, with momentum. At checkpoints, ever closer, the step of an image is halved and the image goes
back to its best place if too few steps rose, or if neither step nor best loss changed since the checkpoint before.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor

from axmac.model.attack.objectives import look
from axmac.model.attack.victim import Goal, Victim

__all__ = ["Climb", "Settings", "checkpoints", "climb"]

_RISING = 0.75
"""rho: the share of steps between checkpoints that have to rise."""

_MOMENTUM = 0.75
"""alpha: the weight of the new step, against that of the step before."""


@dataclass(frozen=True)
class Settings:
    """``steps`` of each climb; every one asks for one forward and one backward pass of the images still climbing."""

    steps: int = 100


class _Linf:
    """All images within eps in every pixel, and in [0, 1]."""

    def __init__(self, eps: float) -> None:
        self.eps = eps

    def noise(self, images: Tensor) -> Tensor:
        """A random change whose largest pixel is eps."""
        noise = 2 * torch.rand_like(images) - 1
        return self.eps * noise / _each(noise.abs().flatten(1).amax(1))

    def step(self, gradient: Tensor, size: Tensor) -> Tensor:
        return _each(size) * gradient.sign()

    def project(self, clean: Tensor, moved: Tensor) -> Tensor:
        return moved.clamp(clean - self.eps, clean + self.eps).clamp(0, 1)


class _L2:
    """All images within eps in Euclidean distance, and in [0, 1]."""

    def __init__(self, eps: float) -> None:
        self.eps = eps

    def noise(self, images: Tensor) -> Tensor:
        """A change of length eps in a random direction."""
        return self.step(torch.randn_like(images), torch.full((len(images),), self.eps))

    def step(self, gradient: Tensor, size: Tensor) -> Tensor:
        length = gradient.flatten(1).norm(dim=1)
        return _each(size / (length + (length == 0))) * gradient

    def project(self, clean: Tensor, moved: Tensor) -> Tensor:
        change = moved - clean
        shrink = self.eps / change.flatten(1).norm(dim=1).clamp_min(self.eps)
        return (clean + _each(shrink) * change).clamp(0, 1)


_BALLS = {"linf": _Linf, "l2": _L2}


class Climb(NamedTuple):
    """``images`` [n, C, H, W], ``reached`` bool [n], ``loss`` [n], -inf where it never was a number.

    Where the climb stops at the goal, a reached image is the first that did; all others have the highest loss seen.
    """

    images: Tensor
    reached: Tensor
    loss: Tensor


@dataclass
class _State:
    """Everything about the images still climbing, along dimension 0."""

    rows: Tensor
    clean: Tensor
    at: Tensor
    before: Tensor
    reached: Tensor
    loss: Tensor
    gradient: Tensor
    best: Tensor
    best_loss: Tensor
    best_gradient: Tensor
    best_reached: Tensor
    step: Tensor
    rises: Tensor
    checked_loss: Tensor
    checked_halved: Tensor

    def keep(self, those: Tensor) -> None:
        """Those images go on."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name)[those])


def climb(
    victim: Victim,
    images: Tensor,
    goal: Goal,
    eps: float,
    objective: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    *,
    norm: str = "linf",
    stop: bool = True,
) -> Climb:
    """Climb on ``objective(logits, rows)`` from a random place within ``eps``; ``rows`` are the images' places in [n].

    ``norm`` is ``"linf"`` or ``"l2"``. ``stop``: images leave as soon as they reach the goal; without it they climb on.
    """
    ball = _BALLS[norm](eps)
    at = ball.project(images, images + ball.noise(images))
    rows = torch.arange(len(images))
    made = Climb(at.clone(), torch.zeros(len(images), dtype=torch.bool), torch.full((len(images),), -torch.inf))

    def visit(places: Tensor, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits, loss, gradient = look(victim, places, lambda logits: objective(logits, rows))
        return goal[rows].reached(logits), loss.nan_to_num(-torch.inf, torch.inf, -torch.inf), gradient

    reached, loss, gradient = visit(at, rows)
    state = _State(
        rows=rows,
        clean=images,
        at=at,
        before=at,
        reached=reached,
        loss=loss,
        gradient=gradient,
        best=at,
        best_loss=loss,
        best_gradient=gradient,
        best_reached=reached,
        step=torch.full((len(images),), 2 * eps),
        rises=torch.zeros_like(rows),
        checked_loss=loss,
        checked_halved=torch.zeros_like(reached),
    )
    marks = checkpoints(steps)
    last_mark = 0
    for taken in range(1, steps + 1):
        if stop:
            _leave(state, made)
            if len(state.rows) == 0:
                break
        target = ball.project(state.clean, state.at + ball.step(state.gradient, state.step))
        weight = 1.0 if taken == 1 else _MOMENTUM
        moved = state.at + weight * (target - state.at) + (1 - weight) * (state.at - state.before)
        state.before, state.at = state.at, ball.project(state.clean, moved)
        before = state.loss
        state.reached, state.loss, state.gradient = visit(state.at, state.rows)
        state.rises = state.rises + (state.loss > before)
        _keep_best(state)
        if taken in marks:
            _check(state, taken - last_mark)
            last_mark = taken
    if stop:
        _leave(state, made)
    made.images[state.rows], made.loss[state.rows] = state.best, state.best_loss
    made.reached[state.rows] = state.best_reached
    return made


def _each(values: Tensor) -> Tensor:
    """[n] as [n, 1, 1, 1]."""
    return values[:, None, None, None]


def checkpoints(steps: int) -> list[int]:
    """Where steps are judged: 22 % of them, then gaps that shrink by 3 % to no less than 6 %."""
    marks, percent, gap = [], 22, 22
    while percent <= 100:
        marks.append(-(-percent * steps // 100))
        gap = max(gap - 3, 6)
        percent += gap
    return marks


def _keep_best(state: _State) -> None:
    better = state.loss > state.best_loss
    state.best_reached = torch.where(better, state.reached, state.best_reached)
    state.best = torch.where(_each(better), state.at, state.best)
    state.best_gradient = torch.where(_each(better), state.gradient, state.best_gradient)
    state.best_loss = torch.where(better, state.loss, state.best_loss)


def _check(state: _State, steps: int) -> None:
    """Halve the step of images that do not get on, and send them back to their best place."""
    stuck = ~state.checked_halved & (state.checked_loss == state.best_loss)
    halved = (state.rises < _RISING * steps) | stuck
    state.step = torch.where(halved, state.step / 2, state.step)
    state.at = torch.where(_each(halved), state.best, state.at)
    state.gradient = torch.where(_each(halved), state.best_gradient, state.gradient)
    state.loss = torch.where(halved, state.best_loss, state.loss)
    state.checked_loss, state.checked_halved = state.best_loss, halved
    state.rises = torch.zeros_like(state.rises)


def _leave(state: _State, made: Climb) -> None:
    """The images that reached the goal go out of the batch as they are."""
    if state.reached.any():
        there = state.rows[state.reached]
        made.images[there], made.loss[there] = state.at[state.reached], state.loss[state.reached]
        made.reached[there] = True
        state.keep(~state.reached)
