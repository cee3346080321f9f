"""Ranges of layers: the nearest rank of all values, whatever the batches."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from axmac.model.nn.calibration import input_scales
from axmac.model.spec import InputError


def net():
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(144, 5))


def layers_of(module):
    return {name: layer for name, layer in module.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)}


@pytest.mark.parametrize("percentile", [100, 99.9, 99, 50.5, 0.001])
@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_nearest_rank_of_all_values(percentile, batch_size):
    module = net()
    images = torch.randn(23, 1, 8, 8)
    found = input_scales(module, layers_of(module), images, percentile, batch_size)
    module.eval()
    for name, values in (("0", images), ("4", module[:4](images))):
        ordered = np.sort(values.detach().abs().numpy().ravel())
        rank = math.ceil(round(percentile * 1000) * ordered.size / 100_000)
        assert found[name] == float(ordered[rank - 1]) / 127 or ordered[rank - 1] == 0


def test_the_module_stays_as_it_was():
    module = net()
    module[2].eval()
    images = torch.randn(3, 1, 8, 8)
    first = input_scales(module, layers_of(module), images)
    assert module.training
    assert not module[2].training
    assert not module[0]._forward_pre_hooks
    assert input_scales(module, layers_of(module), images) == first


def test_a_layer_of_several_calls_sees_all_of_them():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.part = nn.Linear(4, 4)

        def forward(self, x):
            return self.part(10 * self.part(x))

    module, x = Twice(), torch.randn(9, 4)
    found = input_scales(module, {"part": module.part}, x, 100, 2)
    assert found["part"] == torch.cat([x, 10 * module.part(x)]).abs().max().item() / 127


def test_zeros_have_step_1():
    module = net()
    assert input_scales(module, layers_of(module), torch.zeros(2, 1, 8, 8))["0"] == 1.0


def test_wrong_input_gets_one_line():
    module, images = net(), torch.randn(3, 1, 8, 8)
    layers = layers_of(module)
    for wrong in (images[:0], images.double(), [1.0]):
        with pytest.raises(InputError, match=r"calibration must be float32 images \[n, ...\], at least one"):
            input_scales(module, layers, wrong)
    for wrong in (0, -1, 100.1, "99"):
        with pytest.raises(InputError, match="percentile must be above 0 and at most 100"):
            input_scales(module, layers, images, wrong)
    with pytest.raises(InputError, match="layer 'unused' is not called"):
        input_scales(module, {**layers, "unused": nn.Linear(2, 2)}, images)
    with pytest.raises(InputError, match="layer '0' sees values that are not finite"):
        input_scales(module, layers, images * float("inf"))
