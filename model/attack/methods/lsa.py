"""The local search of Narodytska & Kasiviswanathan (CVPR workshop 2017): a few pixels a round, from scores only.

Values are counted from -.5 to .5. A round probes at most 128 pixels, each set to ``probe`` times its sign, far out of
bounds; the ``picks`` pixels whose probes lower the label's probability most are multiplied by ``factor``, with 1 added
or taken off where that leaves the bounds. The next round probes the squares around them. All channels of a pixel move
together.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "minimal"]

NORM = "l0"
TARGETED = True
_SHARE = 10
"""One pixel of so many is probed in the first round."""
_AT_ONCE = 1024
"""Probes that are made together."""


@dataclass(frozen=True)
class Settings:
    """Those of foolbox 1 and 2: r, p, d, t and R of the paper, and at most ``candidates`` probes a round."""

    factor: float = 1.5
    probe: float = 10.0
    reach: int = 5
    picks: int = 5
    rounds: int = 150
    candidates: int = 128


QUICK = Settings(rounds=30)


def minimal(victim: Victim, images: Tensor, goal: Goal, settings: Settings) -> Tensor:
    """The first image on the way that reaches the goal, else the last one."""
    height, width = images.shape[2:]
    moved = images.clone()
    near = _neighbours(height, width, settings.reach)
    left = torch.arange(len(images))
    count = max(1, min(height * width // _SHARE, settings.candidates))
    places = torch.rand(len(images), height * width).topk(count).indices
    probed = torch.ones_like(places, dtype=torch.bool)
    for _ in range(settings.rounds):
        picked, taken = _pick(victim, moved[left], goal[left], places, probed, settings)
        moved[left] = _multiplied(moved[left], picked, taken, settings.factor)
        going = ~goal[left].reached(victim.logits(moved[left]))
        left = left[going]
        if len(left) == 0:
            break
        wanted = (near[picked[going]] & taken[going][..., None]).any(1)
        drawn = torch.rand(wanted.shape).masked_fill(~wanted, -1).topk(min(settings.candidates, height * width))
        places, probed = drawn.indices, drawn.values >= 0
    return moved


def _pick(
    victim: Victim, images: Tensor, goal: Goal, places: Tensor, probed: Tensor, settings: Settings
) -> tuple[Tensor, Tensor]:
    """The pixels whose probes help most, int64 [n, picks], and which of them were probed at all, bool.

    ``places`` int64 [n, k], of which those are probed that ``probed`` says.
    """
    which, column = probed.nonzero(as_tuple=True)
    scores = torch.full(places.shape, torch.inf)
    for part in torch.arange(len(which)).split(_AT_ONCE):
        probes = images[which[part]].flatten(2)
        at = places[which[part], column[part]][:, None, None].expand(-1, images.shape[1], 1)
        probes = probes.scatter(2, at, settings.probe * (probes.gather(2, at) - 0.5).sign() + 0.5)
        logits = victim.logits(probes.view(-1, *images.shape[1:]))
        label = logits.softmax(1).gather(1, goal.labels[which[part]][:, None])[:, 0]
        scores[which[part], column[part]] = (goal.sign * label).nan_to_num(nan=torch.inf)
    best = scores.topk(min(settings.picks, places.shape[1]), largest=False).indices
    return places.gather(1, best), probed.gather(1, best)


def _multiplied(images: Tensor, picked: Tensor, taken: Tensor, factor: float) -> Tensor:
    """``images`` with the pixels ``picked`` [n, picks], where ``taken``, times ``factor``, and wrapped into bounds."""
    flat = images.flatten(2)
    at = picked[:, None].expand(-1, flat.shape[1], -1)
    before = flat.gather(2, at)
    after = factor * (before - 0.5)
    after = (after - (after > 0.5).float() + (after < -0.5).float() + 0.5).clamp(0, 1)
    return flat.scatter(2, at, torch.where(taken[:, None], after, before)).view_as(images)


def _neighbours(height: int, width: int, reach: int) -> Tensor:
    """bool [pixels, pixels]: at most ``reach`` rows and columns apart."""
    row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
    apart = torch.maximum((row[:, None] - row[None]).abs(), (column[:, None] - column[None]).abs())
    return apart <= reach
