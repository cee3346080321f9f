"""PGD: within its ball, and at the optimum of a linear classifier."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from axmac.model.attack.methods import fgsm, pgd
from axmac.model.nn import networks


@pytest.mark.parametrize("eps", [0.05, 0.3])
def test_stays_within_the_ball_and_does_better_than_one_step(eps):
    net = networks.build("lenet5", seed=2).eval()
    images = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    labels = net(images).argmax(dim=1)
    found = [method.perturb(net, images, labels, eps) for method in (fgsm, pgd)]
    for images_found in found:
        assert float((images_found - images).abs().max()) <= eps + 1e-6
        assert 0 <= float(images_found.min()) <= float(images_found.max()) <= 1
    one, many = (F.cross_entropy(net(moved), labels).item() for moved in found)
    assert many > one


def test_reaches_the_optimum_of_a_linear_classifier():
    """The loss is largest where every pixel moves by eps along the difference of the two rows of weights."""
    generator = torch.Generator().manual_seed(4)
    net = nn.Sequential(nn.Flatten(), nn.Linear(9, 2))
    images = 0.3 + 0.4 * torch.rand(5, 1, 3, 3, generator=generator)
    labels = torch.tensor([0, 1, 0, 1, 1])
    rows = net[1].weight.detach()
    direction = torch.where(labels[:, None] == 0, rows[1] - rows[0], rows[0] - rows[1]).sign().reshape(5, 1, 3, 3)
    actual = pgd.perturb(net.eval(), images, labels, 0.1)
    torch.testing.assert_close(actual, images + 0.1 * direction)
