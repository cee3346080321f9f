"""The boundary attack: the optimum of linear networks, seeds, queries, targets."""

import victims

from axmac.model.attack import settings_of


def test_published_settings():
    assert settings_of("boundary").steps == 5000


def test_is_within_5_percent_of_the_optimum_of_two_classes():
    """20 images; 2,500 of the 5,000 steps are enough for 16 values."""
    case = victims.linear(2)
    found, away = victims.crafted("boundary", case, steps=2500)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.l2).all()
    assert found.backward_images == 0
    assert 20 * 2750 < found.forward_images <= 20 * (2750 + 1 + 51) + 1000


def test_of_three_classes_it_ends_at_one_of_the_two_faces():
    victims.assert_ends_at_a_face("boundary", steps=4000)


def test_the_walk_is_seeded():
    victims.assert_seeded("boundary", steps=60)


def test_with_a_target_it_begins_at_an_image_of_that_class():
    victims.assert_aims_at_a_class("boundary", steps=300)


def test_comes_nearer_on_lenet5_than_its_start():
    """4 images; 100 of the 5,000 steps."""
    net, images, labels = victims.trained()
    case = net, images[:4], labels[:4]
    _, before = victims.crafted("boundary", case, steps=0)
    found, after = victims.crafted("boundary", case, steps=100)
    assert found.fooled.all()
    assert (after <= before).all()
    assert after.median() < before.median()
