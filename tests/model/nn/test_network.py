"""Recipes: values out of range are named."""

import pytest
import torch
from torch import nn

from axmac.model.nn.network import Recipe, he_normal
from axmac.model.spec import InputError


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"optimizer": "lion"}, "optimizer must be 'adam' or 'sgd', not 'lion'"),
        ({"schedule": "steps"}, "schedule must be 'constant' or 'cosine', not 'steps'"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0 and finite, not 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0 and finite"),
        ({"momentum": 1.0}, "momentum must be at least 0 and below 1"),
        ({"weight_decay": -1.0}, "weight_decay must be at least 0 and finite"),
        ({"steps": 0}, "steps must be at least 1"),
    ],
)
def test_values_out_of_range_are_named(field, words):
    with pytest.raises(InputError, match=words):
        Recipe(**field)


def test_he_keeps_the_size_of_activations():
    torch.manual_seed(1)
    net = he_normal(nn.Sequential(*(layer for _ in range(6) for layer in (nn.Linear(512, 512), nn.ReLU()))))
    x = torch.randn(256, 512)
    assert all(not layer.bias.any() for layer in net[::2])
    assert 0.5 < (net(x).square().mean() / x.square().mean()).item() < 2
