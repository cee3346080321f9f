"""Tables of time: the one shard, rows by hand, and a measurement of a small network."""

import pytest

from axmac.model.study.planning import Setting
from axmac.model.study.timing_table import Timed, TimingTable
from axmac.model.study.timings import timed

STUDY = TimingTable(
    "t", (Timed("lenet5_fc3", "all", (64, 8), 14.74), Timed("vgg19", "conv", (4, 2), 55.8)), {"A": "s8_exact"}
)


@pytest.mark.parametrize(("quick", "images", "repeats"), [(True, [8, 2], 3), (False, [64, 4], 5)])
def test_all_networks_are_one_shard(quick, images, repeats):
    (shard,) = STUDY.plan(Setting({}, 7, quick))
    assert [net["images"] for net in shard.arguments["nets"]] == images
    assert (shard.arguments["repeats"], shard.arguments["units"], shard.arguments["seed"]) == (repeats, ["s8_exact"], 7)
    assert STUDY.needs(quick) == []


def test_ratios_by_hand():
    rows = STUDY.rows(Setting({}, 0, True), {"seconds": [{"seconds": [0.5, 2.0]}, {"seconds": [1.0, 3.0]}]})
    assert [row["ratio"] for row in rows] == [{"float32": 1, "A": 4}, {"float32": 1, "A": 3}]
    assert [row["evaluation"] for row in rows] == [{"float32": 625, "A": 2500}, {"float32": 5000, "A": 15000}]
    assert [(row["paper"], row["images"]) for row in rows] == [(14.74, 8), (55.8, 2)]


def test_a_network_is_timed_on_every_unit():
    net = {"net": "lenet5_fc3", "layers": "all", "images": 8}
    (found,) = timed(nets=[net], units=["s8_exact", "s8_drum_k3"], repeats=1, seed=0)
    assert len(found["seconds"]) == 3
    assert all(0 < seconds < 10 for seconds in found["seconds"])
