"""Trials: the scale they set, slopes of linear classifiers, and what does not depend on batches."""

import pytest
import torch
from attacked import distances_to_boundary, inner_images, linear

from axmac.model.attack.craft import settings_of
from axmac.model.attack.objectives import cross_entropy, margin
from axmac.model.attack.trials import Scaled, Trials
from axmac.model.attack.victim import Goal


def trials(net, n=9, **options):
    images = inner_images(n)
    return Trials(images, Goal(net(images).argmax(1)), 0.05, "linf", 10, **options)


@pytest.mark.parametrize("factor", [2.0**-20, 1.0, 1e3, 2.0**60])
def test_at_lead_sets_the_median_margin_whatever_the_scale(factor):
    net = linear(5)
    made = trials(net)
    for lead in (1.0, 10.0):
        margins, reached = made.measure(made.at_lead(Scaled(net, factor), lead), made.images, margin)
        assert float(margins.median()) == pytest.approx(lead, rel=1e-4)
        assert not reached.any()


def test_at_lead_without_a_positive_margin():
    net = linear(5)
    made = trials(net)
    made.goal = Goal((made.goal.labels + 1) % 5)
    assert made.at_lead(net, 10.0).factor == 1.0


def test_an_attack_that_looks_for_the_nearest_image_counts_within_eps():
    """DeepFool finds the L2 optimum of a linear classifier; half of the images are nearer to it than eps."""
    net, images = linear(4), inner_images(21)
    labels = net(images).argmax(1)
    near = distances_to_boundary(net, images, labels, 2)
    made = Trials(images, Goal(labels), float(near.median()) * 1.03, "l2", 10)
    made.craft("white_box", net, "deepfool", settings_of("deepfool"))
    assert made.rows[0]["eps"] == made.eps
    assert made.fooled["white_box"][near < 0.97 * made.eps].all()
    assert not made.fooled["white_box"][near > made.eps].any()


def test_slopes_of_a_linear_classifier():
    """The L1 norm of the difference of two rows: what all values together can change."""
    net = linear(2)
    made = trials(net, batch_size=4)
    margins, slopes = made.slopes(net)
    torch.testing.assert_close(slopes, (net[1].weight[0] - net[1].weight[1]).abs().sum().expand(9))
    torch.testing.assert_close(margins, (net(made.images)[:, 0] - net(made.images)[:, 1]).abs())


def test_batches_follow_each_other():
    net = linear(4)
    whole, parts = trials(net), trials(net, batch_size=4)
    moved = whole.climb(net, cross_entropy, 0.05, stop=False)
    assert moved.shape == parts.climb(net, cross_entropy, 0.05, stop=False).shape
    torch.testing.assert_close(parts.measure(net, moved, margin)[0], whole.measure(net, moved, margin)[0])


def test_starts_are_random_by_seed_and_batch():
    """A flat loss leaves images where they start."""
    net = linear(4)

    def starts(seed):
        made = trials(net, 8, batch_size=4, seed=seed)
        return made.climb(net, lambda logits, _: 0 * logits[:, 0], 0.05, stop=False) - made.images

    first = starts(1)
    assert torch.equal(first, starts(1))
    assert not torch.allclose(first, starts(2), atol=1e-4)
    assert not torch.allclose(first[:4], first[4:], atol=1e-4)
