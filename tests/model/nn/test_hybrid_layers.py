"""Layers of k bits: codes by their formulas, integers end to end, gradients that pass straight through."""

from functools import cache

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import nn

from axmac.model.nn.hybrid import HybridConv2d, HybridLinear, HybridShortcut, hybrid
from axmac.model.spec import InputError

WIDTHS = (1, 2, 3, 4, 5, 8, 12, 16)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def conv(bits, *, bias=True, **options):
    """A hybrid 3 x 3 convolution of 3 to 5 channels."""
    torch.manual_seed(bits)
    net = nn.Sequential(nn.Conv2d(3, 5, 3, bias=bias, **options), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2))
    net(torch.zeros(1, 3, 8, 8))
    return hybrid(net, bits, (3, 8, 8))[0]


def ranged(layer, x):
    """The layer in evaluation mode with the range of x."""
    layer.train()(x)
    return layer.eval()


def nearest(values, high, top, *, signed):
    return np.clip(np.rint(np.asarray(values, np.float64) / (top / high)), -high if signed else 0, high)


@cache
def best_top(high):
    """The last of ``high`` codes above 0 where normal values lose least, by a sum over a fine grid."""
    x = np.linspace(0, 8, 20_001)
    density = np.exp(-x * x / 2)
    density[0] /= 2

    def loss(top):
        return float((density * (x - nearest(x, high, top, signed=True) * top / high) ** 2).sum())

    return minimize_scalar(loss, bounds=(0.5, 4), method="bounded", options={"xatol": 1e-7}).x


def expected_top(values, high, *, signed):
    values = np.asarray(values, np.float64)
    largest = np.abs(values).max()
    if high > 7:
        return largest
    return min(largest, best_top(high) * np.sqrt((values**2).mean() * (1 if signed else 2)))


def integer_sums(codes, layer):
    """int64 [B, filters, H', W'] of the layer's geometry, written out with numpy; groups are 1."""
    (top, left), (down, right) = layer.padding, layer.stride
    x = np.pad(codes.activations.numpy().astype(np.int64), ((0, 0), (0, 0), (top, top), (left, left)))
    w = codes.weights.numpy().astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::down, ::right]
    return np.einsum("bchwij,fcij->bfhw", windows, w)


@pytest.mark.parametrize("bits", WIDTHS)
def test_weight_codes(bits):
    layer = conv(bits)
    codes, step = layer.weight_codes()
    w = layer.weight.detach().numpy()
    if bits == 1:
        expected, unit = np.where(w >= 0, 1, -1), np.abs(w.astype(np.float64)).mean()
    else:
        high = 2 ** (bits - 1) - 1
        top = expected_top(w, high, signed=True)
        expected, unit = nearest(w, high, top, signed=True), top / high
        assert codes.abs().max() == high
    np.testing.assert_array_equal(codes.numpy(), expected)
    assert step == pytest.approx(unit, rel=1e-3)
    assert codes.numel() == 135


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", WIDTHS)
def test_activation_codes(bits, signed):
    x = drawn(4, 3, 8, 8, seed=1) if signed else drawn(4, 3, 8, 8, seed=1).relu()
    layer = ranged(conv(bits), x)
    found = layer.codes(x)
    assert found.a_signed == signed
    if signed and bits == 1:
        expected, top = np.where(x >= 0, 1, -1), float(x.double().abs().mean())
    else:
        high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1
        top = expected_top(x, high, signed=signed)
        expected = nearest(x, high, top, signed=signed)
        assert found.activations.abs().max() == high
    assert float(layer.a_max) == pytest.approx(float(top), rel=1e-3)
    different = found.activations.numpy() != expected
    assert different.sum() <= (4 if bits > 11 else 0)  # where float32 rounds to a tie
    assert np.abs(found.activations.numpy() - expected).max() <= 1
    assert found.activations.numel() == 768


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", WIDTHS)
def test_evaluation_is_integer_arithmetic(bits, signed):
    """Sums of numpy integers, one float32 product and one float32 sum: the same bits where `bound` allows it."""
    layer = conv(bits, stride=2, padding=1)
    x = drawn(4, 3, 8, 8, seed=2) if signed else drawn(4, 3, 8, 8, seed=2).relu()
    ranged(layer, x)
    codes = layer.codes(x)
    sums = integer_sums(codes, layer)
    np.testing.assert_array_equal(layer.sums(codes).numpy(), sums)
    assert np.abs(sums).max() <= layer.bound()
    bias = layer.bias.detach().numpy()[:, None, None]
    expected = sums.astype(np.float32) * np.float32(codes.scale) + bias
    actual = layer(x).detach().numpy()
    assert actual.shape == expected.shape == (4, 5, 4, 4)
    if layer.bound() <= 2**24:
        np.testing.assert_array_equal(actual.view(np.uint32), expected.view(np.uint32))
    else:
        assert bits > 8
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


def test_the_bound_is_reached():
    layer = conv(3, bias=False)
    ranged(layer, torch.rand(1, 3, 3, 3))
    codes, _ = layer.weight_codes()
    worst = codes.flatten(1).abs().sum(1).argmax()
    x = (codes[worst] > 0).float() * float(layer.a_max)
    low = (codes[worst] < 0).float() * float(layer.a_max)
    both = layer.sums(layer.codes(torch.stack([x, low])))[:, worst].flatten()
    assert int(both[0] - both[1]) == layer.bound() == 7 * int(codes[worst].abs().sum())


@pytest.mark.parametrize("bits", [1, 4, 16])
def test_training_and_evaluation_differ_by_rounding_only(bits):
    layer, x = conv(bits, padding=1), drawn(2, 3, 8, 8).relu()
    trained = layer.train()(x)
    torch.testing.assert_close(layer.eval()(x), trained, rtol=1e-5, atol=1e-5)


def test_the_range_is_a_running_one_and_clips_in_evaluation():
    layer = conv(5)
    layer.train()
    for top in (2.0, 4.0, 1.0):
        layer(torch.full((1, 3, 8, 8), top))
    assert float(layer.a_max) == pytest.approx(0.9 * (0.9 * 2 + 0.1 * 4) + 0.1)
    layer.eval()
    x = torch.tensor([-1.0, 0.0, 1.0, 9.0]).reshape(1, 1, 2, 2).expand(1, 3, 2, 2)
    assert layer.codes(x).activations[0, 0].flatten().tolist() == [0, 0, round(31 / float(layer.a_max)), 31]
    before = float(layer.a_max)
    layer(torch.rand(1, 3, 8, 8) * 50)
    assert float(layer.a_max) == before


def test_a_negative_value_in_training_makes_the_input_signed_for_good():
    layer = conv(4)
    ranged(layer, torch.rand(1, 3, 8, 8))
    assert not layer.a_signed
    layer.train()(-torch.rand(1, 3, 8, 8))
    ranged(layer, torch.rand(1, 3, 8, 8))
    assert layer.a_signed
    assert layer.codes(torch.rand(1, 3, 8, 8)).activations.max() <= 7


def test_without_training_the_batch_gives_the_range():
    layer, x = conv(8).eval(), torch.rand(1, 3, 8, 8)
    assert float(layer.a_max) == 0
    assert layer.codes(x).activations.max() == 255
    assert float(layer.a_max) == 0


@pytest.mark.parametrize("bits", [1, 2, 8])
def test_gradients_are_those_of_the_quantised_values(bits):
    """As if x and weight were their quantised values; 0 where evaluation clips."""
    layer = ranged(conv(bits, padding=1), torch.rand(2, 3, 8, 8))
    x = (1.3 * torch.rand(2, 3, 8, 8) - 0.1).requires_grad_()
    upstream = drawn(2, 5, 8, 8)
    (layer(x) * upstream).sum().backward()
    codes, (weights, step) = layer.codes(x), layer.weight_codes()
    a = (codes.activations * (codes.scale / step)).requires_grad_()
    w = (weights * step).requires_grad_()
    (torch.conv2d(a, w, layer.bias, padding=1) * upstream).sum().backward()
    inside = (x >= 0) & (x <= float(layer.a_max))
    assert 0 < int(inside.sum()) < x.numel()
    torch.testing.assert_close(x.grad, a.grad * inside, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer.weight.grad, w.grad, rtol=1e-4, atol=1e-5)
    assert layer.bias.grad.abs().sum() > 0


def test_gradients_in_training_pass_straight():
    layer, x = conv(2), (torch.rand(2, 3, 8, 8) ** 6).requires_grad_()
    upstream = drawn(2, 5, 6, 6)
    (layer.train()(x) * upstream).sum().backward()
    codes, step = layer.weight_codes()
    top = float(layer.a_max)
    a, w = (x.detach() * 3 / top).round().clamp(max=3) * (top / 3), codes * step
    a, w = a.requires_grad_(), w.requires_grad_()
    (torch.conv2d(a, w) * upstream).sum().backward()
    inside = x <= top
    assert 0 < int((~inside).sum()) < x.numel()
    torch.testing.assert_close(x.grad, a.grad * inside, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer.weight.grad, w.grad, rtol=1e-4, atol=1e-5)


def test_zeros_give_the_bias():
    layer = conv(4)
    x = torch.zeros(1, 3, 8, 8)
    assert torch.equal(ranged(layer, x)(x), layer.bias.reshape(-1, 1, 1).expand(1, 5, 6, 6))
    layer.weight.data.zero_()
    for bits in (1, 4):
        layer.set_bits(bits)
        out = layer(torch.rand(1, 3, 8, 8))
        assert torch.equal(out, layer.bias.reshape(-1, 1, 1).expand(1, 5, 6, 6))


def test_linear_layers_and_single_images():
    torch.manual_seed(0)
    net = hybrid(nn.Sequential(nn.Flatten(0), nn.Linear(12, 3), nn.ReLU(), nn.Linear(3, 2)), 5, (3, 2, 2))
    layer, x = net[1], torch.rand(7, 12)
    assert type(layer) is HybridLinear
    ranged(layer, x)
    codes = layer.codes(x)
    sums = codes.activations.numpy().astype(np.int64) @ codes.weights.numpy().astype(np.int64).T
    expected = sums.astype(np.float32) * np.float32(codes.scale) + layer.bias.detach().numpy()
    np.testing.assert_array_equal(layer(x).detach().numpy(), expected)
    one = conv(4)
    image = torch.rand(3, 8, 8)
    assert torch.equal(ranged(one, image)(image), one(image[None])[0])
    assert type(one) is HybridConv2d
    assert repr(one).endswith("stride=(1, 1), bits=4)")


def test_a_shortcut_quantises_its_values():
    layer, x = HybridShortcut(), torch.rand(2, 3)
    layer.set_bits(4)
    assert (layer.train()(x) * 15 / x.max() - (x * 15 / x.max()).round()).abs().max() < 1e-5
    assert layer.eval()(2 * x).max() == pytest.approx(float(x.max()))


@pytest.mark.parametrize("bits", [0, 17, 2.5, True])
def test_refuses_other_widths(bits):
    with pytest.raises(InputError, match="bits must be 1 to 16, not"):
        HybridShortcut().set_bits(bits)
