"""Hybrid networks: which layers get a width and which, and that float parameters stay."""

import pytest
import torch
from attacked import digits
from torch import nn

from axmac.model.nn import checkpoint, networks, training
from axmac.model.nn.dorefa import dorefa
from axmac.model.nn.hybrid import HybridConv2d, HybridShortcut, bits_of, hybrid, quantisable
from axmac.model.nn.network import Recipe
from axmac.model.nn.residual import Residual
from axmac.model.spec import InputError

RGB = (3, 32, 32)


def residual_net():
    """Stem, an identity block, a projected block, float layer: four widths."""
    torch.manual_seed(0)

    def block(channels, filters, shortcut):
        body = nn.Sequential(nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.Conv2d(filters, filters, 1))
        return Residual(body, shortcut)

    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.ReLU(), block(4, 4, nn.Identity()), block(4, 6, nn.Conv2d(4, 6, 1))),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10)),
    )


@pytest.mark.parametrize(("net", "count"), [("resnet18", 17), ("resnet18_q", 17), ("vgg19_fc1", 16), ("vgg19_q", 16)])
def test_the_layers_of_the_paper(net, count):
    """C1 to C17 without projections, and C1 to C16; the linear layer stays float."""
    module = networks.build(net)
    names = quantisable(module, RGB)
    assert len(names) == count
    convolutions = [name for name, layer in module.named_modules() if isinstance(layer, nn.Conv2d)]
    assert list(names) == [name for name in convolutions if "shortcut" not in name]
    made = hybrid(module, 4, RGB)
    assert quantisable(made, RGB) == names
    assert bits_of(made) == dict.fromkeys(names, 4)
    assert type(list(made.modules())[-1]) is nn.Linear
    assert bits_of(module) == {}


def test_shortcuts_have_the_width_of_the_layer_that_they_feed():
    module = networks.build("resnet18")
    names = quantisable(module, RGB)
    made = hybrid(module, {name: place for place, name in enumerate(names[:16], start=1)} | {names[16]: 9}, RGB)
    expected = {
        "stage1.0.shortcut": 4,  # C2 to C4 in the paper's words
        "stage1.1.shortcut": 6,
        "stage2.0.shortcut.0": 8,
        "stage2.1.shortcut": 10,
        "stage3.0.shortcut.0": 12,
        "stage3.1.shortcut": 14,
        "stage4.0.shortcut.0": 16,
        "stage4.1.shortcut": 9,  # before the float layer: as C17
    }
    assert {name: made.get_submodule(name).bits for name in expected} == expected
    kinds = {type(made.get_submodule(name)) for name in expected}
    assert kinds == {HybridConv2d, HybridShortcut}
    assert bits_of(made)["stage4.1.body.3"] == 9
    assert not any("shortcut" in name for name in bits_of(made))


def test_a_copy_with_the_float_parameters_that_can_be_changed_again():
    net = residual_net()
    before = checkpoint.digest(net.state_dict())
    names = quantisable(net, (1, 12, 12))
    assert names == ("0", "2.body.0", "2.body.2", "3.body.0", "3.body.2")
    made = hybrid(net, dict(zip(names, (3, 4, 5, 6, 7), strict=True)), (1, 12, 12))
    assert checkpoint.digest(net.state_dict()) == before
    assert all(torch.equal(value, made.state_dict()[name]) for name, value in net.state_dict().items())
    made.train()(torch.rand(2, 1, 12, 12))
    again = hybrid(made, 2, (1, 12, 12))
    assert set(bits_of(again).values()) == {2}
    assert again.get_submodule("2.shortcut").bits == again.get_submodule("3.shortcut").bits == 2
    assert again.get_submodule("0").a_max == made.get_submodule("0").a_max > 0
    assert made.training
    assert again.training


def test_sixteen_bits_are_nearly_float_and_fewer_bits_are_further_away():
    net, images = networks.build("lenet5", 1).eval(), digits("test", 20).images
    exact = net(images).detach()
    errors = [float((hybrid(net, bits, (1, 28, 28))(images).detach() - exact).abs().max()) for bits in (16, 8, 4, 2)]
    assert errors == sorted(errors)
    assert errors[0] < 1e-3 < errors[2]


@pytest.mark.parametrize("bits", [2, 8])
def test_hybrid_networks_can_be_trained(bits):
    torch.manual_seed(0)
    net = nn.Sequential(
        *(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 5, stride=2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(256, 10)),
    )
    made = hybrid(net, bits, (1, 28, 28))
    training.train(made, digits("train", 1437), epochs=4, batch_size=64, recipe=Recipe(learning_rate=5e-3))
    test = digits("test", 360)
    assert (made(test.images).argmax(1) == test.labels).float().mean() > 0.8


def test_a_hybrid_network_is_saved_with_its_bits_and_refused_where_it_does_not_fit(tmp_path):
    path, shape = tmp_path / "net.safetensors", networks.get("lenet5").images
    net = networks.build("lenet5", 2)
    made = hybrid(net, {"conv1": 3, "conv2": 5, "fc1": 1}, shape)
    made.train()(torch.rand(4, *shape))
    checkpoint.save(path, "lenet5", made, {"seed": 2})
    loaded, metadata = checkpoint.load(path)
    assert metadata["bits"] == bits_of(loaded) == bits_of(made)
    images = digits("test", 30).images
    assert torch.equal(loaded(images), made.eval()(images))
    for bits in ({"conv1": 3}, {"conv1": 3, "conv2": 5, "fc1": 99}, [1, 2], {"conv1": 3, "conv2": 5, "fc9": 1}):
        checkpoint.save_tensors(path, made.state_dict(), {"net": "lenet5", "bits": bits})
        with pytest.raises(InputError, match=r"net\.safetensors does not fit the network lenet5 \(.*\): train") as info:
            checkpoint.load(path)
        assert "\n" not in str(info.value)
    checkpoint.save_tensors(path, net.state_dict(), {"net": "lenet5", "bits": bits_of(made)})
    with pytest.raises(InputError, match="does not fit the network lenet5: train it again"):
        checkpoint.load(path)
    checkpoint.save(path, "lenet5", net, {})
    assert "bits" not in checkpoint.load(path)[1]


def test_refuses_what_makes_no_sense():
    net, shape = networks.build("lenet5"), (1, 28, 28)
    with pytest.raises(InputError, match="'fc2' is no layer to quantise: give bits for conv1, conv2, fc1"):
        hybrid(net, {"conv1": 4, "conv2": 4, "fc1": 4, "fc2": 4}, shape)
    with pytest.raises(InputError, match="'conv2' has no width: give bits for conv1, conv2, fc1"):
        hybrid(net, {"conv1": 4, "fc1": 4}, shape)
    with pytest.raises(InputError, match="bits must be 1 to 16, not 17"):
        hybrid(net, 17, shape)
    with pytest.raises(InputError, match="Linear has no layer to quantise: the last one stays float"):
        hybrid(nn.Linear(3, 3), 4, (1, 3, 3))
    with pytest.raises(InputError, match=r"Sequential takes no images of \(3, 32, 32\)"):
        hybrid(net, 4, RGB)
    with pytest.raises(
        InputError, match=r"layer .conv1. is a DorefaConv2d: only nn\.Conv2d and nn\.Linear get a width"
    ):
        hybrid(dorefa(net, 4, 4), 4, shape)
