"""The search finds the recommended HEAP-like array again and prices cells as counted by hand."""

import pytest

from axmac.model.spec import AMA1, AMA2, AMA5, EXACT, FLOAT32, ArraySig, FpMul, InputError, by_column
from axmac.model.study.explore import Candidate, candidates, cell_cost, cost_of, explore, pareto

HEAP_LIKE = ArraySig(AMA5, 4, rows="weight", wiring="spc", cell_map=by_column(4, AMA5, {6: EXACT}))


def test_the_recommended_map_is_found_again():
    wanted = {"nmed": 0.03, "ratio_of_means": 0.12, "larger": 0.34}
    front = explore(FLOAT32, wanted, [AMA5, EXACT], [4], final_pairs=200_000)
    found = [candidate for candidate in front if candidate.spec.significand == HEAP_LIKE]
    assert len(found) == 1
    assert found[0].figures["nmed"] == pytest.approx(0.0290, abs=0.0003)
    assert found[0].figures["ratio_of_means"] == pytest.approx(0.116, abs=0.001)
    assert found[0].figures["mred"] == pytest.approx(0.119, abs=0.001)
    assert found[0].figures["larger"] == pytest.approx(0.356, abs=0.003)
    distances = [candidate.distance for candidate in front]
    costs = [candidate.cost for candidate in front]
    assert distances == sorted(distances)
    assert costs == sorted(costs, reverse=True)


def test_costs_counted_by_hand():
    assert cell_cost(EXACT) == 4 * 3 + 3 * 2  # four minterms; AB + ACin + BCin
    assert cell_cost(AMA1) == 2 * 3 + (1 + 2)
    assert cell_cost(AMA2) == 3 * 2 + 3 * 2
    assert cell_cost(AMA5) == 0
    adders = 35 * 8 * 18
    assert cost_of(FpMul(FLOAT32, HEAP_LIKE)) == adders + 36 * 18
    assert cost_of(FpMul(FLOAT32, ArraySig(AMA5, 24))) == 0


def test_candidates_are_distinct_and_few_where_maps_are_many():
    small = list(candidates([AMA5, EXACT], 3))
    assert len(small) == len(set(small))
    assert HEAP_LIKE in set(candidates([AMA5, EXACT], 4))
    assert len(list(candidates([AMA5, AMA1, EXACT], 24))) < 10_000


def test_pareto_keeps_what_nothing_beats():
    spec = FpMul(FLOAT32, HEAP_LIKE)
    points = [(0.1, 10), (0.2, 5), (0.2, 7), (0.3, 5), (0.05, 20), (0.4, 1)]
    front = pareto([Candidate(spec, {}, distance, cost) for distance, cost in points])
    assert [(c.distance, c.cost) for c in front] == [(0.05, 20), (0.1, 10), (0.2, 5), (0.4, 1)]


def test_a_budget_draws_the_same_arrays_for_the_same_seed():
    options = {"budget": 5, "pairs": 1000, "final_pairs": 1000, "seed": 3}
    first, second = (explore(FLOAT32, {"nmed": 0.03}, [AMA5, EXACT], [4], **options) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("wanted", "message"), [({}, "at least one figure"), ({"wce": 1.0}, "wanted figures"), ({"nmed": 0.0}, "above 0")]
)
def test_wrong_wishes_are_refused(wanted, message):
    with pytest.raises(InputError, match=message):
        explore(FLOAT32, wanted, [AMA5], [4])
