"""Sensitivity against closed forms on small networks, and the widths of the paper's example."""

import pytest
import torch
from attacked import digits, inner_images, trained
from torch import nn

from axmac.model.attack.sensitivity import assigned_bits, noise_sensitivity
from axmac.model.nn import networks
from axmac.model.nn.hybrid import hybrid, quantisable
from axmac.model.nn.residual import Residual
from axmac.model.spec import InputError


def chain(rows):
    """Flatten, one linear layer with given rows, ReLU, scores x - y of its two units."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 2, bias=False))
    net[1].weight.data = torch.tensor(rows)
    net[3].weight.data = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    return net.eval()


def test_a_linear_toy_by_hand():
    """Units 2 x + y and x + 3 y; class 0: the loss falls along (2 - 1, 1 - 3), so FGSM steps by eps (-1, +1)."""
    net = chain([[2.0, 1.0], [1.0, 3.0]])
    images = torch.tensor([[0.5, 0.25], [0.25, 0.5]]).reshape(2, 1, 1, 2)
    # moved by eps (-1, 1): units change by eps (-1, 2); activations are (1.25, 1.25) and (1, 1.75)
    expected = 0.1 * (2 * 5.0) ** 0.5 / (1.25**2 + 1.25**2 + 1 + 1.75**2) ** 0.5
    found = noise_sensitivity(net, images, torch.tensor([0, 0]), eps=0.1)
    assert found == {"1": pytest.approx(expected, rel=1e-5)}
    for batch_size in (1, 2):
        again = noise_sensitivity(net, images, torch.tensor([0, 0]), eps=0.1, batch_size=batch_size)
        assert again["1"] == pytest.approx(expected, rel=1e-5)


def test_the_relu_behind_the_layer_counts():
    """The unit -x - y is 0 before and after; the other one alone counts."""
    net = chain([[2.0, 1.0], [-1.0, -1.0]])
    images = torch.tensor([[0.5, 0.25]]).reshape(1, 1, 1, 2)
    # class 0: scores are (2 x + y, 0): FGSM steps by eps (-1, -1), the unit falls from 1.25 by 3 eps
    assert noise_sensitivity(net, images, torch.tensor([0]), eps=0.1)["1"] == pytest.approx(0.3 / 1.25, rel=1e-5)


def test_a_layer_that_never_moves_has_none():
    net = chain([[-1.0, -1.0], [-1.0, -1.0]])
    assert noise_sensitivity(net, inner_images(3, (1, 1, 2)), torch.tensor([0, 1, 0])) == {"1": 0.0}


def test_which_activation_belongs_to_a_layer():
    """Of a residual block the one behind its sum; without a ReLU the layer's own output; a later ReLU is not taken."""
    torch.manual_seed(1)
    body = nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU(), nn.Conv2d(2, 2, 1))
    stem = nn.Conv2d(1, 2, 1)
    net = nn.Sequential(stem, Residual(body, nn.Identity()), nn.Flatten(), nn.Linear(8, 3)).eval()
    images, labels = inner_images(4, (1, 2, 2)), torch.tensor([0, 1, 2, 0])
    found = noise_sensitivity(net, images, labels, eps=0.05)
    leaf = images.clone().requires_grad_()
    nn.functional.cross_entropy(net(leaf), labels, reduction="sum").backward()
    moved = images + 0.05 * leaf.grad.sign()

    def ratio(part):
        clean, noisy = part(images).detach(), part(moved).detach()
        return float((noisy - clean).norm() / clean.norm())

    expected = {
        "0": ratio(stem),
        "1.body.0": ratio(lambda x: body[0](stem(x)).relu()),
        "1.body.2": ratio(lambda x: (body(stem(x)) + stem(x)).relu()),
    }
    assert found == pytest.approx(expected, rel=1e-4)
    assert list(found) == list(expected) == list(quantisable(net, (1, 2, 2)))


def test_the_module_is_left_as_it_was_and_hybrid_ones_are_measured_too():
    net, part = trained(0), digits("test", 30)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    exact = noise_sensitivity(net, part.images, part.labels)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    made = hybrid(net, 16, (1, 28, 28)).train()
    made(digits("train", 200).images)
    ranges = made[0].a_max.clone()
    assert noise_sensitivity(made, part.images, part.labels) == pytest.approx(exact, rel=0.05)
    assert made.training
    assert made[0].a_max == ranges
    assert all(0.01 < value < 1 for value in exact.values())


def test_all_layers_of_a_residual_network_have_one():
    net, images = networks.build("resnet18_q").eval(), torch.rand(2, 3, 32, 32)
    found = noise_sensitivity(net, images, torch.tensor([1, 2]))
    assert list(found) == list(quantisable(net, (3, 32, 32)))
    assert len(found) == 17
    assert all(value > 0 for value in found.values())


def test_equation_3_as_in_the_paper():
    assert assigned_bits({"a": 0.7, "b": 0.4, "c": 0.9}, 16) == {"a": 5, "b": 10, "c": 2}


def test_widths_stay_between_one_and_the_initial_one():
    assert assigned_bits({"a": 0.0, "b": 0.99, "c": 7.5, "d": 0.5}) == {"a": 16, "b": 1, "c": 1, "d": 8}
    assert assigned_bits({"a": 0.5, "b": 0.2}, {"a": 4, "b": 10}) == {"a": 2, "b": 8}
    assert assigned_bits({"a": 0.01, "b": 1.0}, 1) == {"a": 1, "b": 1}
    for value in (-0.1, float("nan")):
        with pytest.raises(InputError, match="the sensitivity of a must be at least 0, not"):
            assigned_bits({"a": value})
