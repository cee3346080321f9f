"""Tests of paired results: McNemar's exact test on the same images, and Holm's correction over a table of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Paired", "binomial_p", "holm", "mcnemar"]


@dataclass(frozen=True)
class Paired:
    """How two outcomes on the same n images differ: those where only the one or only the other is true, and p.

    ``p`` is the chance, two-sided, of a split at least as uneven if neither outcome were the likelier one.
    """

    n: int
    only_first: int
    only_second: int
    p: float


def mcnemar(first: Tensor, second: Tensor) -> Paired:
    """McNemar's test (Psychometrika 12, 1947) of two bool tensors [n], exact: binomial on the images that differ.

    Raises ``ValueError`` for tensors of another type or of two lengths.
    """
    for name, outcome in (("first", first), ("second", second)):
        if outcome.dim() != 1 or outcome.dtype != torch.bool:
            raise ValueError(f"{name} must be bool [n], not {outcome.dtype} {list(outcome.shape)}")
    if len(first) != len(second):
        raise ValueError(f"first and second must be of one length, not {len(first)} and {len(second)}")
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    return Paired(len(first), only_first, only_second, binomial_p(only_first, only_second))


def binomial_p(one: int, other: int) -> float:
    """Two-sided p of a split of one + other fair coins into ``one`` heads and ``other`` tails; 1 without any coin.

    Exact integers, rounded once. Raises ``ValueError`` for negative counts.
    """
    if one < 0 or other < 0:
        raise ValueError(f"counts must be at least 0, not {one} and {other}")
    coins, few = one + other, min(one, other)
    ways = tail = 1
    for heads in range(few):
        ways = ways * (coins - heads) // (heads + 1)
        tail += ways
    return min(1.0, 2 * tail / 2**coins)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of a table, adjusted so that all may be read together (Holm, Scand. J. Stat. 6, 1979), in order.

    A row whose adjusted p is at most alpha is rejected at family-wise error alpha. Raises ``ValueError`` for values
    outside [0, 1].
    """
    outside = [p for p in p_values if not 0 <= p <= 1]
    if outside:
        raise ValueError(f"p must be 0 to 1, not {outside[0]!r}")
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted
