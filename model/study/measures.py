"""Shares, correlations, and means of paired values with their differences and ratios, each with its interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from axmac.model.attack.intervals import wilson

__all__ = ["compared", "correlation", "share"]

_RESAMPLED = 2000
_SEED = 0


def correlation(one: ArrayLike, other: ArrayLike) -> float | None:
    """Pearson's correlation of two lists [n]; None where one of them does not vary or there are less than two."""
    x, y = np.asarray(one, np.float64), np.asarray(other, np.float64)
    if len(x) < 2 or x.std() == 0 or y.std() == 0:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def share(k: int, n: int) -> dict[str, Any]:
    """k of n as {n, k, rate, interval}: Wilson's 95 %; rate and interval are None without trials."""
    return {"n": n, "k": k, "rate": k / n if n else None, "interval": wilson(k, n)}


def compared(first: Sequence[float], second: Sequence[float]) -> dict[str, Any]:
    """Values of the same n things measured twice: n, both means, ``difference`` (second less first) and ``ratio``.

    Difference and ratio are those of the means, each as {value, interval}: 95 % by the percentile bootstrap (Efron &
    Tibshirani, 1993), 2,000 resamples of pairs from a fixed seed. Without any pair all are None; so is the ratio where
    the first values have a mean of 0.
    """
    pairs = np.array([first, second], np.float64)
    n = pairs.shape[1]
    if n == 0:
        return {"n": 0, "first": None, "second": None, "difference": None, "ratio": None}
    drawn = np.random.default_rng(_SEED).integers(n, size=(_RESAMPLED, n))
    means, one = pairs[:, drawn].mean(2), pairs.mean(1)
    ratio = None if not means[0].all() else {"value": float(one[1] / one[0]), "interval": _middle(means[1] / means[0])}
    return {
        "n": n,
        "first": float(one[0]),
        "second": float(one[1]),
        "difference": {"value": float(one[1] - one[0]), "interval": _middle(means[1] - means[0])},
        "ratio": ratio,
    }


def _middle(values: np.ndarray) -> list[float]:
    return [float(bound) for bound in np.quantile(values, [0.025, 0.975])]
