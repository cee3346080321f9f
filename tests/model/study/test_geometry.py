"""Studies of quantised networks: what they plan, and their rows from shards made up by hand."""

from dataclasses import replace

import pytest
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of
from axmac.model.study.geometry_distances import compared
from axmac.model.study.planning import Setting
from axmac.model.study.studies import geometry_distances, geometry_mnist, geometry_spiral

OWN = {"name": "mnist", "train": "0" * 64, "test": "1" * 64}
IMAGES, SPIRALS, DISTANCES = geometry_mnist.STUDY, geometry_spiral.STUDY, geometry_distances.STUDY


def setting(quick):
    return Setting({}, 1, quick, OWN)


@pytest.mark.parametrize("quick", [True, False])
def test_networks_of_all_bits_activations_and_seeds_are_planned(quick):
    plan = IMAGES.plan(setting(quick))
    seeds = 2 if quick else 5
    first = seeds
    asked = {(shard.arguments["recipe"]["activation"], shard.arguments["seed"]) for shard in plan}
    assert asked == {(name, first + one) for name in ("step", "sigmoid", "relu") for one in range(seeds)}
    assert len(plan) == len(asked)
    assert all(shard.arguments["dataset"] == OWN for shard in plan)
    assert {tuple(shard.arguments["bits"]) for shard in plan} == {tuple(range(1, 11))}
    assert plan[0].arguments["recipe"]["sizes"] == (784, 100, 10)
    spirals = SPIRALS.plan(setting(quick))
    assert {tuple(shard.arguments["recipe"]["sizes"]) for shard in spirals} == {(2, 100, 1)}
    assert {(shard.arguments["longest"], round(shard.arguments["deviation"] ** 2, 9)) for shard in spirals} == {
        (100, 0.03),
        (10, 0.0009),
    }
    assert len(spirals) == 6
    assert {(shard.arguments["each"], shard.arguments["recipe"]["gain"]) for shard in spirals} == {(200, 10)}


def test_strengths_are_those_of_the_paper():
    for study in (IMAGES, SPIRALS):
        sizes = study.plan(setting(False))[0].arguments["sizes"]
        assert sizes == pytest.approx([0.005 * step for step in range(101)])
        assert set(study.plan(setting(True))[0].arguments["sizes"]) <= set(sizes)
    assert (IMAGES.critical, SPIRALS.critical) == (0.01, 0.125)
    assert [(q, n) for q, n in DISTANCES.cases] == [(2, 2), (3, 4), (1, 5), (1, 784)]


def shard(networks, eps, checks, ways, **more):
    """Of 100 points: width i has right 90 - i without attack; at eps j 6 j (i + 1) fewer, which crosses nowhere."""
    right = [[max(0, 90 - one % 10 - 6 * place * (one % 10 + 1)) for place in range(eps)] for one in range(networks)]
    counts = [[50 - 4 * (one % 10)] * checks for one in range(networks)]
    found = {"n": 100, "right": right, "checked": 50, "ways": dict.fromkeys(ways, counts)}
    found |= {"still": [5] * networks, "moved": [[0.1] * checks] * networks, "epoch": [2] * networks}
    return found | more


def image_result():
    plan = IMAGES.plan(setting(True))
    ways = ("fgsm", "margin", "transfer", "pgd", "strongest")
    results = {one.name: shard(10, 21, 8, ways, whole=[900] * 10, test=1000) for one in plan}
    return study_result("bit_curves", IMAGES.rows(setting(True), results))


def spiral_result():
    ways = ("fgsm", "margin", "transfer", "pgd", "grid", "strongest")
    more = {"likeliest": [380, 390], "nearest": [300, 310]}
    results = {one.name: shard(20, 21, 5, ways, **more) for one in SPIRALS.plan(setting(True))}
    return study_result("bit_curves", SPIRALS.rows(setting(True), results))


def test_rows_on_images_by_hand():
    *curves, claims = image_result()["rows"]
    assert [row["activation"] for row in curves] == ["step", "sigmoid", "relu"]
    row = curves[0]
    assert row["accuracy"][0][:3] == [0.9, 0.84, 0.78]
    assert row["accuracy"][9][:3] == [0.81, 0.21, 0]
    assert row["relative"][0][1] == pytest.approx(0.84 / 0.9, abs=1e-6)
    assert row["deviation"][3][1] == 0
    assert row["distance"][1] == pytest.approx(0.025 * 28)
    assert row["below"] == {"cells": 200, "bounded": 0, "under": 0, "clearly": 0}
    assert row["ways"]["pgd"][0][0]["mean"] == 1
    assert row["gain"]["pgd"][0]["mean"] == pytest.approx(0.72)
    assert (row["still"][0], row["whole"][0], row["test"]) == (0.1, 900, 1000)
    assert len(claims["claims"]) == 3 * 6 + 2
    assert claims["claims"][0]["mean"] == 0.9


def test_the_bound_is_asked_of_every_cell_of_the_spirals():
    """Accuracy of width i falls by 6 (i + 1) / (90 - i) a step; n = 2, so that 1 bit has h = .204 and 5 cells."""
    row = spiral_result()["rows"][0]
    h = row["inradius"][0]
    assert h == pytest.approx(2**0.5 / 2 * (3 / 4) ** 0.5 / 3)
    expected = [max(0, 1 - distance / h) ** 2 for distance in row["distance"]]
    assert row["bound"][0] == pytest.approx(expected, abs=1e-5)
    lines = zip(row["relative"], row["bound"], strict=True)
    above = [pair for line in lines for pair in list(zip(*line, strict=True))[1:]]
    below = row["below"]
    assert (below["cells"], below["bounded"]) == (200, sum(least > 0 for _, least in above))
    assert below["under"] == below["clearly"] == sum(mean < least for mean, least in above)
    assert below["bounded"] > 5


def test_tables_sentence_and_picture_of_images():
    result = image_result()
    tables = shown(result)
    assert len(tables) == 5 + 3
    title, heads, rows = tables[0]
    assert title.endswith("claims of the paper")
    cells = [dict(zip(heads, cells, strict=True)) for cells in rows]
    assert (cells[0]["claim"], cells[0]["ours"], cells[0]["outcome"]) == (
        "clean accuracy at 1 bit",
        "90.0 %",
        "NOT held",
    )
    assert cells[1]["outcome"] == "NOT held"
    assert {one["outcome"] for one in cells} <= {"held", "NOT held", "open"}
    attacked = [dict(zip(tables[3][1], cells, strict=True)) for cells in tables[3][2]]
    assert attacked[0]["PGD on the margin: 1 bit, 10 bits"] == "100.0 %, 28.0 %"
    assert attacked[0]["1 bit less 10 bits, strongest"] == "+72.00 (+72.00 to +72.00) points"
    assert tables[5][2][1][:2] == ["0.025", "84.0 % ± 0.0"]
    said = form_of(result).sentence(result)
    assert "the bound of equation 14 is above 0 in 0 of 600 cells" in said
    assert "relu at eps 0.005 +72.00 (+72.00 to +72.00) points under FGSM, +72.00" in said
    axes = drawn(result)
    assert len(axes) == 9
    assert len(axes[0].lines) == 21 + 2
    assert axes[0].lines[1].get_ydata()[0] == 84


def test_spirals_have_rules_without_a_network():
    result = spiral_result()
    tables = shown(result)
    _, heads, rows = tables[0]
    likeliest = dict(zip(heads, rows[0], strict=True))
    assert (likeliest["claim"], likeliest["ours"]) == (
        "right without a network: label of the likelier spiral",
        "96.2 %",
    )
    assert len(drawn(result)) == 18
    assert len(form_of(result).short(result)) == 5


def test_distances_agree_and_what_the_equations_take_for_one():
    small = replace(DISTANCES, cases=((2, 2), (3, 4), (1, 784)), larger=((10, 784),))
    plan = small.plan(setting(True))
    assert [one.arguments["points"] for one in plan] == [100_000, 100_000, 5_000_000 // 784]
    results = {one.name: compared(**(one.arguments | {"points": min(20_000, one.arguments["points"])})) for one in plan}
    rows = small.rows(setting(True), results)
    assert [row["sampled"] is None for row in rows] == [False, False, False, True]
    assert rows[0]["ratio"] == pytest.approx(1.5**1.5)
    assert (rows[0]["dihedral"], rows[0]["edge_limit"]) == (pytest.approx(60), 0.5)
    width = rows[0]["inradius"] / len(rows[0]["sampled"]["middles"])
    assert sum(rows[0]["sampled"]["densities"]) * width == pytest.approx(1)
    assert sum(rows[0]["sampled"]["expected"]) * width == pytest.approx(1)
    result = study_result("distances", rows)
    tables = shown(result)
    assert [row[-2:] for row in tables[0][2]] == [["yes", "NO"], ["yes", "NO"], ["yes", "yes"]]
    assert len(tables[1][2]) == 4
    said = form_of(result).sentence(result)
    assert "in 3 of 3 cases" in said
    assert "1.002 times at n = 784; points drawn agree with it at n = 784 (" in said
    assert "1.837 times at n = 2, 1.398 times at n = 4, 1.002 times at n = 784" in said
    assert len(drawn(result)) == 3
    rows[0]["sampled"]["mean"] += 10 * rows[0]["sampled"]["error"]
    assert "in 2 of 3 cases" in form_of(result).sentence(result)
