"""Studies of the paper on approximate multipliers: what it prints, networks and units that exist."""

import re

import pytest
from trained_nets import named_nets

from axmac.model.nn import networks
from axmac.model.study.planning import Need, Setting
from axmac.model.study.studies import approx_figure2a, approx_figure2b, approx_figure2c, approx_table3, approx_table4


def test_table_3_is_printed_by_unit():
    printed = {}
    for entry in approx_table3.STUDY.entries:
        printed.setdefault(entry.net[0], {})[entry.label] = entry.paper
        narrow = entry.net[0].endswith("_s") and entry.unit is not None
        assert (entry.percentile is not None) == narrow
        assert entry.layers == (None if entry.unit is None else "all" if entry.net[0] == "lenet5_fc3" else "conv")
    assert list(printed) == ["lenet5_fc3", "resnet50", "resnet50_s", "vgg19", "vgg19_s"]
    labels = ["ACC", "DR3", "DR4", "sT(3,0)", "sT(4,0)", "sT(4,4)", "sT(4,8)", "float32"]
    assert all(list(rows) == labels and rows["float32"] is None for rows in printed.values())
    losses = {net: {label: rows["ACC"] - rows[label] for label in labels[1:7]} for net, rows in printed.items()}
    assert all(max(found, key=found.get) == "DR3" for found in losses.values())
    assert losses["resnet50"]["DR3"] == losses["resnet50_s"]["DR3"] == pytest.approx(7.38)
    assert [min(found, key=found.get) for found in losses.values()] == ["sT(4,0)", *["sT(4,8)"] * 4]
    assert losses["vgg19"]["sT(4,8)"] == pytest.approx(-0.01)


def test_units_are_named_as_the_paper_does():
    """DR3 is s8_drum_k3, sT(4,8) is s8_scaletrim_h4_m8."""
    short = {
        unit: re.sub(r"s8_scaletrim_h(\d)_m(\d)", r"sT(\1,\2)", re.sub(r"s8_drum_k(\d)", r"DR\1", unit))
        for unit in approx_figure2a.STUDY.units.values()
    }
    assert {unit: "ACC" if unit == "s8_exact" else label for unit, label in short.items()} == {
        unit: label for label, unit in approx_figure2a.STUDY.units.items()
    }
    assert len(short) == 7


@pytest.mark.parametrize("quick", [True, False])
def test_figure_2a_has_three_attacks_in_two_norms_at_12_eps(quick):
    study = approx_figure2a.STUDY
    setting = Setting(named_nets(study.needs(quick), {"lenet5_fc3": "mnist"}), 0, quick)
    sizes = {shard.arguments["sizes"] for shard in study.plan(setting)}
    assert len(sizes) == 1
    assert [min(*sizes), max(*sizes), len(*sizes)] == [0, 2, 13]
    assert {(method.label, method.norm) for method in study.methods} == {
        (attack, norm) for attack in ("FGSM", "BIM", "PGD") for norm in ("linf", "l2")
    }
    steps = {shard.arguments["settings"].get("steps") for shard in study.plan(setting)}
    assert steps == {None, 50}
    for claim in study.claims:
        assert claim.eps in study.sizes
        assert claim.points * 64 / 100 == round(claim.points * 64 / 100)


@pytest.mark.parametrize(
    ("study", "net", "extremes"),
    [(approx_figure2b.STUDY, "resnet50_s", (-30, 10)), (approx_figure2c.STUDY, "vgg19_s", (-10, 12))],
)
def test_figures_2b_and_2c_replace_convolutions_of_a_narrower_network(study, net, extremes):
    setting = Setting(named_nets(study.needs(False), {net: "cifar10"}), 0, False)
    assert list(setting.nets) == [Need(net)]
    assert (study.units, study.methods) == (approx_figure2a.STUDY.units, approx_figure2a.STUDY.methods)
    images = {}
    for shard in study.plan(setting):
        source = shard.arguments["source"]
        exact = source["name"] == "float32"
        wanted = (None, None) if exact else ("conv", {"resnet50_s": 99.5, "vgg19_s": 99.9}[net])
        assert (source["layers"], source.get("percentile")) == wanted
        last, now = images.get(shard.name.rpartition("/")[0], 0), shard.arguments["last"]
        assert shard.arguments["first"] == last < now
        images[shard.name.rpartition("/")[0]] = now
    assert sorted(images.values()) == [16] * 7 * 6 + [64] * 2 * 6
    assert {claim.eps for claim in study.claims} == set(study.sizes[1:])
    assert all((claim.label, claim.norm) in {(m.label, m.norm) for m in study.methods} for claim in study.claims)
    points = [claim.points for claim in study.claims]
    assert (min(points), max(points)) == extremes


def test_networks_exist_and_only_the_small_one_is_trained():
    needs = approx_table3.STUDY.needs(False)
    assert needs == [
        Need("lenet5_fc3"),
        *(Need(name, optional=True) for name in ("resnet50", "resnet50_s", "vgg19", "vgg19_s")),
    ]
    assert {need.net for need in needs} | {one.net for one in approx_table4.STUDY.nets} <= set(networks.names())
    assert [one.paper for one in approx_table4.STUDY.nets] == [14.74, 87.6, 55.82]
