"""Black-box tables: shards for every image and victim, and rows from shards written by hand."""

from math import comb

import pytest

from axmac.model.attack import settings_of, wilson
from axmac.model.study.planning import Need, Setting
from axmac.model.study.studies import table4

UNIT = "fp32_array_ama5_t4 (conv)"
HEAVY = ("cw", "lsa", "boundary", "hopskipjump")


@pytest.fixture(params=[True, False])
def setting(request):
    data = {"name": "mnist", "sha256": "0" * 64}
    net = {"net": "lenet5", "seed": 0, "path": "none", "sha256": "1" * 64, "data": data}
    return Setting({Need("lenet5"): net}, 5, request.param)


def test_every_attack_meets_all_its_images_on_both_victims(setting):
    shards = table4.STUDY.plan(setting)
    assert len({shard.name for shard in shards}) == len(shards)
    cheap, heavy = (100, 20) if setting.quick else (1000, 200)
    ways = {("minimal", None)}, {("minimal", None), *(("budget", eps) for eps in (0.1, 0.2, 0.3))}
    for unit in (None, "fp32_array_ama5_t4"):
        own = [shard for shard in shards if shard.arguments["victim"]["unit"] == unit]
        (made,) = [shard.arguments for shard in own if shard.function.endswith(":imitated")]
        assert made["images"] == cheap
        assert made["learning"]["images"] == 150
        assert made["learning"]["net"] is None
        for attack in table4.STUDY.paper:
            mine = [shard.arguments for shard in own if shard.arguments.get("attack") == attack]
            assert {(one["protocol"], one["eps"]) for one in mine} == ways[attack in ("fgsm", "pgd")]
            for protocol, eps in {(one["protocol"], one["eps"]) for one in mine}:
                parts = [one for one in mine if (one["protocol"], one["eps"]) == (protocol, eps)]
                images = sorted(index for one in parts for index in range(one["first"], one["last"]))
                assert images == list(range(heavy if attack in HEAVY else cheap))
            assert all(settings_of(attack, one["settings"]) == settings_of(attack, quick=setting.quick) for one in mine)
            assert {one["seed"] for one in mine} == {one["learning"]["seed"] for one in mine} == {5}
    for shard in shards:
        assert shard.identity


def shard(victim, indices, right, source, fooled, l2=1.0):
    flags = {"source": source, victim: fooled}
    margins = dict.fromkeys(("1", "1.05", "1.1", "1.25"), flags)
    margins["1.5"] = {"source": source, victim: [1] * len(indices)}
    found = {"indices": indices, "l2": [l2 + index for index in indices], "right": {victim: right}, "fooled": margins}
    return found | {"forward_images": 10 * len(indices)}


def test_rows_by_hand(setting):
    """Image 3 is wrong on the unit from the start; image 4 does not fool the substitute; six differ one way."""
    made = {"agreement": 0.5, "queries": 7}
    one = shard("float32", list(range(10)), [1] * 10, [1, 1, 1, 1, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 1, 1, 1, 0, 0])
    other = shard(UNIT, list(range(8)), [1, 1, 1, 0, 1, 1, 1, 1], [1] * 8, [0, 0, 0, 1, 0, 0, 0, 1])
    nobody = {"indices": [], "l2": [], "right": {}, "fooled": {}, "forward_images": 0}
    results = {"substitute/float32": made, f"substitute/{UNIT}": made}
    for attack in table4.STUDY.paper:
        for name, found in (("float32", one), (UNIT, other)):
            results[f"{attack}/minimal/{name}/0"] = found
            results[f"{attack}/minimal/{name}/100"] = nobody
            for eps in (0.1, 0.2, 0.3) if attack in ("fgsm", "pgd") else ():
                results[f"{attack}/budget {eps:.3g}/{name}/0"] = found
    rows = table4.STUDY.rows(setting, results)
    assert [row["attack"] for row in rows] == list(table4.STUDY.paper)
    first = rows[0]["victims"]
    assert list(first) == ["float32", UNIT]
    rate = {"n": 10, "k1": 9, "k2": 7, "source_rate": 0.9, "rate": 7 / 9, "interval": wilson(7, 9)}
    assert first["float32"]["minimal"] == rate
    rate = {"n": 7, "k1": 7, "k2": 1, "source_rate": 1.0, "rate": 1 / 7, "interval": wilson(1, 7)}
    assert first[UNIT]["minimal"] == rate
    assert first[UNIT]["margins"]["1.5"]["rate"] == 1
    assert list(first[UNIT]["budgets"]) == ["0.1", "0.2", "0.3"]
    assert rows[2]["victims"][UNIT]["budgets"] == {}
    assert first["float32"]["l2"] == 6.0
    assert (first["float32"]["queries"], first["float32"]["substitute"]) == (100, made)
    assert [first[name]["paper"] for name in first] == [1.0, 0.22]
    p = 2 / 2**5 * comb(5, 0)
    for row in rows:
        assert row["paired"] == {"n": 7, "only_first": 5, "only_second": 0, "p": p, "p_holm": min(1.0, 8 * p)}
    assert table4.STUDY.alarms(results) == []


def test_the_papers_values():
    """Table 4 of the preprint."""
    paper = table4.STUDY.paper
    assert {exact for exact, _ in paper.values()} == {100}
    assert [unit for _, unit in paper.values()] == [22, 0, 13, 0, 25, 26, 27, 0]
