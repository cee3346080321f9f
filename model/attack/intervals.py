"""Confidence intervals of a share."""

from math import sqrt

__all__ = ["wilson"]

_Z95 = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """The 95 % interval of Wilson (J. Am. Stat. Assoc. 22, 1927) of a binomial share; None without trials.

    Raises ``ValueError`` unless 0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes must be 0 to {trials}, not {successes}")
    if trials == 0:
        return None
    share, square = successes / trials, _Z95**2
    centre = share + square / (2 * trials)
    spread = _Z95 * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    scale = 1 + square / trials
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return low, high
