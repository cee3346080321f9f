"""Feature maps: those of the network's last convolution."""

import pytest
import torch
from one_net import digits_net

from axmac.model.nn import data
from axmac.model.study.feature_maps import mapped
from axmac.model.study.variants import build, exact, on_unit


def test_maps_are_of_the_last_convolution_after_relu():
    net = exact(digits_net())
    found = mapped(variant=net, reference=net, dataset=net["data"], images=5, kept=2)
    module, images = build(net), data.load("digits", "test").images[:5]
    with torch.no_grad():
        maps = torch.relu(module.conv2(module.pool1(torch.relu(module.conv1(images))))).double().mean(1)
    assert torch.allclose(torch.tensor(found["maps"], dtype=torch.float64), maps[:2])
    assert torch.equal(torch.tensor(found["inputs"]), images[:2, 0])
    assert found["mean"] == pytest.approx(float(maps.mean()))
    assert found["largest"] == pytest.approx(sum(float(one.max()) for one in maps) / 5)
    assert (found["gain"], found["correlation"]) == pytest.approx((1, 1))


def test_a_unit_is_compared_with_the_reference():
    net = digits_net()
    unit = on_unit(net, "ax_fpm", "conv")
    found = mapped(variant=unit, reference=exact(net), dataset=net["data"], images=3, kept=1)
    other = mapped(variant=exact(net), reference=exact(net), dataset=net["data"], images=3, kept=1)
    assert found["gain"] == pytest.approx(found["mean"] / other["mean"])
    assert found["gain"] > 1
    assert 0.5 < found["correlation"] < 1
