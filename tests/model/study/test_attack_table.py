"""Tables of attack success: the whole path from shards to the table, with few images."""

from dataclasses import replace

import pytest

from axmac.model.attack import settings_of
from axmac.model.attack.controls import mean_gain
from axmac.model.attack.statistics import holm
from axmac.model.report.forms import attacks
from axmac.model.spec import catalog
from axmac.model.study import attack_table, extent
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import run_shards
from axmac.model.study.studies import table2, table3, table10
from axmac.model.study.transfers import rate

ATTACKS = {"fgsm": 12, "deepfool": 17}
HEAP = catalog["heap"].id


@pytest.fixture
def setting(nets):
    return Setting(nets, 0, True)


def test_blocks_hold_each_image_once():
    assert blocks(25, 10) == [(0, 10), (10, 20), (20, 25)]


@pytest.mark.parametrize(("quick", "seeds"), [(False, [0, 1, 2]), (True, [0, 1])])
def test_the_quick_form_of_a_study_may_need_fewer_trainings(quick, seeds):
    *trained, _quantised = table3.STUDY.needs(quick)
    assert [need.seed for need in trained] == seeds


def test_every_attack_of_the_paper_has_shards_for_all_its_images(setting):
    shards = table2.STUDY.plan(setting)
    assert len({shard.name for shard in shards}) == len(shards)
    assert shards[0].name == "audit"
    for attack in table2.STUDY.paper:
        own = [shard.arguments for shard in shards[1:] if shard.arguments["attack"] == attack]
        heavy = attack in ("cw", "lsa", "boundary", "hopskipjump")
        for protocol, unit in (("minimal", None), ("minimal", "fp32_array_ama5_t4")):
            parts = [
                range(one["first"], one["last"])
                for one in own
                if (one["protocol"], one["source"]["unit"]) == (protocol, unit)
                and (one["source"]["seed"], one["source"]["gradient"]) == (0, "exact")
            ]
            assert sorted(index for part in parts for index in part) == list(range(20 if heavy else 100))
        assert all(settings_of(attack, one["settings"]) == settings_of(attack, quick=True) for one in own)
        for seed in (1, 2):
            assert sum(one["source"]["seed"] == seed for one in own) == (0 if heavy else 2)
    assert sum(shard.arguments.get("protocol") == "budget" for shard in shards) == 2 * 2 * 3 * 2
    assert sum(shard.arguments["source"]["gradient"] == "unit" for shard in shards) == 3 * 2


def test_tables_of_one_network_share_their_shards(setting):
    assert table2.STUDY.plan(setting) == table10.STUDY.plan(setting)
    assert table2.STUDY.folder == table10.STUDY.folder


def test_rows_and_table(setting, monkeypatch, tmp_path):
    monkeypatch.setattr(extent, "_IMAGES", {"quick": (20, 10)})
    monkeypatch.setattr(attack_table, "_AUDITED", {"quick": 8})
    study, heap = (replace(table.STUDY, paper=ATTACKS) for table in (table2, table10))
    results = run_shards(study.plan(setting), tmp_path, workers=1)
    rows = study.rows(setting, results)
    assert [row["attack"] for row in rows] == list(ATTACKS)
    for row in rows:
        assert row["minimal"] == row["margins"]["1"]
        assert 10 <= row["minimal"]["n"] <= 20
        crafted = [result for name, result in results.items() if name.startswith(f"{row['attack']}/minimal/")]
        for margin, found in row["margins"].items():
            assert found == rate(crafted, "fp32_array_ama5_t4 (conv)", float(margin))
        assert row["minimal"]["source_rate"] == 1
        assert row["white_box"]["source_rate"] == 1
        assert 0 < row["l2"]["float32"] < 28
        assert list(row["controls"]) == [
            "fp32_array_ama5_t4 (all)",
            f"{HEAP} (conv)",
            "bf16_booth (conv)",
            f"float32 x {mean_gain('ax_fpm'):.3f} (conv)",
            "DoReFa 4-bit",
            "float32, seed 1",
        ]
        assert all(0 <= found["k2"] <= found["k1"] <= found["n"] for found in row["controls"].values())
        assert row["paired"]["float32"]["only_first"] == row["minimal"]["k1"] - row["minimal"]["k2"]
        assert row["paired"]["float32"]["only_second"] == 0
        assert list(row["seeds"]) == ["0", "1", "2"]
        assert row["seeds"]["0"] == row["minimal"]
        assert row["white_box_unit"]["source_rate"] == 1
        assert row["audit"] == results["audit"]
    assert [list(rows[0][name]) for name in ("budgets", "white_box_budgets")] == [["0.1", "0.2", "0.3"]] * 2
    within = [rows[0]["white_box_budgets"][eps]["source_rate"] for eps in ("0.1", "0.2", "0.3")]
    assert within == sorted(within)
    assert rows[1]["budgets"] == rows[1]["white_box_budgets"] == {}
    tests = [test for row in rows for test in row["paired"].values()]
    assert [test["p_holm"] for test in tests] == holm([test["p"] for test in tests])
    for row, other in zip(rows, heap.rows(setting, results), strict=True):
        assert other["minimal"] == row["controls"][f"{HEAP} (conv)"]
        assert other["controls"]["fp32_array_ama5_t4 (conv)"] == row["minimal"]
    assert study.alarms(results) == results["audit"]["alarms"]
    about = {"title": study.title, "quick": True, "nets": [{"data": {"name": "digits"}}]}
    for title, heads, lines in attacks.tables({"rows": rows, "study": about, "data": None, "seed": 0}):
        assert title
        assert all(len(line) == len(heads) for line in lines)
        assert lines[0][0] == "fgsm"
