"""PGD in L2: the optimum of linear networks, its ball, and LeNet-5."""

import torch
import victims

from axmac.model.attack import Goal, craft, distances


def test_minimal_is_within_the_bisection_of_the_optimum():
    """Of two classes every gradient points at the face. 20 images."""
    case = victims.linear(2)
    found, away = victims.crafted("pgd_l2", case)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= case.l2 + 2e-6).all()


def test_of_four_classes_none_is_nearer_than_the_nearest_face():
    case = victims.linear(4, shape=(3, 2, 3))
    found, away = victims.crafted("pgd_l2", case, steps=20, rel_step=0.1, rounds=10)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()


def test_stays_within_the_ball():
    net, images, labels = victims.trained()
    found = craft(net, "pgd_l2", images[:10], Goal(labels[:10]), eps=1.5)
    away = distances(images[:10], found.images, "l2")
    assert (away <= 1.5 + 2e-6).all()
    assert float(away.max()) > 1.4


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(4)
    targets = (case.labels + 1) % 4
    found, _ = victims.crafted("pgd_l2", case, targets=targets, steps=20, rel_step=0.1, rounds=10)
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)


def test_breaks_lenet5():
    net, images, labels = victims.trained()
    assert craft(net, "pgd_l2", images, Goal(labels), eps=5.0).fooled.float().mean() > 0.9
