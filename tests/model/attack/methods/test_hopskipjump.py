"""HopSkipJump: the optimum of linear networks, seeds, queries, targets."""

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
    victims.assert_ends_at_a_face("hopskipjump", steps=20)


def test_the_walk_is_seeded():
    victims.assert_seeded("hopskipjump", steps=4)


def test_with_a_target_it_begins_at_an_image_of_that_class():
    victims.assert_aims_at_a_class("hopskipjump", steps=10)


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
