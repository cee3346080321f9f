"""Energy and memory: the values that the paper prints, a layer by hand, and where its tables contradict themselves."""

import pytest
import torch
from torch import nn

from axmac.model.nn import networks
from axmac.model.nn.hybrid import hybrid
from axmac.model.study.quanos.checks import checks
from axmac.model.study.quanos.energy import (
    Layer,
    energy,
    layers_of,
    memory_bits,
    mode_of,
    same_size,
    widths_of,
)
from axmac.model.study.quanos.printed import FACTORS, RESNET18, VGG19

MJ = 1e9


def paper_layers(net):
    with torch.device("meta"):
        return layers_of(networks.build(net), (3, 32, 32))


def alike(layers, bits):
    return dict.fromkeys((layer.name for layer in layers), bits)


def test_a_layer_by_hand():
    """I 3, O 2, k 3, N 8, M 4: 8^2 3 + 54 accesses of 10 pJ, 4^2 54 MACs of .4875 pJ at 4 bits."""
    module = nn.Sequential(nn.Conv2d(3, 2, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(32, 5), nn.Linear(5, 2))
    layers = layers_of(module, (3, 8, 8))
    assert layers == [Layer("0", 3, 2, 3, 8, 4), Layer("2", 32, 5, 1, 1, 1)]
    found = energy(layers[:1], {"0": 4})
    assert found == pytest.approx((246 * 10, 864 * 0.4875))
    assert memory_bits(layers, {"0": 4, "2": 3}) == 54 * 4 + 160 * 3
    assert energy(layers[:1], {"0": 4}, {16: 1, 8: 0.5}).macs == pytest.approx(864 * 0.4875 / 2)
    assert energy(layers[:1], {"0": 4}, {16: 1, 8: 0.5}, of_word=True).macs == pytest.approx(864 * 1.65 / 2)


@pytest.mark.parametrize(
    ("net", "counts", "printed"),
    [
        ("vgg19_fc1", 16, {16: 1.466, 8: 0.753, 5: 0.486}),
        ("resnet18", 20, {16: 1.389, 8: 0.723, 4: 0.389}),
    ],
)
def test_homogeneous_networks_as_table_1_has_them(net, counts, printed):
    """All convolutions, projections too, without the last layer."""
    layers = paper_layers(net)
    assert len(layers) == counts
    for bits, mj in printed.items():
        assert round(energy(layers, alike(layers, bits)).total / MJ, 3) == mj


def test_the_printed_hybrid_row_of_vgg_does_not_follow_from_its_widths():
    found = {(one["row"], one["what"]): one for one in checks(VGG19, paper_layers("vgg19_fc1"))}
    assert len(VGG19.rows["QUANOS"].bits) == 17
    for what, printed, follows in (
        ("energy, mJ", 0.39, 0.517),
        ("memory, Gbit", 0.09, 0.116),
        ("mean width", 4.95, 4.88),
    ):
        one = found["QUANOS", what]
        assert (one["printed"], round(one["follows"], 2 if what == "mean width" else 3)) == (printed, follows)


def test_the_printed_hybrid_row_of_resnet_follows_without_projections():
    found = {(one["row"], one["what"]): one["follows"] for one in checks(RESNET18, paper_layers("resnet18"))}
    assert round(found["QUANOS", "memory, Gbit"], 3) == RESNET18.rows["QUANOS"].memory == 0.024
    assert round(found["QUANOS", "mean width"], 2) == RESNET18.rows["QUANOS"].mean_bits == 3.65
    assert round(found["QUANOS", "energy, mJ"], 3) == 0.303


def test_factors_give_table_3_and_not_table_6():
    """E_config solved from table III prints its homogeneous rows; table VI asks for less than nothing on DVAFS."""
    layers = paper_layers("vgg19_fc1")
    for label, bits in (("8-bit", 8), ("5-bit", 5)):
        for config, factors in FACTORS.items():
            mj = energy(layers, alike(layers, bits), factors).total / MJ
            assert round(mj, 2) == VGG19.rows[label].energy[config]
    found = {(one["row"], one["what"]): one for one in checks(RESNET18, paper_layers("resnet18"))}
    assert round(found["8-bit", "E_config of DG"]["follows"], 2) == 0.44
    assert found["8-bit", "E_config of DG"]["printed"] == 0.618
    assert all(found[row, "E_config of DVAFS"]["follows"] < 0 for row in ("8-bit", "4-bit"))


def test_projections_count_with_the_width_of_the_layer_they_feed():
    module = hybrid(networks.build("resnet18_q"), 5, (3, 32, 32))
    names = [layer.name for layer in layers_of(module, (3, 32, 32))]
    assert set(names) == set(widths_of(module))
    assert sum(".shortcut." in name for name in names) == 3
    assert torch.is_grad_enabled()
    assert module.training


def test_the_size_of_a_hybrid_network_in_one_width():
    layers = [Layer("a", 1, 30, 1, 1, 1), Layer("b", 1, 10, 1, 1, 1)]
    assert same_size(layers, {"a": 4, "b": 8}) == 5
    assert same_size(layers, {"a": 4, "b": 10}) == 6
    assert same_size(layers, {"a": 4, "b": 9}) == 5
    assert [mode_of(width, FACTORS["DG"]) for width in (2, 5, 6, 8, 9, 16)] == [5, 5, 8, 8, 16, 16]
    with pytest.raises(ValueError, match="no mode holds 17 bits: there are 5, 8, 16"):
        mode_of(17, FACTORS["DG"])
