"""PGD in L-inf: its optimum on linear networks, its ball, and LeNet-5."""

import pytest
import torch
import torch.nn.functional as F
import victims

from axmac.model.attack import Goal, craft, settings_of
from axmac.model.nn import networks


def test_published_settings():
    settings = settings_of("pgd")
    assert (settings.steps, settings.rel_step * settings.first_eps) == (40, pytest.approx(0.01))


@pytest.mark.parametrize("eps", [0.05, 0.3])
def test_stays_within_the_ball_and_does_better_than_one_step(eps):
    net = networks.build("lenet5", seed=2).eval()
    images = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    labels = net(images).argmax(dim=1)
    found = [craft(net, attack, images, Goal(labels), eps=eps).images for attack in ("fgsm", "pgd")]
    for moved in found:
        assert float((moved - images).abs().max()) <= eps + 1e-6
        assert 0 <= float(moved.min()) <= float(moved.max()) <= 1
    one, many = (F.cross_entropy(net(moved), labels).item() for moved in found)
    assert many > one


def test_reaches_the_optimum_of_a_linear_network():
    """The loss is largest where every pixel moves by eps along the difference of the two rows of weights; 20 images."""
    case = victims.linear(2)
    rows = case.net[1].weight.detach()
    direction = torch.where(case.labels[:, None] == 0, rows[1] - rows[0], rows[0] - rows[1]).sign()
    found = craft(case.net, "pgd", case.images, Goal(case.labels), eps=0.1)
    torch.testing.assert_close(found.images, case.images + 0.1 * direction.reshape(20, 1, 4, 4))
    assert (found.forward_images, found.backward_images) == (20 * 40, 20 * 40)


def test_minimal_is_within_the_bisection_of_the_optimum():
    """.3 halved 20 times is 3e-7; the first of 40 steps that arrives may be up to eps / 30 short of eps. 20 images."""
    case = victims.linear(2)
    found, distances = victims.crafted("pgd", case)
    assert found.fooled.all()
    assert (distances >= case.linf - 1e-7).all()
    assert (distances <= case.linf + 1e-6).all()


def test_a_random_start_is_seeded():
    case = victims.linear(4)
    few = {"random_start": True, "steps": 5, "rounds": 5}
    first, again, other = (victims.crafted("pgd", case, seed=seed, **few)[0].images for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(4)
    targets = (case.labels + 1) % 4
    found, distances = victims.crafted("pgd", case, targets=targets, steps=20, rel_step=0.1, rounds=10)
    assert found.fooled.all()
    assert (distances >= case.linf - 1e-6).all()
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)


def test_forty_steps_at_eps_03_leave_lenet5_under_5_percent():
    net, images, labels = victims.trained()
    found = craft(net, "pgd", images, Goal(labels), eps=0.3)
    assert len(images) == 40
    assert found.fooled.float().mean() > 0.95


def test_minimal_fools_lenet5_nearer_than_the_sign_of_one_gradient():
    """30 images with fewer steps; where both succeed, the median distance is smaller."""
    net, images, labels = victims.trained()
    case = net, images[:30], labels[:30]
    found, distances = victims.crafted("pgd", case, steps=10, rel_step=0.15, rounds=8)
    assert found.fooled.float().mean() > 0.95
    assert distances.median() < victims.crafted("fgsm", case, scan=200)[1].median()
