"""The geometric model of the paper against points drawn in a simplex, and what its equations leave out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import kstest

from axmac.model.study.geometry.simplex import (
    bound,
    density,
    edge,
    edge_limit,
    inradius,
    mean_distance,
    paper_mean,
    sampled,
)
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard

__all__ = ["BINS", "Distances", "compared"]

BINS = 40
"""Bins of the histogram."""
_POINTS = {False: 1_000_000, True: 100_000}
_COORDINATES = {False: 100_000_000, True: 5_000_000}
"""Of all points of a case, at most."""
_REACH = 10
"""Bins end at so many means, or at h."""


@dataclass(frozen=True)
class Distances(Study):
    """Distances to the nearest face for each (q, n) of ``cases``, and the equations alone for ``larger`` ones."""

    title: str
    cases: Sequence[tuple[int, int]]
    larger: Sequence[tuple[int, int]]
    form = "distances"
    folder = "geometry-distances"

    def needs(self, quick: bool) -> list[Need]:
        """No network."""
        del quick
        return []

    def plan(self, setting: Setting) -> list[Shard]:
        """One for each case."""
        most, coordinates = _POINTS[setting.quick], _COORDINATES[setting.quick]
        return [
            Shard(
                f"{q}-{n}",
                f"{__name__}:compared",
                {"q": q, "n": n, "points": min(most, coordinates // n), "seed": setting.seed},
            )
            for q, n in self.cases
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row for each case: what `compared` found, None for those of the equations alone, and the equations.

        ``edge`` that the paper takes, ``edge_limit`` by the theorem it cites, ``inradius`` (3), ``model`` mean (9),
        ``paper_mean`` (8), its ratio to that and its two parts: n / (n + 1) taken for 1 in (4) and sqrt(n / (n + 1)) in
        (7). ``dihedral``: the angle between two faces of a regular simplex, degrees.
        """
        del setting
        rows = []
        for q, n in [*self.cases, *self.larger]:
            equations = {
                "q": q,
                "n": n,
                "edge": edge(q, n),
                "edge_limit": edge_limit(q, n),
                "inradius": inradius(edge(q, n), n),
                "model": mean_distance(edge(q, n), n),
                "paper_mean": paper_mean(q, n),
                "ratio": ((n + 1) / n) ** 1.5,
                "ratio_4": (n + 1) / n,
                "ratio_7": math.sqrt((n + 1) / n),
                "dihedral": math.degrees(math.acos(1 / n)),
            }
            rows.append(equations | {"sampled": results.get(f"{q}-{n}")})
        return rows


def compared(*, q: int, n: int, points: int, seed: int) -> dict[str, Any]:
    """Distances of ``points`` uniform points: ``points``, ``mean`` with its standard ``error``, and the ``largest``.

    ``middles`` of bins, ``densities`` sampled in them and ``expected``, the mean of (12) over each bin, and at the
    middle by (12) ``curve``; ``kolmogorov``: the largest difference from (13), and its ``p``.
    """
    distances = sampled(q, n, points, seed)
    end = min(inradius(edge(q, n), n), _REACH * mean_distance(edge(q, n), n))
    edges = np.linspace(0, end, BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    width = edges[1]
    test = kstest(distances, lambda eps: 1 - bound(eps, q, n))
    return {
        "points": points,
        "mean": float(distances.mean()),
        "error": float(distances.std(ddof=1) / math.sqrt(points)),
        "largest": float(distances.max()),
        "middles": middles.tolist(),
        "densities": (np.histogram(distances, edges)[0] / (points * width)).tolist(),
        "expected": (-np.diff(bound(edges, q, n)) / width).tolist(),
        "curve": density(middles, q, n).tolist(),
        "kolmogorov": float(test.statistic),
        "p": float(test.pvalue),
    }
