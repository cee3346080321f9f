"""DoReFa layers: quantisation by its formulas, and networks of them that learn."""

import pytest
import torch
from attacked import digits
from torch import nn

from axmac.model.nn import training
from axmac.model.nn.dorefa import dorefa, quantize, quantize_weight
from axmac.model.nn.network import Recipe
from axmac.model.spec import InputError


def test_two_bits_by_hand():
    """Steps of 1/3, ties to even; weights at -1, -1/3, 1/3, 1 and nothing else."""
    x = torch.tensor([0.0, 0.16, 0.17, 0.5, 0.84, 1.0])
    torch.testing.assert_close(quantize(x, 2), torch.tensor([0, 0, 1, 2, 3, 3]) / 3)
    weight = torch.tensor([-2.0, -0.1, 0.0, 0.1, 0.5, 2.0])
    expected = torch.tensor([-3, -1, 1, 1, 1, 3]) / 3
    torch.testing.assert_close(quantize_weight(weight, 2), expected)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_levels(bits):
    """Every activation is an integer, every weight an odd integer, over 2^bits - 1; all levels occur."""
    steps = 2**bits - 1
    values = torch.linspace(0, 1, 5001)
    levels = quantize(values, bits) * steps
    assert levels.round().unique().tolist() == list(range(steps + 1))
    torch.testing.assert_close(levels, levels.round())
    assert float((quantize(values, bits) - values).abs().max()) <= 0.5 / steps + 1e-6
    weights = quantize_weight(torch.linspace(-1.5, 1.5, 5001), bits) * steps
    assert weights.round().unique().tolist() == list(range(-steps, steps + 1, 2))
    torch.testing.assert_close(weights, weights.round(), rtol=0, atol=1e-4)


def test_one_bit():
    weight = torch.tensor([-0.5, 0.0, 0.25, 1.25], requires_grad=True)
    binary = quantize_weight(weight, 1)
    assert binary.tolist() == [-0.5, 0.5, 0.5, 0.5]
    (binary * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert weight.grad.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_gradient_is_that_without_rounding():
    weight = torch.randn(30, dtype=torch.float64, requires_grad=True)
    quantize_weight(weight, 4).square().sum().backward()
    straight = weight.grad.clone()
    weight.grad = None
    squashed = weight.tanh() / weight.tanh().abs().max()
    (2 * quantize_weight(weight, 4).detach() * squashed).sum().backward()
    torch.testing.assert_close(straight, weight.grad)


def test_all_weights_zero():
    assert quantize_weight(torch.zeros(4), 4).isfinite().all()


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)).eval()


def test_layers_compute_with_quantised_operands():
    net, images = small(), digits("test", 5).images
    made = dorefa(net, 4, 4, stay=["3"])
    hidden = torch.conv2d(quantize(images, 4), quantize_weight(net[0].weight, 4), net[0].bias, stride=3)
    assert torch.equal(made[0](images), hidden)
    assert torch.equal(made(images), net[3](hidden.relu().flatten(1)))
    assert "weight_bits=4, activation_bits=4" in repr(made[0])
    assert type(made[3]) is nn.Linear
    assert type(net[0]) is nn.Conv2d
    weights_only = dorefa(net, 4)
    assert torch.equal(weights_only[0](images), torch.conv2d(images, quantize_weight(net[0].weight, 4), net[0].bias, 3))
    inputs = torch.rand(2, 256) * 3 - 1
    expected = quantize(inputs.clamp(0, 1), 2) @ quantize_weight(net[3].weight, 3).T + net[3].bias
    torch.testing.assert_close(dorefa(net, 3, 2)[3](inputs), expected)


def test_gradients_reach_images_and_weights():
    made, images = dorefa(small(), 4, 4, stay=["3"]), digits("test", 5).images.clone().requires_grad_()
    made(images).sum().backward()
    assert images.grad.abs().sum() > 0
    assert made[0].weight.grad.abs().sum() > 0


def test_quantised_networks_can_be_trained():
    made = dorefa(small(), 4, 4, stay=["3"])
    part = digits("train", 1437)
    training.train(made, part, epochs=3, batch_size=64, recipe=Recipe(learning_rate=3e-3))
    test = digits("test", 200)
    assert (made(test.images).argmax(1) == test.labels).float().mean() > 0.8


def test_dorefa_refuses_what_makes_no_sense():
    with pytest.raises(InputError, match="there is no layer 'fc3' to stay float: use 0, 3"):
        dorefa(small(), 4, stay=["fc3"])
    with pytest.raises(InputError, match="weight_bits must be 1 to 16, not 0"):
        dorefa(small(), 0)
    with pytest.raises(InputError, match="activation_bits must be 1 to 16, not 32"):
        dorefa(small(), 4, 32)
    with pytest.raises(InputError, match="Linear has no layer to quantise"):
        dorefa(nn.Linear(2, 2), 4, stay=[""])
