"""4-bit networks for CIFAR-10: layers in the order of table 11, operands by the formulas of DoReFa, and they learn."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from axmac.model.nn import data, networks, training

FORMS = ("dq_full", "dq_weights", "dq_official")
SIZES = {"": (5_873_482, 71_221_248, 4_204_544), "_s": (813_994, 17_915_904, 395_776)}
"""Parameters, products in convolutions, products in the other layers."""
BLOCK, LAST = ("bn", "relu"), ("pool", "bn", "relu")
TABLE_11 = [*("conv", *BLOCK, "conv", *LAST) * 3, *("dense", *BLOCK) * 2, "dense"]
KINDS = {nn.Conv2d: "conv", nn.Linear: "dense", nn.MaxPool2d: "pool", nn.BatchNorm2d: "bn", nn.BatchNorm1d: "bn"}


def leaves(net):
    return [layer for layer in net.modules() if not list(layer.children()) and not isinstance(layer, nn.Flatten)]


def kind(layer):
    return next((word for base, word in KINDS.items() if isinstance(layer, base)), "relu")


@pytest.mark.parametrize("suffix", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_layers_are_those_of_table_11_and_sizes_as_stated(form, suffix):
    name = form + suffix
    with torch.device("meta"):
        net = networks.get(name).build().eval()
    assert [kind(layer) for layer in leaves(net)] == TABLE_11
    counts = {"conv": 0, "dense": 0}

    def count(layer, _inputs, out):
        counts[kind(layer)] += out.numel() * layer.weight[0].numel()

    for layer in leaves(net):
        if kind(layer) in counts:
            layer.register_forward_hook(count)
    assert net(torch.zeros(1, *networks.get(name).images, device="meta")).shape == (1, 10)
    parameters = sum(parameter.numel() for parameter in net.parameters())
    assert (parameters, counts["conv"], counts["dense"]) == SIZES[suffix]


def four_bits(x):
    return (x * 15).round() / 15


def by_hand(net, x, form):
    """The network of a form, written out: weights tanh(w) / (2 max) + 1/2 of 4 bits, ReLUs clipped, of 4 bits."""
    layers = leaves(net)
    for place, layer in enumerate(layers):
        word = kind(layer)
        if word == "pool":
            x = F.max_pool2d(x, 2)
        elif word == "bn":
            x = F.batch_norm(x, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps)
        elif word == "relu":
            x = x.relu() if form == "dq_weights" else four_bits(x.clamp(0, 1))
        else:
            weight = layer.weight
            stays = place == len(layers) - 1 or (form == "dq_official" and place == 0)
            if not stays:
                squashed = weight.tanh()
                weight = 2 * four_bits(squashed / (2 * squashed.abs().max()) + 0.5) - 1
            if word == "conv":
                x = F.conv2d(x, weight, stride=2 if place == 0 else 1, padding=1)
            else:
                x = F.linear(x.flatten(1), weight, layer.bias)
    return x


@pytest.mark.parametrize("form", FORMS)
def test_operands_are_quantised_as_the_form_says(form):
    net = networks.build(f"{form}_s", seed=2).eval()
    generator = torch.Generator().manual_seed(0)
    for layer in leaves(net):
        if kind(layer) == "bn":
            layer.running_mean.normal_(0, 0.3, generator=generator)
            layer.running_var.uniform_(5, 20, generator=generator)
    images = torch.rand(3, 3, 32, 32, generator=generator)
    with torch.no_grad():
        scores = net(images)
        torch.testing.assert_close(scores, by_hand(net, images, form))
        others = [by_hand(net, images, other) for other in FORMS if other != form]
    assert all(float((scores - other).abs().max()) > 0.01 for other in others)


def test_gradients_reach_the_image_and_the_weights_of_every_layer():
    net = networks.build("dq_full_s")
    images = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(1)).requires_grad_()
    F.cross_entropy(net(images), torch.arange(4)).backward()
    assert float(images.grad.abs().sum()) > 0
    weights = [layer.weight.grad for layer in leaves(net) if kind(layer) in ("conv", "dense")]
    assert len(weights) == 9
    assert all(float(gradient.abs().sum()) > 0 for gradient in weights)


def test_the_recipe_learns():
    whole = data.load("digits32", "train")
    part = replace(whole, images=whole.images[:640], labels=whole.labels[:640])
    net = networks.build("dq_full_s")
    loss = training.train(net, part, epochs=3, batch_size=64, recipe=networks.get("dq_full_s").recipe)["loss"]
    assert loss[2] < loss[0] / 2
