"""The geometric model of the paper: distances from uniform points in a regular simplex to its nearest face.

n is the dimension, q the bits of a weight, s the length of an edge. Numbers of equations are the paper's.
"""

import math

import numpy as np

__all__ = [
    "bound",
    "corners",
    "density",
    "edge",
    "edge_limit",
    "inradius",
    "mean_distance",
    "paper_mean",
    "sampled",
    "surface",
    "volume",
]

_CHUNK = 10_000
"""Points at a time."""


def edge(q: int, n: int) -> float:
    """The edge that the paper takes, sqrt(n) 2^-q."""
    return math.sqrt(n) * 2.0**-q


def edge_limit(q: int, n: int) -> float:
    """The longest edge by Draghici's theorem, max(l, l sqrt(n) / 2) for l = 2^(1 - q): above `edge` for n below 4."""
    return 2.0 ** (1 - q) * max(1.0, math.sqrt(n) / 2)


def volume(s: float, n: int) -> float:
    """Equation 5."""
    return s**n / math.factorial(n) * math.sqrt((n + 1) / 2**n)


def surface(s: float, n: int) -> float:
    """Equation 6: n + 1 times the volume of a face."""
    return (n + 1) * s ** (n - 1) / math.factorial(n - 1) * math.sqrt(n / 2 ** (n - 1))


def inradius(s: float, n: int) -> float:
    """Equation 3, n V / S, with the quotient of equation 7: factorials cancel, so that n may be large."""
    return n * s / math.sqrt(2 * n**3 * (n + 1))


def mean_distance(s: float, n: int) -> float:
    """Equation 4 before its approximation: h / (n + 1)."""
    return inradius(s, n) / (n + 1)


def paper_mean(q: int, n: int) -> float:
    """Equation 8, which takes n / (n + 1) and sqrt(n / (n + 1)) for 1: ((n + 1) / n)^1.5 times `mean_distance`."""
    return 1 / (2 ** (q + 0.5) * n**1.5)


def density(eps: np.ndarray, q: int, n: int) -> np.ndarray:
    """Equation 12, 0 beyond h."""
    h = inradius(edge(q, n), n)
    return n / h * np.clip((h - np.asarray(eps, np.float64)) / h, 0, None) ** (n - 1) * (np.asarray(eps) <= h)


def bound(eps: np.ndarray, q: int, n: int) -> np.ndarray:
    """Equation 14: 1 - F(eps) of equation 13, the model's lower bound of relative accuracy; eps is an l2 distance."""
    h = inradius(edge(q, n), n)
    return np.clip((h - np.asarray(eps, np.float64)) / h, 0, 1) ** n


def corners(s: float, n: int) -> np.ndarray:
    """Corners float64 [n + 1, n] of a regular simplex with edge s, by coordinates and not by any formula above.

    The unit vectors of n + 1 dimensions have distance sqrt(2); n coordinates of their affine hull are taken.
    """
    centred = np.eye(n + 1) - 1 / (n + 1)
    axes = np.linalg.svd(centred)[2][:n]
    return centred @ axes.T * (s / math.sqrt(2))


def sampled(q: int, n: int, points: int, seed: int) -> np.ndarray:
    """Distances float64 [points] of uniform points in the simplex to their nearest face, from coordinates alone.

    The planes of all faces at once: column i of the inverse of the corners' coordinates, a 1 behind each, has the
    affine function that is 1 in corner i and 0 in the others. Weights of corners are uniform (exponentials divided by
    their sum).
    """
    random = np.random.default_rng([seed, q, n])
    places = corners(edge(q, n), n)
    planes = np.linalg.inv(np.column_stack([places, np.ones(n + 1)]))
    planes /= np.linalg.norm(planes[:n], axis=0)
    nearest = np.empty(points)
    for first in range(0, points, _CHUNK):
        weights = random.exponential(size=(min(_CHUNK, points - first), n + 1))
        inside = weights / weights.sum(1, keepdims=True) @ places
        nearest[first : first + len(inside)] = np.abs(inside @ planes[:n] + planes[n]).min(1)
    return nearest
