"""Networks of few bits: levels, outputs, losses and margins against one network at a time."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from axmac.model.study.geometry.networks import (
    ACTIVATIONS,
    Parameters,
    initial,
    logits,
    losses,
    margins,
    predicted,
    rounded,
)


def several(count, sizes, seed=0):
    made = [initial(sizes, torch.Generator().manual_seed(seed + one)) for one in range(count)]
    return Parameters(*(torch.cat(parts) for parts in zip(*made, strict=True)))


def test_levels_are_the_nearest_of_all():
    """Every number of bits in one call; the oracle looks for the nearest among all levels."""
    random, bits = np.random.default_rng(0), np.arange(1, 11)
    values = np.concatenate([random.uniform(-1, 1, (10, 1, 300)), np.tile([-1.0, 1.0], (10, 1, 1))], 2)
    part = torch.from_numpy(values)
    found = rounded(Parameters(part, part, part, part), torch.from_numpy(bits)).b2.numpy()
    for width, own, given in zip(bits, found[:, 0], values[:, 0], strict=True):
        levels = np.linspace(-1, 1, 2**width)
        nearest = levels[np.abs(given[:, None] - levels).argmin(1)]
        np.testing.assert_allclose(own, nearest, rtol=0, atol=1e-12)
    assert set(found[0, 0]) == {-1, 1}
    assert len(set(found[1, 0].round(9))) == 4


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_outputs_are_those_of_one_network_at_a_time(name):
    parameters, x = several(3, (5, 7, 4)), torch.randn(3, 6, 5, generator=torch.Generator().manual_seed(1))
    found = logits(parameters, x, name, 10.0)
    step = {"step": lambda z: (z >= 0).float(), "sigmoid": torch.sigmoid, "relu": F.relu}[name]
    for one in range(3):
        hidden = step(10 * (x[one] @ parameters.w1[one] + parameters.b1[one]))
        torch.testing.assert_close(found[one], hidden @ parameters.w2[one] + parameters.b2[one])


def test_the_step_has_the_gradient_of_the_sigmoid():
    z = torch.linspace(-3, 3, 7, requires_grad=True)
    (found,) = torch.autograd.grad(ACTIVATIONS["step"](z).sum(), z)
    (expected,) = torch.autograd.grad(z.sigmoid().sum(), z)
    torch.testing.assert_close(found, expected)
    assert ACTIVATIONS["step"](z).tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_losses_margins_and_classes_by_hand():
    outputs = torch.tensor([[[1.0, 3.0, 2.0], [0.0, 0.0, 5.0]]])
    labels = torch.tensor([[2, 2]])
    expected = [-F.log_softmax(outputs[0, place], 0)[2] for place in (0, 1)]
    torch.testing.assert_close(losses(outputs, labels)[0], torch.stack(expected))
    assert margins(outputs, labels).tolist() == [[1.0, -5.0]]
    assert predicted(outputs).tolist() == [[1, 2]]
    single = torch.tensor([[[0.5], [-2.0]]])
    assert margins(single, torch.tensor([[1, 1]])).tolist() == [[-0.5, 2.0]]
    assert predicted(single).tolist() == [[1, 0]]
    torch.testing.assert_close(losses(single, torch.tensor([[1, 0]])), F.softplus(torch.tensor([[-0.5, -2.0]])))
