"""The geometric model against determinants, integrals, and points drawn by rejection."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import kstest

from axmac.model.study.geometry.simplex import (
    bound,
    corners,
    density,
    edge,
    edge_limit,
    inradius,
    mean_distance,
    paper_mean,
    sampled,
    surface,
    volume,
)

CASES = [(2, 2), (3, 4), (1, 5)]


def content(places):
    """The volume of a simplex with these corners, in its own plane."""
    edges = places[1:] - places[0]
    return math.sqrt(abs(np.linalg.det(edges @ edges.T))) / math.factorial(len(edges))


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_volume_surface_and_inradius_by_determinants(n):
    places = corners(0.7, n)
    lengths = [np.linalg.norm(one - other) for one, other in itertools.combinations(places, 2)]
    np.testing.assert_allclose(lengths, 0.7)
    assert content(places) == pytest.approx(volume(0.7, n))
    faces = sum(content(np.delete(places, out, 0)) for out in range(n + 1))
    assert faces == pytest.approx(surface(0.7, n))
    assert n * content(places) / faces == pytest.approx(inradius(0.7, n))
    assert mean_distance(0.7, n) == pytest.approx(inradius(0.7, n) / (n + 1))


@pytest.mark.parametrize(("q", "n"), CASES)
def test_distances_drawn_follow_equation_12(q, n):
    """200,000 points: mean within 4 standard errors, Kolmogorov-Smirnov p above .001."""
    found = sampled(q, n, 200_000, 3)
    assert abs(found.mean() - mean_distance(edge(q, n), n)) < 4 * found.std() / math.sqrt(len(found))
    assert kstest(found, lambda eps: 1 - bound(eps, q, n)).pvalue > 1e-3
    assert 0 <= found.min() < found.max() <= inradius(edge(q, n), n)


def test_distances_in_a_triangle_by_rejection():
    """Points uniform in a box around the triangle, kept where they are inside; distances by three lines."""
    side = edge(2, 2)
    random = np.random.default_rng(1)
    x, y = random.uniform(0, side, 400_000), random.uniform(0, side * math.sqrt(3) / 2, 400_000)
    left, right = (math.sqrt(3) * x - y) / 2, (math.sqrt(3) * (side - x) - y) / 2
    inside = (left > 0) & (right > 0)
    found = np.minimum(np.minimum(left, right), y)[inside]
    assert abs(found.mean() - mean_distance(side, 2)) < 4 * found.std() / math.sqrt(len(found))
    assert kstest(found, lambda eps: 1 - bound(eps, 2, 2)).pvalue > 1e-3
    assert len(found) > 150_000


@pytest.mark.parametrize(("q", "n"), CASES)
def test_density_is_one_with_the_mean_and_the_slope_of_the_bound(q, n):
    h = inradius(edge(q, n), n)
    eps = np.linspace(0, h, 20_001)
    assert np.trapezoid(density(eps, q, n), eps) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(eps * density(eps, q, n), eps) == pytest.approx(mean_distance(edge(q, n), n), rel=1e-6)
    slope = -np.gradient(bound(eps, q, n), eps)
    np.testing.assert_allclose(slope[1:-1], density(eps, q, n)[1:-1], rtol=1e-3, atol=1e-3 * n / h)
    assert (bound(np.array([h, 2 * h]), q, n) == 0).all()
    assert density(np.array([2 * h]), q, n) == 0


def test_what_equation_8_takes_for_one():
    for n in (2, 5, 784):
        ratio = paper_mean(3, n) / mean_distance(edge(3, n), n)
        assert ratio == pytest.approx(((n + 1) / n) ** 1.5)
    assert paper_mean(1, 784) == pytest.approx(1.61e-5, rel=1e-2)


def test_the_edge_is_the_limit_of_the_theorem_from_four_dimensions_on():
    assert [edge(3, n) == pytest.approx(edge_limit(3, n)) for n in (2, 3, 4, 9)] == [False, False, True, True]
    assert edge_limit(1, 2) == 1
