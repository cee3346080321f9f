"""Shards of accuracy: what they say of each image is what the network says, and rates by hand."""

import pytest
import torch
from trained_nets import trained_nets

from axmac.model.attack.intervals import wilson
from axmac.model.nn import data
from axmac.model.study import accuracy_table
from axmac.model.study.accuracies import accuracy, classified, compared
from axmac.model.study.accuracy_table import AccuracyTable, Entry
from axmac.model.study.planning import Need, Setting
from axmac.model.study.shards import run_shards
from axmac.model.study.variants import build, exact, on_unit

NEED = Need("lenet5")


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    return trained_nets(tmp_path_factory.mktemp("nets"), NEED)


@pytest.mark.parametrize(("first", "last", "count"), [(20, 60, 40), (340, 400, 20), (360, 400, 0)])
def test_a_shard_names_the_images_that_the_network_has_wrong(nets, first, last, count):
    """The test part of the digits has 360 images."""
    test, variant = data.load("digits", "test"), exact(nets[NEED])
    with torch.no_grad():
        right = build(variant)(test.images).argmax(1) == test.labels
    expected = [index for index in range(first, min(last, 360)) if not right[index]]
    found = classified(variant=variant, dataset=nets[NEED]["data"], first=first, last=last)
    assert found == {"n": count, "correct": count - len(expected), "wrong": expected}


def test_rates_and_pairs_by_hand():
    """Of 10 images, 2 and 3 are wrong for both; 4 for the first only; 5, 6, 7 for the second only: p = 5/8."""
    first = [{"n": 6, "correct": 3, "wrong": [2, 3, 4]}, {"n": 4, "correct": 4, "wrong": []}]
    second = [{"n": 6, "correct": 3, "wrong": [2, 3, 5]}, {"n": 4, "correct": 2, "wrong": [6, 7]}]
    assert accuracy(first) == {"n": 10, "correct": 7, "accuracy": 0.7, "interval": wilson(7, 10)}
    assert compared(first, second) == {"n": 10, "only_first": 1, "only_second": 3, "p": 0.625}
    assert accuracy([]) == {"n": 0, "correct": 0, "accuracy": None, "interval": None}
    with pytest.raises(ValueError, match="of the same images, not 10 and 6"):
        compared(first, second[:1])


def test_a_table_from_shards_to_rows(nets, monkeypatch, tmp_path):
    """On images 0 to 49 in blocks of 20, against the networks themselves on all of them at once."""
    monkeypatch.setattr(accuracy_table, "_IMAGES", {"quick": 50})
    monkeypatch.setattr(accuracy_table, "_BLOCK", 20)
    monkeypatch.setattr(accuracy_table, "_PAIRS", {"quick": 2000})
    lenet = ("lenet5", "lenet5")
    units = [("heap", "conv"), ("ax_fpm", "all")]
    entries = [Entry("float32", lenet, paper=97.93, paper_errors=(0, 0))]
    entries += [Entry(unit, lenet, unit, layers, paper_errors=(0.1, 0.2)) for unit, layers in units]
    study, setting = AccuracyTable("t", tuple(entries)), Setting(nets, 0, True)
    rows = study.rows(setting, run_shards(study.plan(setting), tmp_path, workers=1))
    test = data.load("digits", "test")
    variants = [exact(nets[NEED]), *(on_unit(nets[NEED], unit, layers) for unit, layers in units)]
    with torch.no_grad():
        right = [build(variant)(test.images[:50]).argmax(1) == test.labels[:50] for variant in variants]
    assert [row["correct"] for row in rows] == [int(flags.sum()) for flags in right]
    assert [row["n"] for row in rows] == [50] * 3
    for row, flags in zip(rows[1:], right[1:], strict=True):
        assert row["paired"]["only_first"] == int((~right[0] & flags).sum())
        assert row["paired"]["only_second"] == int((right[0] & ~flags).sum())
        assert row["change"] == pytest.approx(float(flags.float().mean() - right[0].float().mean()), abs=1e-6)
    assert [row["errors"]["pairs"] for row in rows] == [2000] * 3
    assert rows[0]["errors"]["nmed"] < 1e-7
    assert rows[1]["errors"]["nmed"] == pytest.approx(0.029, abs=0.003)
    assert rows[2]["errors"]["nmed"] == pytest.approx(0.0906, abs=0.006)
