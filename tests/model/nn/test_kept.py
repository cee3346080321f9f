"""What is kept of a layer is what its parameters give now, whatever changes them."""

import copy
import itertools

import pytest
import torch
from torch import nn

from axmac.model.nn import quantize
from axmac.model.nn.kept import forget, kept


def by_optimizer(layer):
    layer.weight.grad = torch.ones_like(layer.weight)
    torch.optim.SGD([layer.weight], lr=0.5).step()


def by_a_state(layer):
    layer.load_state_dict({"weight": layer.weight + 1, "bias": layer.bias})


def of_the_bias(layer):
    with torch.no_grad():
        layer.bias.add_(1)


def by_another_parameter(layer):
    layer.weight = nn.Parameter(layer.weight.detach() + 1)


def by_other_memory(layer):
    layer.weight.data = layer.weight.data + 1


def counted(layer, settings=None):
    calls = []
    value = kept(layer, lambda: calls.append(1) or float(layer.weight.sum() + layer.bias.sum()), settings)
    return value, len(calls)


@pytest.mark.parametrize("change", [by_optimizer, by_a_state, of_the_bias, by_another_parameter, by_other_memory])
def test_a_change_of_parameters_is_seen(change):
    layer = nn.Linear(3, 2).eval()
    before, made = counted(layer)
    assert (made, counted(layer)) == (1, (before, 0))
    change(layer)
    after, made = counted(layer)
    assert made == 1
    assert after != before
    assert counted(layer) == (after, 0)


def test_settings_modes_copies_and_forgetting():
    layer = nn.Linear(3, 2).eval()
    assert [counted(layer, s)[1] for s in (1, 1, 2)] == [1, 0, 1]
    assert counted(copy.deepcopy(layer), 2)[1] == 1
    assert counted(layer, 2)[1] == 0
    forget(layer)
    assert counted(layer, 2)[1] == 1
    layer.train()
    assert [counted(layer, 2)[1] for _ in range(2)] == [1, 1]


def test_an_int8_network_follows_its_weights():
    """Also those changed through ``.data`` while it was in training mode."""
    torch.manual_seed(0)
    x = torch.rand(4, 5)
    made = quantize(nn.Sequential(nn.Linear(5, 3)).eval(), x, "s8_exact")
    layer, outputs = made[0], []
    for change in (lambda: layer.weight.data.mul_(-1), lambda: by_optimizer(layer)):
        outputs.append(made(x))
        made.train()
        change()
        made.eval()
        outputs.append(made(x))
    assert [torch.equal(a, b) for a, b in itertools.pairwise(outputs)] == [False, True, False]
