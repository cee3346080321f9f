"""Square attack of Andriushchenko et al. (ECCV 2020), L-inf: random search by squares, from logits alone.

It starts from vertical stripes of +eps and -eps. Each query sets a square at a random place to +eps or -eps, by
channel, and keeps it where the margin falls. The squares cover a share of the image that falls as queries are spent.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.attack.objectives import margin
from axmac.model.attack.victim import Goal, Victim

__all__ = ["NORM", "QUICK", "TARGETED", "Settings", "budget", "side"]

NORM = "linf"
TARGETED = True
_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
"""Queries, of 10,000, after which the share of the image is halved."""


@dataclass(frozen=True)
class Settings:
    """``queries`` an image at most; ``share`` of the image that the first squares cover."""

    queries: int = 5000
    share: float = 0.8


QUICK = Settings(queries=300)


def budget(victim: Victim, images: Tensor, goal: Goal, eps: float, settings: Settings) -> Tensor:
    """Images within ``eps``: the first that reached the goal, else the one of the smallest margin."""
    low, high = (images - eps).clamp(0, 1), (images + eps).clamp(0, 1)
    stripes = torch.rand(*images.shape[:2], 1, images.shape[3]) < 0.5
    at = torch.where(stripes, low, high)
    made, rows = at.clone(), torch.arange(len(images))
    best, reached = _ask(victim, at, goal)
    for query in range(1, settings.queries):
        if reached.any():
            made[rows[reached]] = at[reached]
            rows, at, best, low, high = (values[~reached] for values in (rows, at, best, low, high))
        if len(rows) == 0:
            break
        size = side(query, settings, *images.shape[2:])
        square = _places(len(rows), size, *images.shape[2:])
        down = torch.rand(len(rows), images.shape[1], 1, 1) < 0.5
        tried = torch.where(square, torch.where(down, low, high), at)
        value, reached = _ask(victim, tried, goal[rows])
        better = (value < best) | reached
        at = torch.where(better[:, None, None, None], tried, at)
        best = torch.where(better, value, best)
    made[rows] = at
    return made


def side(query: int, settings: Settings, height: int, width: int) -> int:
    """The side in pixels of the squares of a query."""
    spent = query * 10_000 // settings.queries
    share = settings.share / 2 ** sum(spent > limit for limit in _HALVINGS)
    return min(max(round((share * height * width) ** 0.5), 1), height, width)


def _places(n: int, size: int, height: int, width: int) -> Tensor:
    """A square at a random place in each of n images, bool [n, 1, H, W]."""
    top = torch.randint(height - size + 1, (n, 1))
    left = torch.randint(width - size + 1, (n, 1))
    rows, columns = torch.arange(height), torch.arange(width)
    inside_rows = (rows >= top) & (rows < top + size)
    inside_columns = (columns >= left) & (columns < left + size)
    return inside_rows[:, None, :, None] & inside_columns[:, None, None, :]


def _ask(victim: Victim, images: Tensor, goal: Goal) -> tuple[Tensor, Tensor]:
    """Margin [n], infinite where it is not a number, and whether the goal is reached, by one query an image."""
    with torch.no_grad():
        logits = victim(images)
    return margin(logits, goal).nan_to_num(torch.inf, torch.inf, -torch.inf), goal.reached(logits)
