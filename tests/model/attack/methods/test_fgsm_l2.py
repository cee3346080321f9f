"""FGSM in L2: foolbox's step, the optimum of linear networks, its ball."""

import foolbox
import torch
import victims
from foolbox.criteria import Misclassification

from axmac.model.attack import Goal, craft


def test_one_step_is_that_of_foolbox():
    net, images, labels = victims.trained()
    model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.L2FastGradientAttack()
    for eps in (0.3, 2.0):
        theirs = attack.run(model, images, Misclassification(labels), epsilon=eps)
        found = craft(net, "fgsm_l2", images, Goal(labels), eps=eps)
        torch.testing.assert_close(found.images, theirs, rtol=0, atol=2e-6)
        assert found.backward_images == 40


def test_minimal_is_the_first_step_beyond_the_optimum():
    """Of two classes every gradient points at the face; steps of 4 / 1000, the largest distance of 4 x 4 pixels."""
    case = victims.linear(2)
    found, away = victims.crafted("fgsm_l2", case)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= case.l2 + 4 / 1000 + 1e-6).all()


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(2)
    found, _ = victims.crafted("fgsm_l2", case, targets=1 - case.labels)
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), 1 - case.labels)
