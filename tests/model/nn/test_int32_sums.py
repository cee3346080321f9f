"""The int32 accumulator of the MAC never wraps on the int8 networks that are used: what can come, what does come.

Of the catalog's units the largest bound of a layer is 21.6 million (fc1 of lenet5, scaleTRIM(4,8)), 1 % of int32.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from int8_oracles import parts_of, products_of

from axmac.model.nn import checkpoint, data, quantize
from axmac.model.nn.int8 import Int8Mixin
from axmac.model.nn.trained import find_checkpoint
from axmac.model.spec import catalog

LARGEST = 2**31 - 1
UNITS = [unit for unit in catalog.integers if unit.startswith("s8")]
NETS = {"lenet5": ("mnist", "digits", 4, "fc1"), "alexnet_s": ("cifar10", "digits32", 8, "features.8")}
MILLIONS = {
    "lenet5": {"s8_exact": 21.48, "s8_drum_k3": 19.28, "s8_drum_k4": 20.51, "s8_scaletrim_h4_m8": 21.63},
    "alexnet_s": {"s8_exact": 9.27, "s8_drum_k3": 8.48, "s8_drum_k4": 8.92, "s8_scaletrim_h4_m8": 9.42},
}
"""The largest bound of a layer."""


def quantised(net, unit):
    """The shipped network in int8, steps from images that come with the package's dependencies; its layers."""
    module, _ = checkpoint.load(find_checkpoint(Path("none"), net, NETS[net][0], 0))
    made = quantize(module, data.load(NETS[net][1], "train").images[:16], unit)
    return made, {name: layer for name, layer in made.named_modules() if isinstance(layer, Int8Mixin)}


ALL = pytest.mark.verify_all
CASES = [pytest.param(net, unit, marks=() if unit in MILLIONS[net] else ALL) for net in NETS for unit in UNITS]


@pytest.mark.parametrize(("net", "unit"), CASES)
def test_the_largest_sum_that_any_image_could_make_is_far_inside_int32(net, unit):
    """Weight by weight the largest product of any activation, by the definitions' text."""
    _, layers = quantised(net, unit)
    largest = np.abs(products_of(unit)[np.arange(-127, 128) % 256]).max(axis=0)
    bounds = {}
    for name, layer in layers.items():
        q_weight, q_bias, _ = parts_of(layer)
        bounds[name] = int((largest[q_weight.reshape(len(q_weight), -1) % 256].sum(axis=1) + np.abs(q_bias)).max())
        assert bounds[name] == layer.bound()
    assert len(bounds) == NETS[net][2]
    assert max(bounds, key=bounds.get) == NETS[net][3]
    assert 90 * max(bounds.values()) < LARGEST
    if unit in MILLIONS[net]:
        assert max(bounds.values()) / 1e6 == pytest.approx(MILLIONS[net][unit], abs=0.02)


@pytest.mark.parametrize("unit", ["s8_exact", "s8_drum_k3", "s8_scaletrim_h4_m8"])
@pytest.mark.parametrize("net", NETS)
def test_the_largest_sum_that_images_make(net, unit):
    made, layers = quantised(net, unit)
    images, seen, compared = data.load(NETS[net][1], "test").images[:32], {}, 0

    def watched(name, layer):
        real, bias = layer.sums, layer.integers()[1].double().reshape(-1, *(1,) * layer.trailing)

        def sums(x, weights):
            nonlocal compared
            found = real(x, weights)
            compared += found.numel()
            seen[name] = int((found.double() + bias).abs().max())
            return found

        return sums

    for name, layer in layers.items():
        layer.sums = watched(name, layer)
    with torch.no_grad():
        outputs = made(images)
    assert outputs.shape == (32, 10)
    assert compared > 32 * 20_000
    assert seen.keys() == layers.keys()
    assert all(0 < seen[name] <= layer.bound() for name, layer in layers.items())
    assert 500_000 < max(seen.values()) < 1_000_000 < LARGEST
