"""LeNet-5 of the Ax-FPM paper and the lookup by name."""

import pytest
import torch

from axmac.model.nn import networks
from axmac.model.spec import InputError


def test_has_the_published_number_of_parameters():
    net = networks.build("lenet5")
    assert sum(parameter.numel() for parameter in net.parameters()) == 648_226
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
