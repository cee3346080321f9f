"""HopSkipJump: the optimum of linear networks, seeds, queries, targets."""

import torch
import victims

from axmac.model.attack import settings_of


def test_published_settings():
    settings = settings_of("hopskipjump")
    assert (settings.steps, settings.initial_gradient_eval_steps, settings.max_gradient_eval_steps) == (64, 100, 10000)


def test_is_within_5_percent_of_the_optimum_of_two_classes():
    """20 images; 20 of the 64 steps. The probes of step k are 100 * sqrt(k), cut to a whole number."""
    case = victims.linear(2)
    found, away = victims.crafted("hopskipjump", case, steps=20)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.l2).all()
    assert found.backward_images == 0
    probes = 20 * sum(int(100 * k**0.5) for k in range(1, 21))
    assert probes < found.forward_images < 1.2 * probes


def test_of_three_classes_it_ends_at_one_of_the_two_faces():
    case = victims.linear(3, shape=(3, 2, 3))
    found, away = victims.crafted("hopskipjump", case, steps=20)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.faces.where(case.faces.isfinite(), -torch.inf).max(1).values).all()
    assert (away <= 1.05 * case.l2).float().mean() >= 0.6


def test_the_walk_is_seeded():
    case = victims.linear(2)
    first, again, other = (victims.crafted("hopskipjump", case, seed=s, steps=4)[0].images for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_with_a_target_it_begins_at_an_image_of_that_class():
    """Of ten classes noise is hardly ever the wanted one; 20 images have the others of the batch."""
    case = victims.linear(10)
    targets = case.labels.roll(1)
    moving = targets != case.labels
    found, away = victims.crafted("hopskipjump", case, targets=targets, steps=10)
    assert int(moving.sum()) > 10
    assert found.fooled.all()
    assert (away[moving] >= case.faces.gather(1, targets[:, None])[moving, 0] - 1e-6).all()
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)


def test_an_image_does_as_well_in_a_batch_as_alone():
    """Within 1 % after 20 steps: the normal of each has its own length."""
    case = victims.linear(2)
    _, together = victims.crafted("hopskipjump", case, steps=20)
    for k in range(5):
        one = case.net, case.images[[k]], case.labels[[k]]
        _, alone = victims.crafted("hopskipjump", one, steps=20)
        assert abs(float(alone / together[k]) - 1) < 0.02


def test_comes_nearer_on_lenet5_than_its_start():
    """4 images; 5 of the 64 steps."""
    net, images, labels = victims.trained()
    case = net, images[:4], labels[:4]
    _, before = victims.crafted("hopskipjump", case, steps=0)
    found, after = victims.crafted("hopskipjump", case, steps=5)
    assert found.fooled.all()
    assert after.median() < 0.8 * before.median()
