"""BIM: the steps are PGD's, so only its settings, its bisection and its target are tested here."""

import pytest
import torch
import victims

from axmac.model.attack import Goal, craft, settings_of


def test_published_settings():
    settings = settings_of("bim")
    assert (settings.steps, settings.rel_step * settings.first_eps) == (10, pytest.approx(0.05))


def test_minimal_is_within_the_bisection_of_the_optimum():
    case = victims.linear(2)
    found, distances = victims.crafted("bim", case)
    assert found.fooled.all()
    assert (distances >= case.linf - 1e-7).all()
    assert (distances <= case.linf + 1e-6).all()
    assert found.backward_images <= 20 * 10 * 40


def test_takes_ten_steps():
    case = victims.linear(4)
    found = craft(case.net, "bim", case.images, Goal(case.labels), eps=0.2)
    assert (found.forward_images, found.backward_images) == (20 * 10, 20 * 10)
    assert float((found.images - case.images).abs().max()) <= 0.2 + 1e-6


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(4)
    targets = (case.labels + 2) % 4
    found, _ = victims.crafted("bim", case, targets=targets, rounds=10)
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)


def test_breaks_lenet5():
    net, images, labels = victims.trained()
    assert craft(net, "bim", images, Goal(labels), eps=0.3).fooled.float().mean() > 0.95
