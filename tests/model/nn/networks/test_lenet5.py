"""LeNet-5 of two papers and the lookup by name."""

import pytest
import torch

from axmac.model.nn import networks
from axmac.model.spec import InputError


@pytest.mark.parametrize(("name", "parameters"), [("lenet5", 648_226), ("lenet5_fc3", 44_426)])
def test_has_the_published_number_of_parameters(name, parameters):
    net = networks.build(name)
    assert sum(parameter.numel() for parameter in net.parameters()) == parameters
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_seed_alone_decides_the_parameters():
    state = torch.random.get_rng_state()
    first, again, other = (networks.build("lenet5", seed=seed).conv1.weight for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_names_and_unknown_names():
    assert "lenet5" in networks.names()
    with pytest.raises(InputError, match=r"unknown network 'lenet6': use alexnet or .* or lenet5 or "):
        networks.build("lenet6")
