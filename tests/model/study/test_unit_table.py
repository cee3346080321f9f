"""Units beside each other: rates and alarms of results made by hand, shards that studies share."""

import pytest
from one_net import setting

from axmac.model.study import unit_table
from axmac.model.study.product_errors import measured
from axmac.model.study.studies import order, tiles
from axmac.model.study.unit_table import UnitTable

STUDY = UnitTable("t", "few", (("ax_fpm", "conv", "Ax-FPM"), ("heap", "all", "HEAP-like")))
AX_FPM, HEAP = "fp32_array_ama5_t4 (conv)", "fp32_array_ama5_t4_wspc_rw_mfb659b36 (all)"


@pytest.fixture
def results(monkeypatch):
    """Ten images in each shard: five fool float32, of these two Ax-FPM and HEAP-like none; PGD aimed fools three."""
    monkeypatch.setattr(unit_table, "_PAIRS", 1000)
    found = {}
    for shard in STUDY.plan(setting()):
        arguments = shard.arguments
        if shard.function.endswith(":measured"):
            found[shard.name] = measured(**arguments)
        elif shard.function.endswith(":classified"):
            found[shard.name] = {"right": [1, 1, 1, 0]}
        else:
            judged = {"source": [1] * 5 + [0] * 5}
            if arguments["targets"]:
                judged |= {AX_FPM: [1, 1] + [0] * 8, HEAP: [0] * 10}
            else:
                judged["source"] = [1] * 3 + [0] * 7
            right = {name: [1] * 9 + [0] for name in judged} | {"source": [1] * 10}
            indices = list(range(arguments["first"], arguments["first"] + 10))
            found[shard.name] = {"indices": indices, "right": right, "fooled": {"1": judged}}
    return found


def test_rows_by_hand(results):
    exact, first, second = STUDY.rows(setting(), results)
    assert [row["name"] for row in (exact, first, second)] == ["float32", "Ax-FPM", "HEAP-like"]
    assert (exact["nmed"], exact["transfer"], exact["shown"]) == (None, {}, {})
    assert list(exact["white_box"]["0.1"]) == ["exact"]
    assert first["accuracy"]["rate"] == 0.75
    assert {name: (rate["k1"], rate["k2"]) for name, rate in first["transfer"].items()} == dict.fromkeys(
        ("fgsm", "pgd", "deepfool"), (10, 4)
    )
    assert second["transfer"]["pgd"]["k2"] == 0
    assert (first["shown"]["0.2"]["k"], first["shown"]["0.2"]["n"]) == (4, 18)
    assert {name: found["k"] for name, found in first["white_box"]["0.1"].items()} == {"exact": 6, "unit": 6}
    assert first["nmed"] == pytest.approx(0.09, abs=0.02)
    assert first["mred"] == pytest.approx(0.41, abs=0.05)
    assert first["gain"] == pytest.approx(1.36 - 0.04, abs=0.05)


def test_a_unit_without_slopes_is_attacked_by_the_exact_gradient_alone():
    study = UnitTable("t", "few", (("ax_fpm", "conv", "Ax-FPM"), ("bf16_array_ama2_t8", "conv", "AMA2")))
    aimed = {shard.name.partition("/")[0] for shard in study.plan(setting()) if "gradient within 0.1" in shard.name}
    found = {
        name: [f"{name}, {way} gradient within 0.1" in aimed for way in ("exact", "unit")]
        for name in ("float32", AX_FPM, "bf16_array_ama2_t8 (conv)")
    }
    assert list(found.values()) == [[True, False], [True, True], [True, False]]


def test_an_alarm_where_transferred_images_are_the_stronger_ones(results):
    assert STUDY.alarms(results) == []
    for name, result in results.items():
        if name.startswith(f"{AX_FPM}, ") and "within 0.1" in name:
            result["fooled"]["1"]["source"] = [1] + [0] * 9
    assert STUDY.alarms(results) == []  # 4 against 2 of 18 images: chance
    for name, result in results.items():
        if name.startswith("few within 0.1"):
            result["fooled"]["1"][AX_FPM] = [1] * 6 + [0] * 4
    (line,) = STUDY.alarms(results)
    assert line == (
        f"{AX_FPM}, eps 0.1: of 18 images, 10 fall to the image of float32 alone, 0 to PGD aimed at it alone (p 0.002)"
    )
    for name, result in results.items():
        if name.startswith(f"{AX_FPM}, unit gradient within 0.1"):
            result["fooled"]["1"]["source"] = [1] * 10
    assert STUDY.alarms(results) == []


def test_studies_share_the_shards_of_a_unit():
    both = [{shard.name: shard.identity for shard in study.STUDY.plan(setting())} for study in (tiles, order)]
    shared = both[0].keys() & both[1].keys()
    assert {name for name in shared if name.startswith(f"{AX_FPM}, exact gradient within 0.1")}
    assert all(both[0][name] == both[1][name] for name in shared)
    assert not any(name.startswith(("tiles", "order")) for name in shared)
