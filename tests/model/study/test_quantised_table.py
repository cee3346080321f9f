"""Approximate arithmetic beside quantised networks: the plan, the whole path with few images, and rows by hand."""

from dataclasses import replace

import pytest
from trained_nets import named_nets, trained_nets

from axmac.model.attack.craft import settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.study import extent
from axmac.model.study.planning import Need, Setting
from axmac.model.study.quantised_table import QuantisedTable
from axmac.model.study.shards import run_shards
from axmac.model.study.transfers import rate
from axmac.model.study.variants import named

STUDY = QuantisedTable(
    title="a table",
    net=("lenet5", "lenet5"),
    unit="ax_fpm",
    quantised={"4-bit": ("lenet5_dq", "lenet5_dq")},
    paper={"fgsm": {"Ax-FPM": 38, "4-bit": 60}, "cw": {"Ax-FPM": 17, "4-bit": 68}},
)
NAMES = {"Ax-FPM": "fp32_array_ama5_t4 (conv)", "4-bit": "4-bit", "float32, other seed": "float32, seed 1"}
NEEDS = [Need("lenet5"), Need("lenet5", 1), Need("lenet5_dq")]


def planned():
    return Setting(named_nets(NEEDS, {"lenet5": "mnist", "lenet5_dq": "mnist"}), 0, True)


def test_every_attack_is_shown_to_every_column_on_all_its_images():
    assert STUDY.needs(True) == NEEDS
    shards = STUDY.plan(planned())
    assert len({shard.name for shard in shards}) == len(shards)
    for attack, images in (("fgsm", 100), ("cw", 20)):
        own = [shard.arguments for shard in shards if shard.arguments["attack"] == attack]
        assert [i for one in own for i in range(one["first"], one["last"])] == list(range(images))
        for one in own:
            assert settings_of(attack, one["settings"]) == settings_of(attack, quick=True)
            assert [named(target) for target in one["targets"]] == list(NAMES.values())
            assert [target["net"] for target in one["targets"]] == ["lenet5", "lenet5_dq", "lenet5"]
            assert (one["source"]["net"], one["source"]["seed"], one["source"]["unit"]) == ("lenet5", 0, None)
            assert (one["protocol"], one["dataset"]["name"]) == ("minimal", "mnist")


def shard(first, fooled):
    """Four images that all networks classify right; ``fooled`` by name, the same at every margin."""
    indices = list(range(first, first + 4))
    judged = {"source": [1, 1, 1, 1], **fooled}
    margins = dict.fromkeys(("1", "1.05", "1.1", "1.25", "1.5"), judged)
    return {"indices": indices, "right": {name: [1] * 4 for name in fooled}, "fooled": margins}


def test_rows_by_hand():
    """8 images: 1 fools the unit; 7 fool 4-bit, that one not among them; p = 2 (1 + 8) / 256. C&W: none, none."""
    unit, quantised, other = NAMES.values()
    results = {
        "fgsm/0": shard(0, {unit: [1, 0, 0, 0], quantised: [0, 1, 1, 1], other: [1, 0, 0, 0]}),
        "fgsm/4": shard(4, {unit: [0] * 4, quantised: [1] * 4, other: [0] * 4}),
        "cw/0": shard(0, {unit: [0] * 4, quantised: [0] * 4, other: [0, 0, 1, 1]}),
    }
    rows = STUDY.rows(planned(), results)
    assert [row["attack"] for row in rows] == ["fgsm", "cw"]
    fgsm, cw = rows
    found = fgsm["minimal"]
    assert list(found) == list(NAMES)
    assert [(one["n"], one["k1"], one["k2"]) for one in found.values()] == [(8, 8, 1), (8, 8, 7), (8, 8, 1)]
    assert found["4-bit"]["interval"] == wilson(7, 8)
    assert fgsm["paper"] == {"Ax-FPM": 0.38, "4-bit": 0.6}
    assert fgsm["margins"]["4-bit"] == dict.fromkeys(("1", "1.05", "1.1", "1.25", "1.5"), 7 / 8)
    assert {name: (test["only_first"], test["only_second"]) for name, test in fgsm["paired"].items()} == {
        "4-bit": (1, 7),
        "float32, other seed": (0, 0),
    }
    assert fgsm["paired"]["4-bit"]["p"] == pytest.approx(18 / 256)
    assert fgsm["paired"]["4-bit"]["p_holm"] == pytest.approx(4 * 18 / 256)
    assert cw["minimal"]["float32, other seed"]["k2"] == 2
    assert cw["paired"]["float32, other seed"]["p_holm"] == 1


def test_the_whole_path_with_few_images(monkeypatch, tmp_path):
    monkeypatch.setattr(extent, "_IMAGES", {"quick": (12, 12)})
    study = replace(STUDY, paper={"fgsm": STUDY.paper["fgsm"]})
    setting = Setting(trained_nets(tmp_path, *NEEDS), 0, True)
    results = run_shards(study.plan(setting), tmp_path / "shards", workers=1)
    (row,) = study.rows(setting, results)
    assert 6 <= row["minimal"]["Ax-FPM"]["n"] <= 12
    for column, name in NAMES.items():
        found = row["minimal"][column]
        assert found == rate(results.values(), name)
        assert found["source_rate"] == 1
        assert row["margins"][column]["1"] == found["rate"]
