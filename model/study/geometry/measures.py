"""What is said of accuracies over seeds: means with intervals, and the critical attack strength."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t

__all__ = ["critical", "useful", "with_interval"]


def with_interval(values: Sequence[float]) -> dict[str, Any]:
    """``mean`` of one value a seed and its 95 % ``interval`` by Student's t, None for a single seed."""
    numbers = np.asarray(values, np.float64)
    mean = float(numbers.mean())
    if len(numbers) < 2:
        return {"mean": mean, "interval": None}
    half = float(t.ppf(0.975, len(numbers) - 1) * numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return {"mean": mean, "interval": [mean - half, mean + half]}


def critical(accuracy: np.ndarray, among: np.ndarray | None = None) -> int:
    """The place of the eps whose accuracies [bits, eps] vary least over the bits; ``among`` bool [eps] or all."""
    variance = np.asarray(accuracy).var(0)
    return int(np.argmin(variance if among is None else np.where(among, variance, np.inf)))


def useful(accuracy: np.ndarray) -> np.ndarray:
    """Bool [eps]: where the mean over the bits of accuracies [bits, eps] is at least half of that at the first eps.

    Where all networks are wrong, bits make no difference either; the paper's rule does not shut that out.
    """
    mean = np.asarray(accuracy).mean(0)
    return mean >= mean[0] / 2
