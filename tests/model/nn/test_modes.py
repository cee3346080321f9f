"""Evaluation for a while."""

import pytest
from torch import nn

from axmac.model.nn.modes import evaluating


def test_every_part_gets_its_own_mode_back():
    net = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Dropout(), nn.ReLU())).train()
    net[1][0].eval()
    before = [part.training for part in net.modules()]
    with evaluating(net):
        assert not any(part.training for part in net.modules())
    assert [part.training for part in net.modules()] == before == [True, True, True, False, True]
    with pytest.raises(KeyError), evaluating(net):
        raise KeyError
    assert [part.training for part in net.modules()] == before
