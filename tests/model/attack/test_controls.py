"""Controls of a transfer attack: gains with closed forms."""

import numpy as np
import pytest
import torch
from attacked import digits
from torch import nn

from axmac.model.attack.controls import gain, mean_gain
from axmac.model.nn import approximate, networks
from axmac.model.spec import InputError


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10)).eval()


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("fp32_ieee", 1.0), ("fp32_array_ama5_t24", 4 / 3), ("fp32_array_ama5_t4_xc", 1 + 4 * 0.0902)],
)
def test_mean_gain(unit, expected):
    """Exact; the weight rounded up to a power of two, whose mean over a binade is 4/3; never smaller, at NMED .0902."""
    assert mean_gain(unit) == pytest.approx(expected, rel=0.002)


def test_mean_gain_of_ax_fpm_by_its_closed_form():
    """(A & 0x111111) B + 2 (A & 0xEEEEEE) (B & 0x888888) of 24-bit significands, halved from 2^48 on."""
    generator = np.random.default_rng(7)
    a, b = generator.random((2, 1 << 18))
    (mantissa_a, exp_a), (mantissa_b, exp_b) = np.frexp(a), np.frexp(b)
    sig_a, sig_b = ((mantissa * 2**24).astype(np.uint64) for mantissa in (mantissa_a, mantissa_b))
    significand = (sig_a & 0x111111) * sig_b + 2 * (sig_a & 0xEEEEEE) * (sig_b & 0x888888)
    halved = np.where(significand >= 2**48, significand / 2, significand)
    products = np.ldexp(halved, exp_a + exp_b - 48)
    assert mean_gain("ax_fpm") == pytest.approx(products.sum() / (a * b).sum(), rel=0.003)


def test_gain_multiplies_the_products_alone():
    net, images = networks.build("lenet5", seed=1).eval(), digits("test", 3).images
    made = gain(net, 2.0)
    bias = net.conv1.bias[:, None, None]
    torch.testing.assert_close(made.conv1(images), 2 * (net.conv1(images) - bias) + bias)
    assert torch.equal(made.fc1.weight, net.fc1.weight)
    assert torch.equal(gain(net, 2.0, layers="all").fc1.weight, 2 * net.fc1.weight)
    assert torch.equal(gain(net, 2.0, layers="all").fc1.bias, net.fc1.bias)


def test_gain_refuses_what_makes_no_sense():
    net = small()
    with pytest.raises(InputError, match="layers must be 'conv' or 'all', not 'fc'"):
        gain(net, 2.0, layers="fc")
    with pytest.raises(InputError, match=r"factor must be finite and above 0, not 0\.0"):
        gain(net, 0.0)
    with pytest.raises(InputError, match="no exact layer with layers='conv'"):
        gain(nn.Sequential(nn.Linear(2, 2)), 2.0)
    with pytest.raises(InputError, match="no exact layer with layers='all'"):
        gain(approximate(nn.Sequential(nn.Linear(2, 2)), "ax_fpm"), 2.0, layers="all")
