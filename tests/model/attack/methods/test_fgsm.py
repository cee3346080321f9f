"""FGSM against its formula."""

import pytest
import torch
import torch.nn.functional as F

from axmac.model.attack.methods import fgsm
from axmac.model.nn import networks


@pytest.mark.parametrize("eps", [0.05, 0.3])
def test_is_the_sign_of_the_gradient(eps):
    net = networks.build("lenet5", seed=2).eval()
    images = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    labels = torch.arange(8)
    x = images.clone().requires_grad_()
    F.cross_entropy(net(x), labels, reduction="sum").backward()
    expected = (images + eps * x.grad.sign()).clamp(0, 1)
    actual = fgsm.perturb(net, images, labels, eps)
    clear = x.grad.abs() > 1e-6 * x.grad.abs().max()
    assert int(clear.sum()) > 5000
    assert torch.equal(actual[clear], expected[clear])
    assert float((actual - images).abs().max()) <= eps + 1e-6
