"""Two spirals (equation 15 of the paper), and what can be known about them without a network."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Spirals", "drawn", "likeliest", "nearest"]

_CURVE = 20_000
"""Points of the curve over which the likelihood is a mean."""
_AT_ONCE = 50


@dataclass(frozen=True)
class Spirals:
    """``t`` is uniform in 0 to ``longest``; ``deviation`` is that of the noise in either coordinate."""

    longest: float
    deviation: float


def drawn(spirals: Spirals, each: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Points float32 [2 x each, 2], ``each`` of the spiral with + (label 1), then of that with - (0); labels int64."""
    t = torch.rand(2, each, generator=generator, dtype=torch.float64) * spirals.longest
    sign = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    curve = torch.stack([sign * 0.1 * t * t.cos(), sign * 0.1 * t * t.sin()], -1)
    noise = torch.randn(2, each, 2, generator=generator, dtype=torch.float64) * spirals.deviation
    labels = torch.tensor([1, 0]).repeat_interleave(each)
    return (curve + noise).flatten(0, 1).float(), labels


def likeliest(spirals: Spirals, points: Tensor) -> Tensor:
    """Labels int64 [n] of the likelier spiral of each point, its density a mean over the curve: no rule does better."""
    t = (torch.arange(_CURVE, dtype=torch.float64) + 0.5) * (spirals.longest / _CURVE)
    curve = torch.stack([0.1 * t * t.cos(), 0.1 * t * t.sin()], -1)
    found = []
    for some in points.double().split(_AT_ONCE):
        plus, minus = (
            torch.logsumexp(-torch.cdist(some, sign * curve).square() / (2 * spirals.deviation**2), 1)
            for sign in (1.0, -1.0)
        )
        found.append(plus > minus)
    return torch.cat(found).long()


def nearest(points: Tensor, labels: Tensor, asked: Tensor) -> Tensor:
    """For each point asked [m, 2] the label of the nearest of ``points`` [n, 2]."""
    return labels[torch.cdist(asked, points).argmin(1)]
