"""Layers: forward by golden, backward that of the exact layer."""

import numpy as np
import pytest
import torch
from oracles import assert_same_bits
from torch import nn

from axmac.model import fast, golden
from axmac.model.golden.significand import significand_product
from axmac.model.nn import ApproxConv1d, ApproxConv2d, ApproxConv3d, ApproxLinear
from axmac.model.spec import InputError, catalog

GEOMETRIES = {
    "plain": {},
    "padding and stride": {"padding": (1, 2), "stride": (2, 1)},
    "same": {"padding": "same", "kernel_size": (3, 2)},
    "reflect": {"padding": 1, "padding_mode": "reflect"},
    "circular": {"padding": (2, 1), "padding_mode": "circular"},
    "dilation": {"dilation": 2, "padding": 2},
    "groups": {"groups": 2, "padding": 1},
    "no bias": {"bias": False},
}


def images(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def pair(geometry):
    """The exact layer and the approximate one with the same parameters."""
    options = {"kernel_size": 3, **geometry}
    torch.manual_seed(1)
    exact = nn.Conv2d(4, 6, **options)
    approximate = ApproxConv2d(4, 6, unit="ax_fpm", **options)
    approximate.load_state_dict(exact.state_dict())
    return exact, approximate


def naive(layer, x):
    """Patches from torch's own unfold and padding, products and sums from golden, then the bias once."""
    left, right, top, bottom = layer._reversed_padding_repeated_twice
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    x = nn.functional.pad(x, (left, right, top, bottom), mode=mode)
    out = []
    for own, weight in zip(x.chunk(layer.groups, 1), layer.weight.detach().chunk(layer.groups), strict=True):
        unfolded = nn.functional.unfold(own, layer.kernel_size, layer.dilation, 0, layer.stride)
        a, b = unfolded.transpose(1, 2).contiguous(), weight.flatten(1).T.contiguous()
        product = golden.matmul(catalog["ax_fpm"], a.numpy().view(np.uint32), b.numpy().view(np.uint32))
        out.append(torch.from_numpy(product.view(np.float32)))
    result = torch.cat(out, dim=2)
    return (result if layer.bias is None else result + layer.bias.detach()).transpose(1, 2)


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
def test_convolution_forward_is_golden(geometry):
    exact, layer = pair(geometry)
    x = images(2, 4, 6, 7)
    actual, expected = layer(x), naive(layer, x)
    assert actual.shape == exact(x).shape
    assert_same_bits(*(v.detach().contiguous().numpy().view(np.uint32) for v in (actual.flatten(2), expected)))


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES)
def test_convolution_backward_is_that_of_the_exact_layer(geometry):
    gradients = []
    for layer in pair(geometry):
        x = images(2, 4, 6, 7).requires_grad_()
        out = layer(x)
        out.backward(images(*out.shape, seed=9))
        gradients.append([x.grad, *(parameter.grad for parameter in layer.parameters())])
    assert len(gradients[0]) == len(gradients[1]) >= 2
    for exact, approximate in zip(*gradients, strict=True):
        torch.testing.assert_close(approximate, exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (0, 5)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_forward_is_golden_and_backward_exact(shape, bias):
    torch.manual_seed(2)
    exact, layer = nn.Linear(5, 7, bias=bias), ApproxLinear(5, 7, bias=bias, unit="ax_fpm")
    layer.load_state_dict(exact.state_dict())
    x = images(*shape).requires_grad_()
    y = x.detach().clone().requires_grad_()
    actual, reference = layer(x), exact(y)
    weight = layer.weight.detach().T.contiguous().numpy().view(np.uint32)
    expected = golden.matmul(catalog["ax_fpm"], x.detach().numpy().view(np.uint32), weight).view(np.float32)
    expected = torch.from_numpy(expected) if layer.bias is None else torch.from_numpy(expected) + layer.bias.detach()
    assert actual.shape == reference.shape
    assert_same_bits(actual.detach().numpy().view(np.uint32), expected.numpy().view(np.uint32))
    direction = images(*actual.shape, seed=9)
    actual.backward(direction)
    reference.backward(direction)
    torch.testing.assert_close(x.grad, y.grad)
    torch.testing.assert_close(layer.weight.grad, exact.weight.grad)


def test_one_image_without_a_batch():
    _, layer = pair({"padding": 1})
    x = images(4, 6, 7)
    assert torch.equal(layer(x), layer(x[None])[0])


def test_frozen_weights_get_no_gradient():
    _, layer = pair({})
    layer.requires_grad_(False)
    x = images(1, 4, 5, 5).requires_grad_()
    layer(x).sum().backward()
    assert x.grad is not None
    assert layer.weight.grad is None


def test_repr_shows_unit_gradient_and_kernel():
    text = repr(ApproxConv2d(1, 2, 3, padding=1, unit="ax_fpm"))
    assert text.startswith("ApproxConv2d(1, 2, kernel_size=(3, 3)")
    assert text.endswith("mac=fp32_array_ama5_t4+float32.sequential, gradient=exact, kernel='closed form, float64')")
    assert "bias=False, mac=fp32_ieee" in repr(ApproxLinear(2, 3, bias=False, unit="fp32"))


def test_refuses_unknown_names():
    with pytest.raises(InputError, match="gradient must be 'exact' or 'unit', not 'none'"):
        ApproxLinear(2, 2, unit="ax_fpm", gradient="none")
    with pytest.raises(InputError, match="unknown unit"):
        ApproxLinear(2, 2, unit="nothing")


@pytest.mark.parametrize(
    ("exact", "approximate", "shape"),
    [
        (nn.Conv1d(4, 6, 3, 2, 1, groups=2), ApproxConv1d(4, 6, 3, 2, 1, groups=2, unit="fp32"), (2, 4, 9)),
        (nn.Conv1d(4, 6, 4, padding="same"), ApproxConv1d(4, 6, 4, padding="same", unit="fp32"), (2, 4, 9)),
        (
            nn.Conv3d(2, 3, (1, 2, 3), 1, (1, 0, 2)),
            ApproxConv3d(2, 3, (1, 2, 3), 1, (1, 0, 2), unit="fp32"),
            (2, 2, 3, 4, 5),
        ),
        (
            nn.Conv3d(2, 3, 3, padding=(0, 1, 2), padding_mode="circular"),
            ApproxConv3d(2, 3, 3, padding=(0, 1, 2), padding_mode="circular", unit="fp32"),
            (2, 3, 4, 5),
        ),
    ],
)
def test_one_and_three_dimensions_are_torchs_with_exact_products(exact, approximate, shape):
    approximate.load_state_dict(exact.state_dict())
    x = images(*shape).requires_grad_()
    y = x.detach().clone().requires_grad_()
    torch.testing.assert_close(approximate(x), exact(y))
    approximate(x).sum().backward()
    exact(y).sum().backward()
    torch.testing.assert_close(x.grad, y.grad)


def surrogate_slopes(unit, values, *, of_weight):
    """Least squares by numpy over every 8-bit significand of a binade, of golden's products before normalisation."""
    spec = catalog[unit]
    sig = np.arange(128, 256, dtype=np.uint64)
    own = (values * 128).astype(np.uint64)
    slopes = []
    for fixed in own:
        pair = (np.full(128, fixed), sig) if of_weight else (sig, np.full(128, fixed))
        slopes.append(np.polyfit(sig, significand_product(spec.significand, 8, *pair).astype(float), 1)[0] / 128)
    return torch.tensor(slopes, dtype=torch.float32)


@pytest.mark.parametrize(
    "unit", ["bf16_array_ama5_t4", "bf16_array_ama5_t2_rw", "bf16_csa_ama5_t8", "bf16_array_exact_t8"]
)
def test_the_units_gradient_is_its_least_squares_slope(unit):
    """One product a row, significands with exponent 0: the slope over one operand with the other one fixed."""
    values = torch.arange(128, 256, 3) / 128
    layer = ApproxLinear(1, len(values), bias=False, unit=unit, gradient="unit")
    layer.weight.data = values[:, None].clone()
    x = values[:, None].clone().requires_grad_()
    out = layer(x)
    assert torch.equal(out, fast.matmul(unit, x.detach(), values[None]))
    (of_x,) = torch.autograd.grad(out, x, torch.eye(len(values)), retain_graph=True)
    expected = surrogate_slopes(unit, values.numpy(), of_weight=False)
    torch.testing.assert_close(of_x[:, 0], expected, rtol=1e-5, atol=1e-6)
    (of_weight,) = torch.autograd.grad(out, layer.weight, torch.eye(len(values)))
    expected = surrogate_slopes(unit, values.numpy(), of_weight=True)
    torch.testing.assert_close(of_weight[:, 0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("unit", ["ax_fpm", "heap"])
def test_the_units_gradient_of_a_convolution_is_that_of_its_surrogate(unit):
    """With the operands that stand for x and weight, torch's own convolution has these gradients; forward stays."""
    layer = ApproxConv2d(4, 6, 3, padding=1, unit=unit, gradient="unit")
    x = images(2, 4, 6, 7).requires_grad_()
    out = layer(x)
    products = fast.conv(unit, x.detach(), layer.weight.detach(), (1, 1), (1, 1), (1, 1))
    assert torch.equal(out, products + layer.bias[:, None, None])
    direction = images(*out.shape, seed=9)
    out.backward(direction)
    of_w, of_x = fast.slope_over_w(unit, x.detach()), fast.slope_over_x(unit, layer.weight.detach())
    y, weight = x.detach().clone().requires_grad_(), layer.weight.detach().clone().requires_grad_()
    nn.functional.conv2d(y, of_x, padding=1).backward(direction)
    nn.functional.conv2d(of_w, weight, padding=1).backward(direction)
    torch.testing.assert_close(x.grad, y.grad)
    torch.testing.assert_close(layer.weight.grad, weight.grad)


def test_the_exact_unit_has_the_same_gradient_by_both_names():
    of_w, of_x = fast.slope_over_w("fp32", images(50)), fast.slope_over_x("fp32", images(3, 4, seed=1))
    torch.testing.assert_close((of_w, of_x), (images(50), images(3, 4, seed=1)))
    assert fast.slope_over_w("ax_fpm", torch.tensor([0.0, -0.0])).tolist() == [0.0, 0.0]
