"""FAB: its projection against a linear program, its minimum on linear classifiers, and its two protocols."""

import pytest
import torch
from attacked import digits, distances_to_boundary, inner_images, linear, trained
from scipy.optimize import linprog

from axmac.model.attack.craft import craft, distances
from axmac.model.attack.methods.fab_t import QUICK, Settings, minimal, nearest_on_plane
from axmac.model.attack.victim import Goal, Victim


def nearest_by_program(at, normal, level):
    """The least s with |z - at| <= s, 0 <= z <= 1, <normal, z> = level; None where there is no z."""
    d = len(at)
    bounds = [[1.0 if i == j else 0.0 for j in range(d)] for i in range(d)]
    above = [[*row, -1.0] for row in bounds]
    below = [[*(-value for value in row), -1.0] for row in bounds]
    solved = linprog(
        [0.0] * d + [1.0],
        A_ub=above + below,
        b_ub=[*at, *(-value for value in at)],
        A_eq=[[*normal, 0.0]],
        b_eq=[level],
        bounds=[(0, 1)] * d + [(0, None)],
    )
    return solved.fun if solved.status == 0 else None


def test_projection_is_that_of_a_linear_program():
    generator = torch.Generator().manual_seed(5)
    reached = 0
    for case in range(60):
        at = torch.rand(6, generator=generator, dtype=torch.float64)
        normal = torch.randn(6, generator=generator, dtype=torch.float64)
        normal[case % 6] *= case % 2
        level = 2 * torch.randn((), generator=generator, dtype=torch.float64)
        found = nearest_on_plane(at[None], normal[None], level[None])[0]
        expected = nearest_by_program(at.tolist(), normal.tolist(), float(level))
        assert 0 <= float(found.min()) <= float(found.max()) <= 1
        if expected is None:
            corner = (normal > 0 if level > normal @ at else normal < 0).double()
            assert torch.equal(torch.where(normal == 0, at, corner), found)
        else:
            reached += 1
            assert float(normal @ found) == pytest.approx(float(level), abs=1e-9)
            assert float((found - at).abs().max()) == pytest.approx(expected, abs=1e-9)
    assert 20 < reached < 60


def test_projection_without_a_direction():
    at, none = torch.rand(2, 4), torch.zeros(2, 4)
    assert torch.equal(nearest_on_plane(at, none, torch.tensor([1.0, 0.0])), at)


@pytest.mark.parametrize("classes", [2, 10])
def test_minimum_of_a_linear_classifier(classes):
    net, images = linear(classes), inner_images(50)
    labels = net(images).argmax(1)
    made = craft(net, "fab_t", images, Goal(labels), protocol="minimal")
    ratio = distances(images, made.images, "linf") / distances_to_boundary(net, images, labels, 1)
    assert made.fooled.all()
    assert 0.9999 < float(ratio.min()) <= float(ratio.max()) < 1.01


def test_minimum_at_the_bounds():
    """Pixels that are black or white can move one way only; the least s is a linear program's."""
    net = linear(2, (1, 3, 3))
    images = (inner_images(12, (1, 3, 3)) > 0.5).float()
    labels = net(images).argmax(1)
    made = craft(net, "fab_t", images, Goal(labels), protocol="minimal")
    rows, biases = net[1].weight.double(), net[1].bias.double()
    compared = 0
    for image, label, fooled, far in zip(
        images, labels, made.fooled, distances(images, made.images, "linf"), strict=True
    ):
        normal, level = rows[1 - label] - rows[label], biases[label] - biases[1 - label]
        expected = nearest_by_program(image.flatten().tolist(), normal.tolist(), float(level))
        assert bool(fooled) == (expected is not None)
        if fooled:
            assert float(far) == pytest.approx(expected, rel=0.02)
            compared += 1
    assert compared >= 6


def test_quick_is_near_the_full_search():
    net, part = trained(0), digits("test", 12)
    far = []
    for settings in (Settings(targets=4), QUICK):
        made = craft(net, "fab_t", part.images, Goal(part.labels), protocol="minimal", settings=settings)
        far.append(distances(part.images, made.images, "linf"))
    assert 1 - 1e-3 < float(far[1].mean() / far[0].mean()) < 1.1


def test_an_image_that_is_there_already_stays():
    net, images = linear(4), inner_images(6)
    wrong = (net(images).argmax(1) + 1) % 4
    victim = Victim(net)
    assert torch.equal(minimal(victim, images, Goal(wrong), Settings()), images)
    assert (victim.forward_images, victim.backward_images) == (6, 0)


def test_budget_is_the_minimum_cut_at_eps():
    net, part = trained(0), digits("test", 30)
    goal = Goal(part.labels)
    least = craft(net, "fab_t", part.images, goal, protocol="minimal", settings=QUICK)
    near = distances(part.images, least.images, "linf")
    eps = float(near.median()) * 1.001
    made = craft(net, "fab_t", part.images, goal, eps=eps, settings=QUICK)
    assert torch.equal(made.fooled, near <= eps)
    assert torch.equal(made.images[~made.fooled], part.images[~made.fooled])
    assert made.forward_images < least.forward_images


@pytest.mark.parametrize(("final", "low", "high"), [(0, 1.049, 1.051), (3, 1.0, 1.0001)])
def test_one_step_overshoots_and_the_final_steps_make_up_for_it(final, low, high):
    """On a linear classifier: 5 % beyond the plane, of which every final step leaves a tenth."""
    net, images = linear(2), inner_images(10)
    goal = Goal(net(images).argmax(1))
    made = craft(net, "fab_t", images, goal, protocol="minimal", settings=Settings(steps=1, final=final))
    ratio = distances(images, made.images, "linf") / distances_to_boundary(net, images, goal.labels, 1)
    assert low < float(ratio.min()) <= float(ratio.max()) < high


def test_an_image_within_eps_is_done_at_once():
    net, images = linear(2), inner_images(10)
    made = craft(net, "fab_t", images, Goal(net(images).argmax(1)), eps=0.29)
    assert made.fooled.all()
    assert (made.forward_images, made.backward_images) == (10 * 3, 10)
