"""FGSM against its formula, and the scan of eps against the optimum of linear networks."""

import pytest
import torch
import torch.nn.functional as F
import victims

from axmac.model.attack import Goal, craft
from axmac.model.nn import networks


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("eps", [0.05, 0.3])
def test_is_the_sign_of_the_gradient(eps, targeted):
    net = networks.build("lenet5", seed=2).eval()
    images = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    classes = net(images).argmax(1)
    goal = Goal((classes + 1) % 10 if targeted else classes, targeted)
    x = images.clone().requires_grad_()
    F.cross_entropy(net(x), goal.labels, reduction="sum").backward()
    expected = (images + (-eps if targeted else eps) * x.grad.sign()).clamp(0, 1)
    found = craft(net, "fgsm", images, goal, eps=eps)
    clear = x.grad.abs() > 1e-6 * x.grad.abs().max()
    assert int(clear.sum()) > 5000
    assert torch.equal(found.images[clear], expected[clear])
    assert (found.forward_images, found.backward_images) == (8, 8)


def test_minimal_is_the_first_of_the_scan_that_is_enough():
    """Of two classes every step is along the optimum. 20 images, 1,000 eps; each forward pass is one tried eps."""
    case = victims.linear(2)
    found, distances = victims.crafted("fgsm", case)
    assert found.fooled.all()
    needed = (1000 * case.linf).ceil()
    assert torch.equal((1000 * distances).round(), needed)
    assert found.forward_images == int(needed.sum()) + 20
    assert found.backward_images == 20


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 2, 3)])
def test_of_four_classes_none_is_nearer_than_the_nearest_face(shape):
    case = victims.linear(4, shape=shape)
    found, distances = victims.crafted("fgsm", case)
    assert found.fooled.all()
    assert (distances >= case.linf - 1e-6).all()


def test_with_a_target_it_becomes_that_class():
    case = victims.linear(2)
    found, _ = victims.crafted("fgsm", case, targets=1 - case.labels)
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), 1 - case.labels)


def test_breaks_lenet5():
    """40 images; the scan fools all, and a fixed eps of .3 most."""
    net, images, labels = case = victims.trained()
    found, distances = victims.crafted("fgsm", case, scan=100)
    assert found.fooled.float().mean() > 0.95
    assert distances.max() <= 1 + 1e-6
    assert craft(net, "fgsm", images, Goal(labels), eps=0.3).fooled.float().mean() > 0.7
