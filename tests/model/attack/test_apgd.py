"""The climb of Auto-PGD: its checkpoints, its balls, when it stops, and how strong it is beside plain PGD."""

from math import cos

import pytest
import torch
import torch.nn.functional as F
from attacked import digits, inner_images, linear, trained

from axmac.model.attack.apgd import checkpoints, climb
from axmac.model.attack.craft import distances
from axmac.model.attack.objectives import cross_entropy
from axmac.model.attack.victim import Goal, Victim


def test_checkpoints_of_the_paper():
    """p = 0, .22, .41, .57, .70, .80, .87, .93, .99 (Croce & Hein, section 3.3)."""
    assert checkpoints(100) == [22, 41, 57, 70, 80, 87, 93, 99]
    assert checkpoints(10) == [3, 5, 6, 7, 8, 9, 10, 10]
    assert checkpoints(1) == [1] * 8


def run(net, images, labels, eps, steps, **options):
    goal = Goal(labels)
    torch.manual_seed(0)
    victim = Victim(net)
    made = climb(victim, images, goal, eps, lambda logits, rows: cross_entropy(logits, goal[rows]), steps, **options)
    return made, victim


def plain_pgd(net, images, labels, eps, steps):
    """Madry et al.: signed steps of eps / 10 from a random place in the ball."""
    torch.manual_seed(0)
    at = (images + eps * (2 * torch.rand_like(images) - 1)).clamp(0, 1)
    for _ in range(steps):
        at.requires_grad_()
        (gradient,) = torch.autograd.grad(F.cross_entropy(net(at), labels, reduction="sum"), at)
        at = (at.detach() + eps / 10 * gradient.sign()).clamp(images - eps, images + eps).clamp(0, 1)
    return at


@pytest.mark.parametrize("eps", [0.03, 0.08, 0.2])
def test_at_least_as_strong_as_plain_pgd(eps):
    net, part = trained(0), digits("test", 100)
    moved = plain_pgd(net, part.images, part.labels, eps, 20)
    with torch.no_grad():
        theirs = F.cross_entropy(net(moved), part.labels, reduction="none")
    made, _ = run(net, part.images, part.labels, eps, 20, stop=False)
    assert float(made.loss.mean()) >= float(theirs.mean())
    assert (made.loss > theirs - 0.01).float().mean() > 0.9


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_without_a_stop_the_highest_loss_is_kept(norm):
    net, part = trained(0), digits("test", 40)
    made, victim = run(net, part.images, part.labels, 0.1, 15, norm=norm, stop=False)
    assert (victim.forward_images, victim.backward_images) == (40 * 16, 40 * 16)
    logits = net(made.images)
    torch.testing.assert_close(F.cross_entropy(logits, part.labels, reduction="none"), made.loss)
    assert torch.equal(Goal(part.labels).reached(logits), made.reached)


def test_images_that_are_done_leave():
    """A linear classifier: those within eps of the boundary leave, the others climb to the end."""
    net, images = linear(2), inner_images(30)
    labels = net(images).argmax(1)
    made, victim = run(net, images, labels, 0.04, 25)
    assert 5 < int(made.reached.sum()) < 25
    assert int((~made.reached).sum()) * 26 <= victim.forward_images < 30 * 26
    assert torch.equal(Goal(labels).reached(net(made.images)), made.reached)


@pytest.mark.parametrize("eps", [0.05, 2.0])
def test_l2_ball(eps):
    """The optimum of a linear classifier of two classes is eps along the difference of rows, where no bound is met."""
    net, images = linear(2), inner_images(20)
    labels = net(images).argmax(1)
    made, _ = run(net, images, labels, eps, 30, norm="l2", stop=False)
    far = distances(images, made.images, "l2")
    assert float(far.max()) <= eps + 1e-6
    assert 0 <= float(made.images.min()) <= float(made.images.max()) <= 1
    if eps < 0.3:
        rows = net[1].weight
        direction = F.normalize(rows[1 - labels] - rows[labels], dim=1)
        moved = (made.images - images).flatten(1)
        assert float((moved * direction).sum(1).min()) > 0.999 * eps


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_optimum_inside_the_ball(norm):
    """The loss falls with the distance from a point that lies inside: halved steps arrive there."""

    class Near(torch.nn.Module):
        def forward(self, x):
            far = (x - inner_images(1, seed=9)).flatten(1).norm(dim=1, keepdim=True)
            return torch.cat([far, torch.zeros_like(far)], 1)

    images = inner_images(1, seed=9) + 0.01 * torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    far = {"linf": 0.05, "l2": 0.3}[norm]
    made, _ = run(Near().eval(), images, torch.zeros(4, dtype=torch.int64), far, 100, norm=norm, stop=False)
    assert float(distances(inner_images(1, seed=9), made.images, "l2").max()) < 0.02


class Rugged(torch.nn.Module):
    """One value; its slope changes sign often. Keeps what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def forward(self, x):
        self.asked.append(float(x.detach()))
        height = torch.sin(40 * x.flatten(1)) + torch.sin(73 * x.flatten(1))
        return torch.cat([-height, height], 1)


def rugged(start, steps):
    made, victim = run(Rugged().eval(), torch.full((1, 1, 1, 1), start), torch.tensor([0]), 0.5, steps, stop=False)
    return victim.module.asked, float(made.images)


def slope(x):
    return 40 * cos(40 * x) + 73 * cos(73 * x)


def test_the_first_steps():
    """x1 = P(x0 + g0); x2 = P(x1 + .75 (P(x1 + g1) - x1) + .25 (x1 - x0)), with signed steps g of 2 eps."""
    compared = 0
    for start in (0.3, 0.4, 0.5, 0.6, 0.7):
        low, high = max(start - 0.5, 0), min(start + 0.5, 1)
        (x0, x1, x2, *_), _ = rugged(start, 100)
        assert x1 == pytest.approx(high if slope(x0) > 0 else low)
        target = high if slope(x1) > 0 else low
        expected = x1 + 0.75 * (target - x1) + 0.25 * (x1 - x0)
        assert x2 == pytest.approx(min(max(expected, low), high), abs=1e-6)
        compared += low < expected < high
    assert compared >= 2


def test_goes_back_to_the_best_place_when_the_step_is_halved():
    """After eight checkpoints that mostly halve it, the step is small: the last places are beside the best one."""
    for start in (0.3, 0.4, 0.5, 0.6, 0.7):
        asked, best = rugged(start, 100)
        assert len(asked) == 101
        assert max(abs(place - best) for place in asked[-7:]) < 0.05
