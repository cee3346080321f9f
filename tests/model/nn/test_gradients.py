"""Backward passes: finite differences of what a gradient names, torch's own work, a forward pass that stays."""

from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from axmac.model import fast
from axmac.model.nn import approximate
from axmac.model.nn.layers import GRADIENTS

LAYERS = {
    "1d": (nn.Conv1d(4, 6, 3, stride=2, padding=2, groups=2), (2, 4, 9)),
    "2d": (nn.Conv2d(2, 3, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(1, 2)), (2, 2, 6, 7)),
    "2d reflect": (nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"), (2, 2, 5, 4)),
    "2d same": (nn.Conv2d(2, 3, 2, padding="same"), (1, 2, 4, 5)),
    "2d depthwise": (nn.Conv2d(3, 6, 3, groups=3, bias=False), (2, 3, 5, 5)),
    "3d": (nn.Conv3d(2, 2, 2, stride=(1, 2, 1), padding=1), (1, 2, 3, 4, 3)),
    "linear": (nn.Linear(5, 4), (2, 3, 5)),
}


def values(*shape, seed=0, dtype=np.float32):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def prepared(name, unit, gradient):
    layer, shape = LAYERS[name]
    for seed, parameter in enumerate(layer.parameters(), start=2):
        parameter.data = values(*parameter.shape, seed=seed)
    return layer, approximate(layer, unit, gradient=gradient), values(*shape, seed=1)


def difference(layer, x, weight, direction, moved):
    """d/dt of sum(direction * layer(..)) at 0 in float64, x or the weight moved by t times ``moved`` [name, tensor]."""
    name, way = moved
    ends = []
    for step in (-1e-3, 1e-3):
        at = {"x": x.double(), "weight": weight.double()}
        at[name] = at[name] + step * way.double()
        out = torch.func.functional_call(layer, {"weight": at["weight"], **zero_bias(layer)}, (at["x"],))
        ends.append((out * direction.double()).sum().item())
    return (ends[1] - ends[0]) / 2e-3


def zero_bias(layer):
    return {} if layer.bias is None else {"bias": torch.zeros_like(layer.bias, dtype=torch.float64)}


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama5_t4", "heap"])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_finite_differences_of_what_they_name(name, unit, gradient):
    """``exact``: of the exact layer. ``unit``: of that layer with the slopes of the unit in place of one operand."""
    exact, layer, x = prepared(name, unit, gradient)
    leaf = x.clone().requires_grad_()
    out = layer(leaf)
    direction = values(*out.shape, seed=7)
    out.backward(direction)
    weight = layer.weight.detach()
    of_x, of_weight = (
        (x, weight) if gradient == "exact" else (fast.slope_over_w(unit, x), fast.slope_over_x(unit, weight))
    )
    for seed in range(3):
        way = values(*x.shape, seed=20 + seed)
        expected = difference(exact, x, of_weight, direction, ("x", way))
        assert expected == pytest.approx((leaf.grad * way).sum().item(), rel=1e-4, abs=1e-3)
        way = values(*weight.shape, seed=30 + seed)
        expected = difference(exact, of_x, weight, direction, ("weight", way))
        assert expected == pytest.approx((layer.weight.grad * way).sum().item(), rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("name", LAYERS)
def test_the_forward_pass_has_the_same_bits_with_and_without_autograd(name, gradient):
    _, layer, x = prepared(name, "ax_fpm", gradient)
    with torch.no_grad():
        expected = layer(x)
    for frozen in (False, True):
        layer.requires_grad_(not frozen)
        assert torch.equal(layer(x.clone().requires_grad_()).detach(), expected)
    with torch.inference_mode():
        assert torch.equal(layer(x), expected)


class Operations(TorchDispatchMode):
    """Counts the operations of torch by name, views and copies apart."""

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        if name not in ("detach", "view", "t", "transpose", "_unsafe_view", "reshape", "expand", "clone", "permute"):
            self.counts[name] += 1
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("name", LAYERS)
def test_the_gradient_of_an_input_is_one_operation_as_torchs_own(name, gradient):
    """With frozen weights, as in an attack: nothing is emulated again, and no gradient of a weight is made."""
    exact, layer, x = prepared(name, "ax_fpm", gradient)
    seen = []
    for module in (exact, layer):
        module.requires_grad_(False)
        leaf = x.clone().requires_grad_()
        out = module(leaf)
        with Operations() as operations:
            out.backward(torch.ones_like(out))
        seen.append(operations.counts)
    exact.requires_grad_(True)
    heavy = [{key: n for key, n in counts.items() if key in ("convolution_backward", "mm", "bmm")} for counts in seen]
    assert heavy[0] == heavy[1] != {}
    assert sum(heavy[1].values()) == 1


def test_slopes_are_made_only_for_the_gradients_that_are_wanted(monkeypatch):
    _, layer, x = prepared("2d", "ax_fpm", "unit")
    made = []
    for name in ("slope_over_x", "slope_over_w"):
        original = getattr(fast, name)
        monkeypatch.setattr(
            fast, name, lambda *args, name=name, original=original: made.append(name) or original(*args)
        )
    layer.requires_grad_(False)
    layer(x.clone().requires_grad_()).sum().backward()
    assert made == ["slope_over_x"]
    layer.requires_grad_(True)
    layer(x).sum().backward()
    assert made == ["slope_over_x", "slope_over_w"]
