"""Layers are watched while a context is open, and no longer."""

import pytest
import torch
from torch import nn

from axmac.model.nn.hooks import watching


def test_calls_are_seen_in_their_order_and_only_while_open():
    torch.manual_seed(0)
    module, x, seen = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1)), torch.rand(4, 3), []
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, nn.Linear)}
    with watching(layers, lambda *of: seen.append(of)):
        out = module(x)
        module(x)
    module(x)
    assert [name for name, _, _ in seen] == ["0", "2", "0", "2"]
    assert seen[0][1][0] is x
    assert seen[1][2] is out


def test_an_error_closes_it_too():
    layer, seen = nn.Linear(3, 2), []
    with pytest.raises(RuntimeError), watching({"l": layer}, lambda *of: seen.append(of)):
        layer(torch.rand(1, 5))
    layer(torch.rand(1, 3))
    assert seen == []
