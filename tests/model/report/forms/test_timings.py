"""Studies of time: cells, sentence and bars of rows written by hand."""

import pytest
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def result():
    rows = [
        {
            "net": net,
            "layers": "all",
            "images": 10,
            "paper": 14.74,
            "seconds": {"float32": 0.02, "A": 0.02 * a, "B": 0.02 * b},
            "ratio": {"float32": 1.0, "A": a, "B": b},
            "evaluation": {"float32": 20.0, "A": 20 * a, "B": 20 * b},
        }
        for net, a, b in (("one", 2.5, 3.0), ("two", 4.0, 1.5))
    ]
    return study_result("timings", rows)


def test_ratios_and_seconds_beside_the_paper():
    (_, heads, rows), (title, _, whole) = shown(result())
    assert heads[-2:] == ["A, times float32", "B, times float32"]
    assert rows == [["one", "all", "10", "2", "2.50", "3.00"], ["two", "all", "10", "2", "4.00", "1.50"]]
    assert "10,000 images" in title
    assert whole == [["one", "14.74", "20", "50", "60"], ["two", "14.74", "20", "80", "30"]]


def test_what_came_of_it():
    said = form_of(result()).sentence(result())
    assert said.endswith("by unit, one 2.5 to 3.0 times float32; two 1.5 to 4.0 times float32 on one thread.")


def test_bars_are_ratios():
    (axis,) = drawn(result())
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([2.5, 4.0, 3.0, 1.5])
