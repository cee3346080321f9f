"""A search of a small network: its front is that of all assignments; rows carry what the search saw and the rest."""

import itertools
import operator

import pytest
from searched import ENERGIES, LAYERS, PRODUCTS, SPACE, plan_in

from axmac.model.attack.intervals import wilson
from axmac.model.study.search import explored, front, rows_of
from axmac.model.study.search.choice import meets

BLOCK, FINAL = (0, 60), (60, 120)
SIZES = {"generations": 9, "population": 8, "seed": 1}


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """The search, and what it came to."""
    plan, steps = plan_in(tmp_path_factory.mktemp("search")), []
    return plan, explored(plan, SPACE, BLOCK, **SIZES, progress=lambda *step: steps.append(step)), steps


def test_the_front_is_that_of_all_assignments(searched):
    plan, found, _ = searched
    genomes = list(itertools.product(range(3), repeat=3))
    every = {}
    for genome, one in zip(genomes, plan.measure([SPACE.assignment(genome) for genome in genomes], BLOCK), strict=True):
        energy = sum(
            count * list(ENERGIES.values())[place] for count, place in zip(PRODUCTS.values(), genome, strict=True)
        )
        every[genome] = (60 - one["correct"], 60 - one["robust"], energy)
    assert SPACE.size == len(every) == 27
    assert all(found[genome] == every[genome] for genome in found)
    true = {
        own
        for own in every.values()
        if not any(other != own and all(map(operator.le, other, own)) for other in every.values())
    }
    assert len(true) >= 4
    assert {found[genome] for genome in front(found)} == true


def test_progress_ends_within_what_was_promised(searched):
    _, found, steps = searched
    assert {what for what, _, _ in steps} == {"assignments"}
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    assert steps[-1][1:] == (len(found), 72)


@pytest.mark.parametrize("loss", [None, 0.0, 0.2])
def test_rows_are_the_front_and_every_unit_in_all_layers(searched, loss):
    plan, found, _ = searched
    rows = rows_of(plan, SPACE, found, BLOCK, FINAL, loss=loss, progress=lambda *_: None)
    best = {genome for genome in found if SPACE.assignment(genome) in [row["units"] for row in rows if row["front"]]}
    assert best == set(front(found))
    assert [row["homogeneous"] for row in rows if row["homogeneous"]] == ["s8_trunc_k10", "s8_drum_k3", "s8_exact"]
    assert len(rows) == len({tuple(row["units"].values()) for row in rows}) >= 5
    assert [row["energy"] for row in rows] == sorted(row["energy"] for row in rows)
    assert rows[-1]["energy"] == 4.0 * sum(PRODUCTS.values())
    again = plan.measure([row["units"] for row in rows], FINAL)
    for row, one in zip(rows, again, strict=True):
        for goal, name in (("accuracy", "correct"), ("robust", "robust")):
            assert row[goal] == {"n": 60, "k": one[name], "rate": one[name] / 60, "interval": wilson(one[name], 60)}
    seen = plan.measure([row["units"] for row in rows], BLOCK)
    assert [row["searched"] for row in rows] == seen
    exact = next(row["searched"] for row in rows if row["units"] == dict.fromkeys(LAYERS, "s8_exact"))
    assert [row["meets"] for row in rows] == [meets(one, exact, loss) for one in seen]
    assert rows[-1]["meets"]


@pytest.mark.parametrize(
    ("correct", "loss", "expected"),
    [(90, None, True), (76, None, True), (75, None, False), (88, 0.02, True), (87, 0.02, False), (95, 0.0, True)],
)
def test_the_rule(correct, loss, expected):
    """Wilson's interval of 90 of 100 begins at 82.56 %; that of 75 ends at 82.45 %, that of 76 at 83.31 %."""
    found, exact = {"n": 100, "correct": correct}, {"n": 100, "correct": 90}
    assert meets(found, exact, loss) is expected
