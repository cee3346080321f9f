"""C&W: the optimum of linear networks, targets, and LeNet-5."""

import torch
import victims

from axmac.model.attack import settings_of


def test_published_settings():
    settings = settings_of("cw")
    assert (settings.binary_search_steps, settings.steps, settings.stepsize) == (5, 1000, 5e-3)
    assert (settings.initial_const, settings.confidence) == (1e-2, 0)


def test_is_within_5_percent_of_the_optimum_of_two_classes():
    """20 images, published settings."""
    case = victims.linear(2)
    found, away = victims.crafted("cw", case)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.l2).all()


def test_of_three_classes_it_ends_at_one_of_the_two_faces():
    """It descends to a face that need not be the nearer one: within 5 % of that one, and of the nearer for most."""
    case = victims.linear(3, shape=(3, 2, 3))
    found, away = victims.crafted("cw", case)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.faces.where(case.faces.isfinite(), -torch.inf).max(1).values).all()
    assert (away <= 1.05 * case.l2).float().mean() >= 0.8


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(4)
    targets = (case.labels + 1) % 4
    found, away = victims.crafted("cw", case, targets=targets, steps=300, stepsize=0.02)
    wanted = case.faces.gather(1, targets[:, None])[:, 0]
    assert found.fooled.all()
    assert (away >= wanted - 1e-6).all()
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)


def test_where_it_finds_nothing_the_black_image_is_no_success():
    """One step finds nothing, and this network takes black images for class 1."""
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2)).eval()
    with torch.no_grad():
        net[1].weight.copy_(torch.tensor([[1.0] * 4, [-1.0] * 4]))
        net[1].bias.copy_(torch.tensor([-1.0, 1.0]))
    images = torch.full((3, 1, 2, 2), 0.9)
    found, away = victims.crafted("cw", (net, images, torch.zeros(3, dtype=torch.int64)), steps=1)
    assert not found.fooled.any()
    assert not away.any()


def test_fools_lenet5():
    """Fewer and longer steps than published."""
    found, away = victims.crafted(
        "cw", victims.trained(), binary_search_steps=2, steps=50, stepsize=0.1, initial_const=1.0
    )
    assert len(found.fooled) == 40
    assert found.fooled.float().mean() > 0.95
    assert away.median() < 3
