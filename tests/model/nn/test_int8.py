"""Int8 layers against a reading of their definition in numpy's int64 and float64; gradients; bounds of the sums."""

import numpy as np
import pytest
import torch
from int8_oracles import conv_oracle, linear_oracle, parts_of, products_of
from torch import nn

from axmac.model import fast
from axmac.model.golden import matmul
from axmac.model.nn.int8 import Int8Conv2d, Int8Linear, int8_unit, quantized
from axmac.model.spec import InputError, catalog

UNITS = ["s8_exact", "s8_trunc_k4", "s8_drum_k3", "s8_drum_k6", "s8_scaletrim_h4_m8"]


def layer_of(kind, unit, in_scale, out_scale, *args, seed=0, **options):
    torch.manual_seed(seed)
    layer = kind.__bases__[-1](*args, **options)
    layer.__class__ = kind
    layer.set_unit(unit, in_scale, out_scale)
    return layer


def same_bits(actual, expected):
    assert expected.dtype == np.float32
    np.testing.assert_array_equal(actual.detach().numpy() + 0.0, expected + 0.0)  # q of -0 and +0 is one integer
    assert actual.numel() == expected.size > 20


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("out_scale", [None, 0.03125, 0.011])
def test_a_convolution_is_its_definition(unit, out_scale):
    layer = layer_of(Int8Conv2d, unit, 0.0173, out_scale, 3, 4, (3, 2), stride=(2, 1), padding=(1, 1))
    x = 1.3 * torch.randn(2, 3, 5, 6)  # some beyond 127 steps
    assert 0 < (quantized(x, 0.0173).abs() == 127).sum() < 30
    same_bits(layer(x), conv_oracle(layer, x.numpy()))
    same_bits(layer(x[0]), conv_oracle(layer, x[:1].numpy())[0])


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("out_scale", [None, 0.02])
def test_a_linear_layer_is_its_definition(unit, out_scale):
    layer = layer_of(Int8Linear, unit, 0.021, out_scale, 33, 7)
    x = torch.randn(3, 2, 33)
    same_bits(layer(x), linear_oracle(layer, x.numpy()))


def test_every_rounding_takes_halves_to_even():
    """Steps of 1 for input and weights (the largest is 127), and 2 for the output: sums 1, 3, 5, -1, -3 are halves."""
    values = torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, 200.0, -200.0])
    assert quantized(values, 1.0).tolist() == [0, 2, 2, 0, -2, 127, -127]
    layer = layer_of(Int8Linear, "s8_exact", 1.0, 2.0, 2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 127.0]]))
        layer.bias.copy_(torch.tensor([2.5]))  # rounds to 2
    x = torch.tensor([[-1.0, 0], [1, 0], [3, 0], [-3, 0], [-5, 0]])
    assert (layer(x) / 2).flatten().tolist() == [0, 2, 2, 0, -2]


@pytest.mark.parametrize(("shift", "expected"), [(-0.25, 101), (0.25, 100)])
def test_the_last_rounding_is_of_float64(shift, expected):
    """Sums of 25 bits whose scaled values lie within 1e-6 of 100.5: float32 would not tell them from it."""
    layer = layer_of(Int8Linear, "s8_exact", 1.0, None, 2000, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)  # 127 steps
    x, found = torch.full((2000,), 127.0), []
    for last in range(1, 100, 2):
        x[-1] = last
        total = 127 * (127 * 1999 + last)
        assert total > 1 << 24
        layer.out_scale = (total + shift) / 127 / 100.5
        found.append(round(layer(x).item() / layer.out_scale))
    assert found == [expected] * 50


@pytest.mark.parametrize("kind", ["int_conv", "int_matmul"])
def test_the_activation_is_the_first_operand(kind, monkeypatch):
    """Every integer unit that has a name commutes: only the call shows the order."""
    seen, real = [], getattr(fast, kind)
    monkeypatch.setattr(fast, kind, lambda unit, x, w, *more: seen.append((x, w)) or real(unit, x, w, *more))
    if kind == "int_conv":
        layer, x = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, None, 2, 3, 3), torch.randn(1, 2, 5, 5)
    else:
        layer, x = layer_of(Int8Linear, "s8_drum_k4", 0.02, None, 6, 3), torch.randn(4, 6)
    layer(x)
    ((first, second),) = seen
    weights = layer.integers()[0]
    assert torch.equal(first, quantized(x, 0.02))
    assert torch.equal(second, weights if kind == "int_conv" else weights.T)


def test_weights_of_a_channel_have_their_own_step_and_zeros_stay():
    layer = layer_of(Int8Linear, "s8_exact", 0.5, None, 2, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0.5], [1e-3, -1e-3], [0, 0]]))
        layer.bias.copy_(torch.tensor([0.0, 0.0, 3.0]))
    weights, bias, scales = layer.integers()
    assert weights.tolist() == [[127, 64], [127, -127], [0, 0]]  # 63.5 to even
    assert bias.tolist() == [0, 0, 6]
    assert scales.tolist() == [0.5 / 127, 0.5 * (float(torch.tensor(1e-3)) / 127), 0.5]
    assert layer(torch.ones(2))[2] == 3


@pytest.mark.parametrize("unit", ["s8_drum_k4", "s8_scaletrim_h4_m4"])
def test_sums_are_those_of_golden_and_so_of_the_rtl(unit):
    layer = layer_of(Int8Linear, unit, 0.02, None, 50, 5)
    x = quantized(torch.randn(6, 50), 0.02)
    weights = layer.integers()[0]
    expected = matmul(catalog[unit], x.numpy().view(np.uint8), weights.numpy().view(np.uint8).T)
    np.testing.assert_array_equal(layer.sums(x, weights).numpy().view(np.uint32), expected)


def test_other_paddings_are_quantised_like_the_rest():
    options = {"padding": 1, "padding_mode": "reflect"}
    layer = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, 0.03, 2, 3, 3, **options)
    x = torch.randn(2, 2, 6, 5)
    plain = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, 0.03, 2, 3, 3)
    same_bits(layer(x), plain(nn.functional.pad(x, (1, 1, 1, 1), "reflect")).detach().numpy())
    same = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, 0.03, 2, 3, (2, 3), padding="same")
    plain = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, 0.03, 2, 3, (2, 3))
    same_bits(same(x), plain(nn.functional.pad(x, (1, 1, 0, 1))).detach().numpy())


def test_groups():
    layer = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, None, 4, 6, 3, groups=2, bias=False)
    x = torch.randn(2, 4, 5, 5)
    out = layer(x)
    for group, (inputs, outputs) in enumerate(((slice(0, 2), slice(0, 3)), (slice(2, 4), slice(3, 6)))):
        alone = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, None, 2, 3, 3)
        with torch.no_grad():
            alone.weight.copy_(layer.weight[3 * group : 3 * group + 3])
            alone.bias.zero_()
        same_bits(out[:, outputs], alone(x[:, inputs]).detach().numpy())


@pytest.mark.parametrize("kind", ["conv", "linear"])
@pytest.mark.parametrize("unit", ["s8_exact", "s8_drum_k3"])
def test_the_gradient_passes_straight_through(kind, unit):
    """That of the exact product of rounded operands; 0 where the input or the output is clipped."""
    if kind == "conv":
        layer, x = layer_of(Int8Conv2d, unit, 0.01, 0.006, 2, 3, 3, padding=1), torch.randn(2, 2, 5, 5)
    else:
        layer, x = layer_of(Int8Linear, unit, 0.01, 0.006, 8, 3), torch.randn(6, 8)
    x.requires_grad_()
    out = layer(x)
    wanted = torch.randn_like(out)
    (out * wanted).sum().backward()
    weights, _, scales = layer.integers()
    step = (scales / 0.01).reshape(-1, *(1,) * (weights.ndim - 1))
    rounded_x = (quantized(x, 0.01) * 0.01).float().requires_grad_()
    rounded_w = (weights * step).float().requires_grad_()
    bias = layer.bias.detach().clone().requires_grad_()
    call = nn.functional.conv2d if kind == "conv" else nn.functional.linear
    exact = call(rounded_x, rounded_w, bias, **({"padding": 1} if kind == "conv" else {}))
    layer.out_scale = None  # shows what the clip cuts
    inside = (layer(x.detach()).detach() / 0.006).round().abs() <= 127
    assert inside.any()
    assert not inside.all()
    (exact * wanted * inside).sum().backward()
    clipped = (x.detach().double() / 0.01).round().abs() > 127
    assert clipped.any()
    assert bool((x.grad[clipped] == 0).all())
    torch.testing.assert_close(x.grad[~clipped], rounded_x.grad[~clipped])
    torch.testing.assert_close(layer.weight.grad, rounded_w.grad)
    torch.testing.assert_close(layer.bias.grad, bias.grad)


def test_training_with_the_unit_in_the_loop_learns():
    torch.manual_seed(1)
    layer = layer_of(Int8Linear, "s8_drum_k3", 0.03, None, 10, 2)
    x = torch.randn(64, 10)
    wanted = x[:, :2] - x[:, 2:4]
    optimizer = torch.optim.Adam(layer.parameters(), 0.03)
    losses = []
    for _ in range(60):
        loss = (layer(x) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("unit", UNITS)
def test_the_bound_of_a_sum_is_reached(unit):
    """By the activations that make the product with each weight of a channel largest, or smallest."""
    layer = layer_of(Int8Linear, unit, 0.02, None, 40, 4)
    q_weight, q_bias, _ = parts_of(layer)
    table = products_of(unit)[np.arange(-127, 128) % 256]
    reached = [
        max(abs(sign * np.abs(table[:, w % 256]).max(axis=0).sum() + b) for sign in (1, -1))
        for w, b in zip(q_weight, q_bias, strict=True)
    ]
    assert layer.bound() == max(reached)


def test_what_does_not_fit_gets_one_line():
    for unit, message in (
        ("u8_drum_k4", "u8_drum_k4 does not multiply signed integers of 8 bits: use s8_drum_k4"),
        ("s10_exact", "s10_exact does not multiply signed integers of 8 bits: use s8_exact"),
        ("ax_fpm", "multiplies floats: int8 networks need a unit of signed 8-bit integers"),
    ):
        with pytest.raises(InputError, match=message):
            int8_unit(unit)
    layer = layer_of(Int8Linear, "s8_exact", 0.02, None, 2, 1)
    with pytest.raises(InputError, match="holds NaN"):
        layer(torch.tensor([float("nan"), 1]))
    with pytest.raises(TypeError, match="x must be a float32 tensor"):
        layer(torch.ones(2, dtype=torch.float64))
    for scale in (0.0, -1.0, float("inf"), None):
        with pytest.raises(InputError, match="in_scale must be a float above 0"):
            layer.set_unit("s8_exact", scale)
    with torch.no_grad():
        layer.weight.fill_(1e-12)
        layer.bias.fill_(1.0)
    with pytest.raises(InputError, match="a bias leaves int32"):
        layer(torch.ones(2))


def test_the_repr_names_unit_and_steps():
    layer = layer_of(Int8Conv2d, "s8_drum_k4", 0.02, 0.03, 2, 3, 3)
    for part in ("Int8Conv2d(2, 3", "unit=s8_drum_k4", "in_scale=0.02", "out_scale=0.03", "straight-through"):
        assert part in repr(layer)
