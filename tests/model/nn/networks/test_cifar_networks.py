"""Networks for 32 x 32 images: published sizes, a seed, and every converted layer against golden products."""

import hybrid_runs
import numpy as np
import pytest
import searched
import torch
from torch import nn

from axmac.model import golden
from axmac.model.nn import approximate, data, networks
from axmac.model.nn.layers import ApproxLinear, ApproxMixin
from axmac.model.nn.networks import quantised
from axmac.model.spec import catalog

SIZES = {
    "alexnet": (23_272_266, 41_730_048, 21_012_480),
    "alexnet_s": (2_127_274, 24_625_152, 888_576),
    "resnet18": (11_173_962, 555_417_600, 5_120),
    "resnet18_c100": (11_173_962 + 90 * 513, 555_417_600, 51_200),
    "resnet18_q": (395_350, 5_197_824, 960),
    "resnet18_q_c100": (395_350 + 90 * 97, 5_197_824, 9_600),
    "resnet50": (23_520_842, 1_297_809_408, 20_480),
    "resnet50_pool": (23_520_842, 325_779_456, 20_480),
    "resnet50_s": (1_484_186, 20_692_992, 5_120),
    "vgg19": (38_958_922, 398_131_200, 18_915_328),
    "vgg19_fc1": (20_040_522, 398_131_200, 5_120),
    "vgg19_q": (315_698, 6_414_336, 640),
    "vgg19_s": (1_357_018, 25_214_976, 100_864),
}
"""Parameters, products in convolutions, products in linear layers; of narrow forms as they are counted here."""
LAYERS = {
    "alexnet": (5, 3, 3),
    "alexnet_s": (5, 3, 3),
    "resnet18": (20, 0, 1),
    "resnet18_c100": (20, 0, 1),
    "resnet18_q": (20, 1, 1),
    "resnet18_q_c100": (20, 1, 1),
    "resnet50": (53, 0, 1),
    "resnet50_pool": (53, 1, 1),
    "resnet50_s": (53, 1, 1),
    "vgg19": (16, 5, 3),
    "vgg19_fc1": (16, 5, 1),
    "vgg19_q": (16, 5, 1),
    "vgg19_s": (16, 5, 3),
}
"""Convolutions (those of the shortcuts too), pools, linear layers."""
CONVERTED = ("alexnet", "alexnet_s", "vgg19", "resnet18", "resnet50_pool")


def test_every_network_has_its_sizes_here():
    of_tests = {searched.NAME, hybrid_runs.NAME}  # named where their tests ran in this process before
    others = {"lenet5", "lenet5_fc3", *quantised.NETWORKS, *of_tests}
    assert set(SIZES) == set(LAYERS) == set(networks.names()) - others


@pytest.mark.parametrize("name", SIZES)
def test_parameters_layers_and_products_are_the_published_ones(name):
    with torch.device("meta"):
        net = networks.get(name).build().eval()
    counts = {nn.Conv2d: 0, nn.Linear: 0}

    def count(layer, _inputs, out):
        counts[type(layer)] += out.numel() * layer.weight[0].numel()

    for layer in net.modules():
        if isinstance(layer, tuple(counts)):
            layer.register_forward_hook(count)
    assert net(torch.zeros(1, *networks.get(name).images, device="meta")).shape == (1, networks.get(name).classes)
    parameters = sum(parameter.numel() for parameter in net.parameters())
    assert (parameters, counts[nn.Conv2d], counts[nn.Linear]) == SIZES[name]
    kinds = [[isinstance(layer, kind) for layer in net.modules()] for kind in (nn.Conv2d, nn.MaxPool2d, nn.Linear)]
    assert tuple(map(sum, kinds)) == LAYERS[name]


@pytest.mark.parametrize("name", ["alexnet_s", "resnet18"])
def test_the_seed_alone_decides_the_parameters(name):
    state = torch.random.get_rng_state()
    first, again, other = (networks.build(name, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)
    assert torch.equal(torch.random.get_rng_state(), state)


def patch_of(layer, x, place):
    """What the layer multiplies at an output place (channel, row, column) of one image x: float32 [K]."""
    if isinstance(layer, ApproxLinear):
        return x[0]
    (top, left), (height, width) = layer.padding, layer.kernel_size
    padded = nn.functional.pad(x[0], (left, left, top, top))
    row, column = (start * step for start, step in zip(place[1:], layer.stride, strict=True))
    return padded[:, row : row + height, column : column + width].reshape(-1)


def sequential(spec, patches, weights, biases):
    """Products of golden, added in numpy's float32 in the order of k, then the bias: patterns uint32[n]."""
    a, b = (np.ascontiguousarray(v.numpy()).view(np.uint32) for v in (patches, weights))
    products = golden.multiply(spec, a, b).view(np.float32)
    acc = np.zeros(len(a), np.float32)
    for k in range(a.shape[1]):
        acc = acc + products[:, k]
    return (acc + biases.numpy()).view(np.uint32)


@pytest.mark.parametrize("name", CONVERTED)
def test_every_converted_layer_is_golden(name):
    """Two places of each layer's output for one image: products of golden, added one by one."""
    net, spec, seen = approximate(networks.build(name, seed=1).eval(), "ax_fpm"), catalog["ax_fpm"], {}
    layers = {key: layer for key, layer in net.named_modules() if isinstance(layer, ApproxMixin)}
    assert len(layers) == LAYERS[name][0] + LAYERS[name][2]
    for key, layer in layers.items():
        assert "mac=fp32_array_ama5_t4+float32.sequential, gradient=exact, kernel='closed form" in repr(layer)
        layer.register_forward_hook(lambda _, inputs, out, key=key: seen.update({key: (inputs[0], out)}))
    with torch.no_grad():
        scores = net(data.load("digits32", "test").images[:1])
    assert bool(torch.isfinite(scores).all())
    rng, compared = np.random.default_rng(1), 0
    for key, layer in layers.items():
        x, out = seen[key]
        places = [tuple(rng.integers(0, out.shape[1:])) for _ in range(2)]
        channels = [place[0] for place in places]
        weights = layer.weight.detach().flatten(1)[channels]
        biases = torch.zeros(2) if layer.bias is None else layer.bias.detach()[channels]
        expected = sequential(spec, torch.stack([patch_of(layer, x, place) for place in places]), weights, biases)
        if layer.bias is None:
            expected = np.where(expected == 0x80000000, 0, expected)
        actual = np.array([out[0][place].item() for place in places], np.float32).view(np.uint32)
        np.testing.assert_array_equal(actual, expected, err_msg=key)
        compared += len(places)
    assert compared == 2 * len(layers)
