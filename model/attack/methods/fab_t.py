"""Targeted FAB of Croce & Hein (ICML 2020, "Minimally distorted adversarial examples"), L-inf: nearest wrong class.

Towards each of the likeliest other classes: linearise the boundary between label and target where the image is, step
beyond the nearest point of that plane inside [0, 1], biased towards the clean image; once adversarial, step back
towards the clean image. The goal is any wrong class.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.objectives import likeliest_others, look, margin
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "minimal", "nearest_on_plane"]

NORM = "linf"
TARGETED = False


@dataclass(frozen=True)
class Settings:
    """``steps`` towards each of ``targets`` classes.

    ``overshoot`` (eta) lengthens each step to the plane, ``bias`` (alpha_max) limits the pull of the clean image,
    ``back`` (beta) is what the way back leaves of the change; ``final`` steps then narrow the boundary down.
    """

    steps: int = 100
    targets: int = 9
    overshoot: float = 1.05
    bias: float = 0.1
    back: float = 0.9
    final: int = 3


QUICK = Settings(steps=10, targets=3)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """The nearest images found where they lie within ``eps``, else the clean ones; the search ends within ``eps``."""
    return _search(victim, images, goal, settings, eps)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The nearest images found, the clean one where none was."""
    return _search(victim, images, goal, settings, None)


def nearest_on_plane(at: Tensor, normal: Tensor, level: Tensor) -> Tensor:
    """The L-inf nearest points z in [0, 1] to ``at``, [n, d] both, with <normal, z> = level [n].

    Every value moves by the same s, or to its bound where that is nearer; s solves a piecewise linear equation exactly.
    Where no z is on the plane, the corner nearest to it.
    """
    lack = level - (normal * at).sum(1)
    towards = normal.sign() * lack.sign()[:, None]
    room = torch.where(towards > 0, 1 - at, at)
    stops, order = room.sort(1)
    weights = normal.abs().gather(1, order)
    spent = (weights * stops).cumsum(1) - weights * stops
    moving = weights.flip(1).cumsum(1).flip(1)
    gain = spent + stops * moving
    last = (gain < lack.abs()[:, None]).sum(1, keepdim=True).clamp_max(at.shape[1] - 1)
    moving = moving.gather(1, last).clamp_min(torch.finfo(at.dtype).tiny)
    by = (lack.abs()[:, None] - spent.gather(1, last)) / moving
    return at + towards * torch.minimum(by, room)


def _search(victim: Victim, images: Tensor, goal: Goal, settings: Settings, eps: float | None) -> Tensor:
    """Towards one class after the other; an image that is found within ``eps`` is done."""
    with torch.no_grad():
        logits = victim(images)
    done = 0.0 if eps is None else eps
    nearest, far = images.clone(), torch.full((len(images),), torch.inf)
    far[goal.reached(logits)] = 0.0
    for target in likeliest_others(logits, goal.labels, settings.targets).T:
        rows = (far > done).nonzero().flatten()
        if len(rows) == 0:
            break
        found, distance = _towards(victim, images[rows], goal[rows], target[rows], settings, done)
        better = distance < far[rows]
        nearest[rows[better]], far[rows[better]] = found[better], distance[better]
    if eps is not None:
        nearest[far > eps] = images[far > eps]
    return nearest


def _towards(
    victim: Victim, clean: Tensor, goal: Goal, target: Tensor, settings: Settings, done: float
) -> tuple[Tensor, Tensor]:
    """The nearest images found on the way to one class, and their distances, infinite where there is none."""
    found, far = clean.clone(), torch.full((len(clean),), torch.inf)
    at, rows = clean, torch.arange(len(clean))
    for _ in range(settings.steps):
        at = _step(victim, clean[rows], at, goal.labels[rows], target[rows], settings)
        with torch.no_grad():
            reached = goal[rows].reached(victim(at))
        distance = _distance(at, clean[rows])
        better = reached & (distance < far[rows])
        found[rows[better]], far[rows[better]] = at[better], distance[better]
        at = torch.where(reached[:, None, None, None], clean[rows] + settings.back * (at - clean[rows]), at)
        going = far[rows] > done
        at, rows = at[going], rows[going]
        if len(rows) == 0:
            break
    rows = (far.isfinite() & (far > done)).nonzero().flatten()
    if len(rows):
        found[rows] = _narrow(victim, clean[rows], found[rows], goal[rows], settings.final)
        far[rows] = _distance(found[rows], clean[rows])
    return found, far


def _step(victim: Victim, clean: Tensor, at: Tensor, labels: Tensor, target: Tensor, settings: Settings) -> Tensor:
    """Equation 9 of the paper: beyond the plane from the image, beyond the plane from the clean image, mixed."""

    def lead(logits: Tensor) -> Tensor:
        return (logits.gather(1, target[:, None]) - logits.gather(1, labels[:, None])).squeeze(1)

    _, gap, gradient = look(victim, at, lead)
    normal, here, origin = gradient.flatten(1), at.flatten(1), clean.flatten(1)
    level = (normal * here).sum(1) - gap.nan_to_num(0.0, 0.0, 0.0)
    change = nearest_on_plane(here, normal, level) - here
    change_of_clean = nearest_on_plane(origin, normal, level) - origin
    lengths = change.abs().amax(1), change_of_clean.abs().amax(1)
    pull = (lengths[0] / (lengths[0] + lengths[1] + (lengths[1] == 0))).clamp_max(settings.bias)[:, None]
    moved = (1 - pull) * (here + settings.overshoot * change) + pull * (origin + settings.overshoot * change_of_clean)
    return moved.clamp(0, 1).view_as(at)


def _narrow(victim: Victim, clean: Tensor, found: Tensor, goal: Goal, steps: int) -> Tensor:
    """Nearer images on the line to the clean ones: the margin's root by the secant, a tenth short of it."""

    def query(share: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            logits = victim(_between(clean, found, share))
        return margin(logits, goal), goal.reached(logits)

    low, high = torch.zeros(len(clean)), torch.ones(len(clean))
    before, behind = query(low)[0], query(high)[0]
    for _ in range(steps):
        root = low + (high - low) * (before / (before - behind)).nan_to_num(0.5).clamp(0, 1)
        share = root + 0.1 * (high - root)
        value, reached = query(share)
        high, behind = torch.where(reached, share, high), torch.where(reached, value, behind)
        low, before = torch.where(reached, low, share), torch.where(reached, before, value)
    return torch.where((high < 1)[:, None, None, None], _between(clean, found, high), found)


def _between(clean: Tensor, found: Tensor, share: Tensor) -> Tensor:
    return clean + share[:, None, None, None] * (found - clean)


def _distance(at: Tensor, clean: Tensor) -> Tensor:
    return (at - clean).abs().flatten(1).amax(1)
