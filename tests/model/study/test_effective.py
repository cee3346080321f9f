"""Effective weights: exact where the unit is a product of its activation and another weight."""

import torch
from one_net import digits_net

from axmac.model.fast import multiply
from axmac.model.study.effective import effective_weights, with_weights
from axmac.model.study.variants import build, exact

WEIGHTS = torch.tensor([[0.75, -0.3], [1.0, -0.5], [1.5, 1e-3]])
NEXT_POWERS = torch.tensor([[1.0, -0.5], [2.0, -1.0], [2.0, 2.0**-9]])


def test_one_array_of_24_has_the_next_power_of_two():
    assert torch.allclose(effective_weights("fp32_array_ama5_t24", WEIGHTS), NEXT_POWERS, rtol=1e-6)


def test_exact_products_have_the_weight_itself():
    assert torch.allclose(effective_weights("fp32", WEIGHTS), WEIGHTS, rtol=1e-6)


def test_it_is_the_least_of_squares():
    """No other weight near it has a smaller sum of squares over activations on a fine grid."""
    x = 1 + torch.arange(4096) / 4096 + 2.0**-14
    for weight in (0.7, -0.33):
        products = multiply("ax_fpm", x, torch.full_like(x, weight)).double()
        best = float(effective_weights("ax_fpm", torch.tensor([weight])))
        squares = [float(((products - x.double() * best * (1 + off)) ** 2).sum()) for off in (-0.01, 0, 0.01)]
        assert squares[1] < min(squares[0], squares[2])


def test_only_convolutions_change():
    net = build(exact(digits_net()))
    for how in ("effective", "slopes"):
        made = with_weights(net, "fp32_array_ama5_t24", how)
        powers = torch.exp2(net.conv1.weight.abs().log2().floor() + 1) * net.conv1.weight.sign()
        assert torch.allclose(made.conv1.weight, powers, rtol=1e-5)
        assert torch.equal(made.fc1.weight, net.fc1.weight)
        assert torch.equal(made.conv1.bias, net.conv1.bias)
