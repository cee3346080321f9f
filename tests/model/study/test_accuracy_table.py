"""Tables of accuracy: which shards they plan, and rows by hand."""

import pytest
from trained_nets import named_nets

from axmac.model.study.accuracy_table import AccuracyTable, Entry
from axmac.model.study.planning import Need, Setting

UNIT = "fp32_array_ama5_t4"
DATA = {"lenet5": "mnist", "lenet5_dq": "mnist", "alexnet": "cifar10", "alexnet_s": "cifar10", "dq_full_s": "cifar10"}
LENET, ALEXNET = ("lenet5", "lenet5"), ("alexnet", "alexnet_s")
STUDY = AccuracyTable(
    "a table",
    (
        Entry("float32", LENET, paper=98, paper_errors=(0, 0)),
        Entry("unit", LENET, "ax_fpm", "conv", paper=97.5, paper_errors=(0.33, 0.08)),
        Entry("float32", ALEXNET, paper=81),
        Entry("unit, all", ALEXNET, "ax_fpm", "all"),
        Entry("quantised", ("dq_full", "dq_full_s"), paper=80),
    ),
)


def setting(quick=True):
    needs = [Need(name) for name in DATA]
    return Setting(named_nets(needs, DATA), 5, quick)


def test_networks_are_needed_once():
    assert STUDY.needs(True) == [Need("lenet5"), Need("alexnet_s"), Need("dq_full_s")]
    assert STUDY.needs(False) == [Need("lenet5"), Need("alexnet"), Need("dq_full")]


def test_shards_cover_each_image_once_for_every_row():
    shards = STUDY.plan(setting())
    assert len({shard.name for shard in shards}) == len(shards)
    seen = {}
    for shard in shards:
        if shard.function == "axmac.model.study.accuracies:classified":
            variant = shard.arguments["variant"]
            assert shard.arguments["dataset"]["name"] == DATA[variant["net"]]
            key = variant["net"], variant["unit"], variant["layers"]
            seen.setdefault(key, []).extend(range(shard.arguments["first"], shard.arguments["last"]))
    lenet = [("lenet5", None, None), ("lenet5", UNIT, "conv")]
    assert list(seen) == [*lenet, ("alexnet_s", None, None), ("alexnet_s", UNIT, "all"), ("dq_full_s", None, None)]
    assert all(images == list(range(1000)) for images in seen.values())
    measured = [shard.arguments for shard in shards if shard.function == "axmac.model.study.unit_errors:measured"]
    assert [(one["unit"], one["seed"]) for one in measured] == [("fp32_ieee", 5), ("ax_fpm", 5)]


def results():
    """Of 10 MNIST images float32 has 0 wrong, the unit 1 and 2; of 10 CIFAR images 1, then 1 and 2, then 0 to 7."""
    wrong = {
        "lenet5/float32": [0],
        f"lenet5/{UNIT} (conv)": [1, 2],
        "alexnet_s/float32": [1],
        f"alexnet_s/{UNIT} (all)": [1, 2],
        "dq_full_s/float32": [0, 2, 3, 4, 5, 6, 7, 8],
    }
    found = {}
    for name, indices in wrong.items():
        for first in (0, 5):
            part = [index for index in indices if first <= index < first + 5]
            found[f"{name}/{first}"] = {"n": 5, "correct": 5 - len(part), "wrong": part}
    return found | {"errors/fp32_ieee": {"mred": 0.0}, "errors/ax_fpm": {"mred": 0.4}}


def test_rows_are_compared_with_float32_on_the_same_data():
    """p: 1 of 0 + 1 is 1; 1 to 2 is 1; 1 to 8 of 9 is 2 (1 + 9) / 512. Holm: three tests, the least p times 3."""
    rows = STUDY.rows(setting(), results())
    assert [row["accuracy"] for row in rows] == [0.9, 0.8, 0.9, 0.8, 0.2]
    assert [row["data"] for row in rows] == ["mnist"] * 2 + ["cifar10"] * 3
    assert [row["paper"] for row in rows] == pytest.approx([0.98, 0.975, 0.81, None, 0.8])
    assert rows[0]["change"] is rows[2]["change"] is rows[0]["paired"] is rows[2]["paired"] is None
    assert [rows[place]["change"] for place in (1, 3, 4)] == pytest.approx([-0.1, -0.1, -0.7])
    assert [rows[place]["paper_change"] for place in (1, 3, 4)] == pytest.approx([-0.005, None, -0.01])
    tests = [rows[place]["paired"] for place in (1, 3, 4)]
    assert [(test["only_first"], test["only_second"]) for test in tests] == [(1, 2), (0, 1), (1, 8)]
    assert [test["p"] for test in tests] == pytest.approx([1, 1, 20 / 512])
    assert [test["p_holm"] for test in tests] == pytest.approx([1, 1, 60 / 512])
    assert rows[1]["errors"] == {"mred": 0.4, "paper_mred": 0.33, "paper_nmed": 0.08}
    assert [row["errors"] is None for row in rows] == [False, False, True, True, True]


def test_by_network_and_without_what_is_not_trained():
    """Of 5 images the exact row has 0 wrong, the unit 0 and 1; of the optional networks one is not there."""
    entries = [
        Entry(label, (net, net), unit, "conv", optional=net != "lenet5")
        for net in ("lenet5", "alexnet", "lenet5_dq")
        for label, unit in (("ACC", "s8_exact"), ("DR3", "s8_drum_k3"))
    ]
    study = AccuracyTable("t", tuple(entries), by_net=True)
    needs = [Need("lenet5"), Need("alexnet", optional=True), Need("lenet5_dq", optional=True)]
    assert study.needs(True) == needs
    there = Setting(named_nets([needs[0], needs[2]], DATA), 0, True)
    assert {shard.arguments["variant"]["net"] for shard in study.plan(there)} == {"lenet5", "lenet5_dq"}
    wrong = {"s8_exact": [0], "s8_drum_k3": [0, 1]}
    shards = {
        f"{net}/{unit} (conv)/0": {"n": 5, "correct": 5 - len(some), "wrong": some}
        for net in ("lenet5", "lenet5_dq")
        for unit, some in wrong.items()
    }
    rows = study.rows(there, shards)
    assert [(row["net"], row["label"]) for row in rows] == [
        (net, label) for net in ("lenet5", "lenet5_dq") for label in ("ACC", "DR3")
    ]
    assert [row["change"] for row in rows] == pytest.approx([None, -0.2, None, -0.2])
    assert rows[2]["paired"] is None
