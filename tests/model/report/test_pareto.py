"""Energy against error, accuracy and robustness: which units are on the front."""

import pytest
from matplotlib.figure import Figure
from shown import cost_row, unit_study

from axmac.model.report import new_result
from axmac.model.report.pareto import draw_pareto, on_front, pareto_points, pareto_table

COSTS = new_result("ppa", [cost_row(unit, 1.0, 1.0, energy) for unit, energy in (("a", 4), ("b", 2), ("c", 3))], seed=0)
WORTH = unit_study([("a", 0.0, 0.99, 1.0), ("b", 0.4, 0.97, 0.25), ("c", 0.5, 0.98, 0.5), ("d", 0.1, 0.9, 0.5)])


def test_points_are_joined_by_unit_and_sorted_by_energy():
    points = pareto_points([COSTS, WORTH])
    assert [point["unit"] for point in points] == ["b", "c", "a"]
    assert points[0] == {"unit": "b", "operands": "lenet5", "energy": 2, "mred": 0.4, "accuracy": 0.97, "robust": 0.75}
    assert pareto_points([COSTS]) == pareto_points([WORTH]) == []


def test_significands_alone_and_netlists_that_differ_have_no_energy_of_a_product():
    wrong = {key: value for key, value in cost_row("b", 1.0, 1.0, 2).items() if key != "energy"}
    costs = new_result("ppa", [cost_row("a", 1.0, 1.0, 4, part="significand"), wrong], seed=0, alarms=("b",))
    assert pareto_points([costs, WORTH]) == []


def test_the_front_against_all_pairs():
    points = pareto_points([COSTS, WORTH])
    assert on_front(points, "mred") == [True, False, True]
    assert on_front(points, "accuracy") == [True, True, True]
    assert on_front(points, "robust") == [True, False, False]
    twins = [{"energy": 1, "mred": 1}, {"energy": 1, "mred": 1}, {"energy": 1, "mred": 2}]
    assert on_front(twins, "mred") == [True, True, False]


def test_the_table_has_a_star_on_the_front():
    title, heads, rows = pareto_table(pareto_points([COSTS, WORTH]))
    assert title.endswith("operands: lenet5")
    assert all(len(row) == len(heads) for row in rows)
    assert rows[0] == ["b", "2.00", "0.4 *", "97.00 % *", "75.00 % *"]
    assert rows[1] == ["c", "3.00", "0.5", "98.00 % *", "50.00 %"]


def test_the_picture_joins_the_front():
    figure = Figure(layout="constrained")
    draw_pareto(pareto_points([COSTS, WORTH]), figure)
    figure.canvas.draw()
    error, accuracy, robust = figure.axes
    assert [list(axis.lines[0].get_xdata()) for axis in figure.axes] == [[2, 4], [2, 3, 4], [2]]
    assert list(error.lines[0].get_ydata()) == [0.4, 0]
    assert list(accuracy.lines[0].get_ydata()) == pytest.approx([97, 98, 99])
    assert list(robust.lines[0].get_ydata()) == [75]
