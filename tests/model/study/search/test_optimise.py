"""NSGA-II against all assignments: the front is the true one, and a seed gives one run."""

import itertools
import random

import pytest

from axmac.model.study.search import front, optimise

LAYERS, UNITS = 4, 3
SIZES = {"objectives": 3, "generations": 12, "population": 12}


def figures(genome):
    """Energy is a sum over layers; the two others are not: how far units lie apart counts too."""
    worth = random.Random(str(genome))
    return (sum(genome) + 0.1 * worth.random(), 10 - 2 * sum(genome) + worth.random(), float(len(set(genome))))


EVERY = {genome: figures(genome) for genome in itertools.product(range(UNITS), repeat=LAYERS)}


def beaten(own, others):
    return any(other != own and max(a - b for a, b in zip(other, own, strict=True)) <= 0 for other in others)


def run(seed, **changes):
    asked = []

    def evaluate(genomes):
        asked.append(genomes)
        return [figures(genome) for genome in genomes]

    return optimise(LAYERS, UNITS, evaluate, seed=seed, **(SIZES | changes)), asked


def test_the_front_of_all_assignments_is_found_before_all_are_looked_at():
    true = {figures_ for figures_ in EVERY.values() if not beaten(figures_, EVERY.values())}
    found, asked = run(0)
    assert 3 < len(true) < len(found) < len(EVERY) == 81
    assert {found[genome] for genome in front(found)} == true
    assert all(found[genome] == EVERY[genome] for genome in found)
    flat = [genome for genomes in asked for genome in genomes]
    assert len(flat) == len(set(flat)) == len(found)


def test_the_first_generation_has_every_unit_in_all_layers():
    _, asked = run(3)
    assert len(asked[0]) == SIZES["population"]
    assert {(unit,) * LAYERS for unit in range(UNITS)} <= set(asked[0])


def test_a_seed_gives_one_run():
    (first, asked), (second, again), (other, _) = run(5), run(5), run(6)
    assert list(first.items()) == list(second.items())
    assert asked == again
    assert list(other) != list(first)


def test_a_space_smaller_than_a_generation_is_looked_at_as_a_whole():
    found = optimise(1, 3, lambda genomes: [(-genome[0],) for genome in genomes], **(SIZES | {"objectives": 1}), seed=0)
    assert found == {(0,): (0,), (1,): (-1,), (2,): (-2,)}
    assert front(found) == [(2,)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({(0,): (1, 2), (1,): (2, 1), (2,): (2, 2)}, [(0,), (1,)]),
        ({(0, 1): (1, 1), (1, 1): (1, 1), (0, 0): (2, 1)}, [(1, 1)]),
        ({(1, 1): (1, 1), (0, 0): (1, 1)}, [(0, 0)]),
    ],
)
def test_of_equals_one_stands_for_all(found, expected):
    assert front(found) == expected
