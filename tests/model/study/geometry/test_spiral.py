"""Two spirals: points without noise lie on the curve, noise has its size, and rules that need no network."""

import numpy as np
import torch

from axmac.model.study.geometry.spiral import Spirals, drawn, likeliest, nearest


def seeded():
    return torch.Generator().manual_seed(5)


def test_points_without_noise_lie_on_equation_15():
    points, labels = drawn(Spirals(40.0, 0.0), 500, seeded())
    assert (points.shape, labels.tolist()) == ((1000, 2), [1] * 500 + [0] * 500)
    x, y = points.double().numpy().T
    t = 10 * np.hypot(x, y)
    sign = np.where(labels.numpy() == 1, 1, -1)
    np.testing.assert_allclose(x, sign * 0.1 * t * np.cos(t), atol=1e-4)
    np.testing.assert_allclose(y, sign * 0.1 * t * np.sin(t), atol=1e-4)
    assert 38 < t.max() <= 40.001
    assert np.abs(np.histogram(t, 4, (0, 40))[0] - 250).max() < 5 * np.sqrt(1000 * 0.25 * 0.75)


def test_noise_has_its_deviation():
    """The same draws with and without: 4,000 numbers, 4 standard errors."""
    noisy, clean = (drawn(Spirals(10.0, deviation), 1000, seeded())[0] for deviation in (0.25, 0.0))
    noise = (noisy - clean).double().flatten()
    assert abs(float(noise.mean())) < 4 * 0.25 / np.sqrt(4000)
    assert abs(float(noise.std()) - 0.25) < 4 * 0.25 / np.sqrt(8000)


def test_the_likelier_spiral_against_a_plain_sum():
    spirals = Spirals(10.0, 0.1)
    points, labels = drawn(spirals, 40, seeded())
    t = (np.arange(20_000) + 0.5) * 10 / 20_000
    curve = 0.1 * t[:, None] * np.stack([np.cos(t), np.sin(t)], 1)
    expected = []
    for point in points.double().numpy():
        plus, minus = (np.exp(-((point - sign * curve) ** 2).sum(1) / 0.02).sum() for sign in (1, -1))
        expected.append(int(plus > minus))
    assert likeliest(spirals, points).tolist() == expected
    assert (np.array(expected) == labels.numpy()).mean() > 0.85


def test_the_nearest_point_gives_its_label():
    points, labels = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]]), torch.tensor([1, 0, 1])
    asked = torch.tensor([[0.4, 0.0], [0.6, 0.0], [0.0, 1.6]])
    assert nearest(points, labels, asked).tolist() == [1, 0, 1]
