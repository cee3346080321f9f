"""Networks quantised in one call: integers from end to end, units layer by layer, steps, folded norms, misfits."""

import copy

import numpy as np
import pytest
import torch
from attacked import digits, trained
from int8_oracles import conv_oracle, linear_oracle
from torch import nn

from axmac.model.nn import approximate, evaluate, quantize, reassign
from axmac.model.nn.int8 import Int8Conv2d, Int8Linear
from axmac.model.spec import InputError, catalog


def small():
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 5),
    )


IMAGES = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(4))


def units(module):
    return {name: getattr(layer, "unit", None) and layer.unit.id for name, layer in module.named_modules() if name}


@pytest.mark.parametrize("unit", ["s8_exact", "s8_drum_k4", "s8_scaletrim_h4_m8"])
def test_a_network_computes_in_integers_from_end_to_end(unit):
    """Layer by layer by the definition, every tensor between two layers a whole number of the next one's steps."""
    made = quantize(small(), IMAGES, unit)
    x = IMAGES
    for name, layer in made.named_children():
        if isinstance(layer, Int8Conv2d | Int8Linear):
            oracle = conv_oracle if isinstance(layer, Int8Conv2d) else linear_oracle
            if name != "0":
                steps = x.double() / layer.in_scale
                assert float((steps - steps.round()).abs().max()) < 1e-4
                assert 0 < steps.round().abs().max() <= 127
            expected = oracle(layer, x.numpy())
            out = layer(x).detach()
            np.testing.assert_array_equal(out.numpy() + 0.0, expected + 0.0)
            x = out
        else:
            x = layer(x)
    assert torch.equal(made(IMAGES), x)
    assert x.shape == (6, 5)


def test_outputs_take_the_step_of_the_next_layer():
    made = quantize(small(), IMAGES, "s8_exact")
    assert made[0].out_scale == made[3].in_scale
    assert made[3].out_scale == made[6].in_scale
    assert made[6].out_scale is None
    assert made[0].in_scale == float(IMAGES.max()) / 127


def test_percentile_calibration_takes_smaller_steps():
    largest, less = (quantize(small(), IMAGES, "s8_exact", percentile=p) for p in (100, 90))
    for place in (0, 3, 6):
        assert 0 < less[place].in_scale < largest[place].in_scale


def test_units_layer_by_layer():
    exact, drum, other = "s8_exact", "s8_drum_k4", "s8_scaletrim_h4_m8"
    names = ("0", "3", "6")

    def chosen(*args, **options):
        found = units(quantize(small(), IMAGES, *args, **options))
        assert all(found[name] is None for name in ("1", "2", "4", "5"))
        return [found[name] for name in names]

    assert chosen(drum) == [drum] * 3
    assert chosen(catalog[drum], "conv") == [drum, drum, exact]
    assert chosen(drum, "conv", rest=other) == [drum, drum, other]
    assert chosen(drum, "conv", rest=None) == [drum, drum, None]
    assert chosen(layers={"3": other, "6": drum}) == [exact, other, drum]
    assert chosen(layers=lambda _name, layer: other if isinstance(layer, nn.Linear) else None) == [exact, exact, other]


def test_the_float_module_stays_as_it_was():
    module = small()
    before = copy.deepcopy(module.state_dict())
    made = quantize(module, IMAGES, "s8_drum_k4")
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert {type(layer) for layer in module} == {nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Linear}
    assert list(made.state_dict()) == list(before)


@pytest.mark.parametrize("unit", ["s8_exact", "s8_drum_k6"])
def test_a_trained_network_keeps_its_accuracy(unit):
    module, images = trained(0), digits("train", 200).images
    test = digits("test", 360)
    before = evaluate.accuracy(module, test)
    after = evaluate.accuracy(quantize(module, images, unit), test)
    assert after["correct"] >= before["correct"] - 7
    assert (after["unit_products"], before["unit_products"]) == (before["products"], 0)


def test_batches_and_threads_do_not_change_a_bit():
    made = quantize(small(), IMAGES, "s8_drum_k3")
    whole = made(IMAGES)
    assert torch.equal(torch.cat([made(IMAGES[:1]), made(IMAGES[1:])]), whole)
    torch.set_num_threads(2)
    assert torch.equal(made(IMAGES), whole)


def test_gradients_reach_the_image():
    made, x = quantize(small(), IMAGES, "s8_exact"), IMAGES.clone().requires_grad_()
    made(x)[:, 0].sum().backward()
    exact = IMAGES.clone().requires_grad_()
    small()(exact)[:, 0].sum().backward()
    similar = nn.functional.cosine_similarity(x.grad.flatten(), exact.grad.flatten(), dim=0)
    assert float(similar) > 0.9


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 2, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(2)
        self.second = nn.Conv2d(2, 2, 3, padding=1)
        self.last = nn.Linear(128, 3)

    def forward(self, x):
        x = torch.relu(self.norm(self.first(x)))
        return self.last(nn.functional.relu(x + self.second(x)).flatten(1))


def test_norms_are_folded_and_sums_of_layers_stay_float():
    torch.manual_seed(0)
    module = Residual()
    for _ in range(3):
        module(3 * torch.randn(8, 1, 8, 8) + 1)
    nn.init.uniform_(module.norm.weight, 0.5, 2)
    nn.init.normal_(module.norm.bias)
    module.eval()
    made = quantize(module, IMAGES, "s8_exact")
    assert type(made.norm) is nn.Identity
    norm = module.norm
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()
    torch.testing.assert_close(made.first.weight, module.first.weight * factor[:, None, None, None])
    torch.testing.assert_close(made.first.bias, norm.bias - norm.running_mean * factor)
    assert made.first.out_scale is None  # the sum reads it too
    assert made.second.out_scale is None
    expected, actual = module(IMAGES), made(IMAGES)
    assert (actual - expected).abs().max().item() < 0.05 * expected.abs().max().item()


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Conv2d(1, 1, 3, padding=1)
        self.right = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, x):
        return self.right(self.left(x) if x.sum() > 0 else x)


def test_a_module_that_cannot_be_traced_rounds_between_its_layers():
    with pytest.warns(UserWarning, match="cannot be traced"):
        made = quantize(Branching(), IMAGES, "s8_drum_k4")
    assert (made.left.out_scale, made.right.out_scale) == (None, None)
    assert made(IMAGES).shape == IMAGES.shape


def test_what_does_not_fit_gets_one_line():
    module = small()
    for unit, message in (("u8_exact", "use s8_exact"), ("ax_fpm", "multiplies floats"), (None, "spec is missing")):
        with pytest.raises(InputError, match=message):
            quantize(module, IMAGES, unit)
    with pytest.raises(InputError, match="layers must be 'conv', 'all'"):
        quantize(module, IMAGES, "s8_exact", "first")
    with pytest.raises(InputError, match="there is no layer '9'"):
        quantize(module, IMAGES, layers={"9": "s8_exact"})
    with pytest.raises(InputError, match="is a ApproxConv2d: give the float module as it was before"):
        quantize(approximate(module, "ax_fpm"), IMAGES, "s8_exact")
    with pytest.raises(InputError, match="has no layer to quantise"):
        quantize(nn.ReLU(), IMAGES, "s8_exact")
    with pytest.raises(InputError, match="calibration must be float32 images"):
        quantize(module, IMAGES[:0], "s8_exact")
    with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module"):
        quantize("lenet5", IMAGES, "s8_exact")
    long = nn.Linear(140_000, 1)
    nn.init.ones_(long.weight)
    with pytest.raises(InputError, match="may leave int32: split the layer"):
        quantize(long, torch.rand(1, 140_000), "s8_exact")
    with pytest.raises(InputError, match="u8_exact multiplies integers"):
        approximate(module, "u8_exact")


def test_other_units_are_what_quantising_with_them_gives():
    given = {"0": "s8_drum_k3", "3": "s8_exact", "6": "s8_trunc_k9"}
    exact = quantize(small(), IMAGES, "s8_exact")
    made, expected = reassign(exact, given), quantize(small(), IMAGES, layers=given)
    assert repr(made) == repr(expected)
    assert units(exact)["0"] == "s8_exact"
    assert torch.equal(made(IMAGES).view(torch.int32), expected(IMAGES).view(torch.int32))
    assert not torch.equal(made(IMAGES), exact(IMAGES))
    assert units(reassign(made, {"6": "s8_drum_k4"})) == units(made) | {"6": "s8_drum_k4"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"1": "s8_exact"}, "there is no int8 layer '1': use 0, 3, 6"),
        ({"9": "s8_exact"}, "there is no int8 layer '9'"),
        ({"0": "u8_exact"}, "u8_exact does not multiply signed integers of 8 bits"),
    ],
)
def test_layers_and_units_that_do_not_fit_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        reassign(quantize(small(), IMAGES, "s8_exact"), given)


def test_other_units_whose_sums_may_leave_int32_are_refused(monkeypatch):
    exact = quantize(small(), IMAGES, "s8_exact")
    monkeypatch.setattr("axmac.model.nn.quantise._INT32_MAX", 10)
    with pytest.raises(InputError, match=r"layer '3': sums up to .* may leave int32"):
        reassign(exact, {"3": "s8_drum_k4"})
