"""Conversion: what is converted, what stays, what is refused and with which words."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune, spectral_norm

from axmac.model.nn import ApproxConv2d, ApproxLinear, approximate, networks
from axmac.model.spec import InputError, Mac, catalog


class Shared(nn.Module):
    """One layer used twice, and a weight shared by two layers."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.again = self.first
        self.tied = nn.Linear(4, 4, bias=False)
        self.tied.weight = self.first.weight
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.tied(self.norm(self.again(self.first(x))))


class Functional(nn.Module):
    def __init__(self, call):
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 3)
        self.weight = nn.Parameter(torch.ones(1, 1, 1, 1))
        self.call = call

    def forward(self, x):
        return self.call(self.layer(x), self.weight)


class Undecidable(nn.Module):
    """A forward pass that torch.fx cannot trace."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x) if x.sum() > 0 else x


def kinds(module):
    return {name: type(layer) for name, layer in module.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))}


def test_all_layers_by_default_and_the_original_untouched():
    net = networks.build("lenet5")
    before = {name: value.clone() for name, value in net.state_dict().items()}
    converted = approximate(net, "ax_fpm")
    assert kinds(converted) == {"conv1": ApproxConv2d, "conv2": ApproxConv2d, "fc1": ApproxLinear, "fc2": ApproxLinear}
    assert kinds(net) == {"conv1": nn.Conv2d, "conv2": nn.Conv2d, "fc1": nn.Linear, "fc2": nn.Linear}
    for name, value in converted.state_dict().items():
        assert torch.equal(value, before[name])
        assert value.data_ptr() != net.state_dict()[name].data_ptr()


def test_convolutions_only():
    converted = approximate(networks.build("lenet5"), catalog["ax_fpm"], layers="conv")
    assert kinds(converted) == {"conv1": ApproxConv2d, "conv2": ApproxConv2d, "fc1": nn.Linear, "fc2": nn.Linear}


def test_a_callable_and_a_mapping_choose_the_unit_of_each_layer():
    net = networks.build("lenet5")
    by_call = approximate(net, layers=lambda name, _layer: "ax_fpm" if name == "conv2" else None)
    by_map = approximate(net, layers={"conv2": "ax_fpm", "fc2": Mac(catalog["bf16_array_ama5_t4"])})
    assert [name for name, kind in kinds(by_call).items() if kind is ApproxConv2d] == ["conv2"]
    assert by_map.conv2.mac.mul.id == "fp32_array_ama5_t4"
    assert by_map.fc2.mac.mul.id == "bf16_array_ama5_t4"
    assert type(by_map.conv1) is nn.Conv2d


def test_what_is_shared_stays_shared():
    converted = approximate(Shared().eval(), "ax_fpm")
    assert converted.first is converted.again
    assert type(converted.tied) is ApproxLinear
    assert converted.tied.weight is converted.first.weight
    assert converted(torch.ones(2, 4)).shape == (2, 4)


def test_shared_weights_and_layers_have_the_gradient_of_torch_and_train_as_one():
    """With the exact unit: the sum over both uses of a layer and over both layers of a Parameter."""
    torch.manual_seed(1)
    net = Shared()
    converted = approximate(net, "fp32")
    x = torch.randn(6, 4)
    for module in (net, converted):
        module(x).square().sum().backward()
    assert converted.first.weight.grad is converted.tied.weight.grad
    torch.testing.assert_close(converted.first.weight.grad, net.first.weight.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(converted.first.bias.grad, net.first.bias.grad, rtol=1e-4, atol=1e-4)
    torch.optim.SGD(converted.parameters(), lr=0.1).step()
    assert torch.equal(converted.first.weight, converted.tied.weight)
    assert not torch.equal(converted.first.weight, net.first.weight)


def test_a_layer_with_two_names_may_be_named_by_either_and_has_one_unit():
    by_alias = approximate(Shared(), layers={"again": "ax_fpm"})
    assert by_alias.first is by_alias.again
    assert (type(by_alias.first), type(by_alias.tied)) == (ApproxLinear, nn.Linear)
    assert type(approximate(Shared(), layers={"again": "ax_fpm", "first": "ax_fpm"}).first) is ApproxLinear
    with pytest.raises(InputError, match="'again' and 'first' are one layer: give it one unit"):
        approximate(Shared(), layers={"again": "ax_fpm", "first": "fp32"})


def test_a_bare_layer_hooks_and_conversion_again():
    layer = nn.Conv2d(1, 2, 3)
    called = []
    layer.register_forward_hook(lambda *_: called.append(1))
    converted = approximate(approximate(layer, "ax_fpm"), "fp32")
    assert converted.mac.mul.id == "fp32_ieee"
    assert converted(torch.ones(1, 1, 4, 4)).shape == (1, 2, 2, 2)
    assert called == [1]


def test_the_exact_unit_gives_the_exact_network():
    net = networks.build("lenet5").eval()
    x = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(approximate(net, "fp32")(x), net(x), rtol=1e-4, atol=1e-5)


def test_training_continues_through_the_unit():
    converted = approximate(networks.build("lenet5"), "ax_fpm")
    F.cross_entropy(converted(torch.rand(2, 1, 28, 28)), torch.tensor([1, 2])).backward()
    assert all(parameter.grad is not None and bool(parameter.grad.any()) for parameter in converted.parameters())


def test_modules_that_cannot_be_traced_are_converted():
    assert type(approximate(Undecidable(), "ax_fpm").layer) is ApproxLinear


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_refuses_values_that_are_not_finite(value):
    net = networks.build("lenet5")
    with torch.no_grad():
        net.conv2.weight[3, 2, 1, 0] = value
    with pytest.raises(InputError, match=r"conv2\.weight holds NaN or infinite values"):
        approximate(net, "ax_fpm")


@pytest.mark.parametrize(
    ("call", "layers", "words"),
    [
        (F.conv2d, "conv", r"F\.conv2d"),
        (F.conv2d, "all", r"F\.conv2d"),
        (lambda x, w: F.linear(x, w[0, 0]), "all", r"F\.linear"),
        (torch.matmul, "all", r"torch\.matmul"),
        (lambda x, w: x @ w, "all", "@"),
        (lambda x, w: x.matmul(w), "all", r"Tensor\.matmul"),
        (lambda x, w: torch.mv(x[0, 0], w[0, 0, 0]), "all", r"torch\.mv"),
        (lambda x, w: x[0, 0].inner(w[0, 0]), "all", r"Tensor\.inner"),
        (lambda x, w: torch.einsum("bchw,ochw->bo", x, w), "all", r"torch\.einsum"),
        (F.conv_transpose2d, "conv", r"F\.conv_transpose2d"),
    ],
)
def test_refuses_products_outside_of_layers(call, layers, words):
    with pytest.raises(InputError, match=rf"^{words} \(.* in forward\) cannot be converted"):
        approximate(Functional(call), "ax_fpm", layers=layers)


def test_products_outside_of_convolutions_stay_exact_with_layers_conv():
    assert type(approximate(Functional(torch.matmul), "ax_fpm", layers="conv").layer) is ApproxConv2d


QAT = torch.ao.quantization.get_default_qat_qconfig("fbgemm")
OTHER_LAYERS = {
    "transposed": nn.ConvTranspose2d(1, 1, 3),
    "lstm": nn.LSTM(2, 2),
    "attention": nn.MultiheadAttention(4, 2),
    "dynamically quantised": torch.ao.nn.quantized.dynamic.Linear(2, 2),
    "quantised": torch.ao.nn.quantized.Conv2d(1, 1, 3),
    "fused": torch.ao.nn.intrinsic.ConvReLU2d(nn.Conv2d(1, 1, 3), nn.ReLU()),
    "fused linear": torch.ao.nn.intrinsic.LinearReLU(nn.Linear(2, 2), nn.ReLU()),
    "fused for training": torch.ao.nn.intrinsic.qat.ConvBn2d(1, 1, 3, qconfig=QAT),
    "gru": nn.GRU(2, 2),
    "cell": nn.LSTMCell(2, 2),
    "bilinear": nn.Bilinear(2, 2, 2),
    "encoder": nn.TransformerEncoderLayer(4, 2, 8),
    "subclass": type("Mine", (nn.Linear,), {})(2, 2),
    "script": torch.jit.trace(nn.Linear(2, 2), torch.ones(1, 2), check_trace=False),
}


@pytest.mark.parametrize("layer", OTHER_LAYERS.values(), ids=OTHER_LAYERS)
def test_refuses_layers_that_multiply_in_another_way(layer):
    with pytest.raises(
        InputError, match=r"layer '1(\.\w+)*' is a .*: only nn\.Conv1d, .* are converted; (use|give) "
    ) as info:
        approximate(nn.Sequential(nn.Linear(2, 2), layer), "ax_fpm")
    assert "\n" not in str(info.value)
    assert ("fused or quantised" in str(info.value)) == type(layer).__module__.startswith("torch.ao")


def pruned():
    return prune.l1_unstructured(nn.Conv2d(1, 1, 3), "weight", amount=0.3)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (pruned, r"layer '0' has a weight that a hook computes: call torch\.nn\.utils\.prune\.remove, "),
        (lambda: spectral_norm(nn.Linear(2, 2)), "layer '0' has a weight that a hook computes: .*remove_spectral_norm"),
        (
            lambda: torch.compile(nn.Linear(2, 2)),
            r"layer '0' is compiled: give the module that torch\.compile was given",
        ),
        (lambda: nn.Linear(2, 2, device="meta"), r"0\.weight is on the meta device and has no values: load them"),
    ],
)
@pytest.mark.parametrize("layers", ["conv", "all"])
def test_refuses_what_a_copy_would_not_compute_with(layer, layers, words):
    with pytest.raises(InputError, match=words) as info:
        approximate(nn.Sequential(layer(), nn.Conv2d(1, 1, 3)), "ax_fpm", layers=layers)
    assert "\n" not in str(info.value)


def test_refuses_other_weights_than_float32_and_parametrised_ones():
    with pytest.raises(InputError, match=r"layer '0' has torch\.float64 weights"):
        approximate(nn.Sequential(nn.Linear(2, 2).double()), "ax_fpm")
    with pytest.raises(InputError, match="layer '0' is parametrised"):
        approximate(nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))), "ax_fpm")
    with pytest.raises(InputError, match=r"0\.weight has no shape yet"):
        approximate(nn.Sequential(nn.LazyLinear(2)), "ax_fpm")


def test_refuses_requests_that_make_no_sense():
    net = networks.build("lenet5")
    for options, words in (
        ({"layers": {"conv3": "ax_fpm"}}, "there is no layer 'conv3'"),
        ({"layers": {"relu1": "ax_fpm"}}, "layer 'relu1' is a .*ReLU"),
        ({"layers": "some"}, "layers must be 'conv', 'all', a callable or a mapping, not 'some'"),
        ({"layers": {}}, "has no layer to convert"),
        ({}, "spec is missing"),
        ({"spec": "ax_fpn"}, "unknown unit 'ax_fpn'"),
        ({"spec": "ax_fpm", "gradient": "none"}, "gradient must be 'exact' or 'unit'"),
        ({"spec": "fp32_array_ama1_t4", "gradient": "unit"}, "is not bilinear and has no gradient 'unit'"),
    ):
        with pytest.raises(InputError, match=words):
            approximate(net, **options)
    with pytest.raises(TypeError, match=r"module must be a torch\.nn\.Module"):
        approximate("lenet5", "ax_fpm")
