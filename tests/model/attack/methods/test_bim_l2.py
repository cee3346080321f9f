"""BIM in L2: the steps are PGD's, so only that they are foolbox's, the bisection and the target are tested here."""

import foolbox
import torch
import victims
from foolbox.criteria import Misclassification

from axmac.model.attack import Goal, craft


def test_steps_are_those_of_foolbox():
    net, images, labels = victims.trained()
    model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
    theirs = foolbox.attacks.L2BasicIterativeAttack().run(model, images, Misclassification(labels), epsilon=1.0)
    found = craft(net, "bim_l2", images, Goal(labels), eps=1.0)
    torch.testing.assert_close(found.images, theirs, rtol=0, atol=2e-5)
    assert found.backward_images == 40 * 10


def test_minimal_is_within_the_bisection_of_the_optimum():
    case = victims.linear(2)
    found, away = victims.crafted("bim_l2", case)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= case.l2 + 2e-6).all()


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(4)
    targets = (case.labels + 2) % 4
    found, _ = victims.crafted("bim_l2", case, targets=targets, rounds=10)
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)
