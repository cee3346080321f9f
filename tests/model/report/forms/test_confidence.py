"""Confidence: shares beside the paper's, distributions over both definitions."""

from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def result():
    lead = {"n": 1000, "k": 700, "rate": 0.7, "interval": [0.67, 0.73], "at_or_below": [0.0, 0.0, 0.1, 0.2, 1.0]}
    row = {"name": "float32", "n": 1000, "accuracy": 0.98, "paper": 0.2, "lead": lead}
    row |= {"probability": lead | {"rate": 0.8, "at_or_below": [0.0, 0.0, 0.0, 0.4, 1.0]}}
    return study_result("confidence", [row, row | {"name": "unit", "paper": 0.745}, row | {"name": "x", "paper": None}])


def test_the_paper_says_under_for_float32():
    ((_, _, rows),) = shown(result())
    assert rows[0] == ["float32", "1,000", "98.00 %", "70.0 %", "67.0 to 73.0 %", "under 20.0 %", "80.0 %"]
    assert [row[5] for row in rows] == ["under 20.0 %", "74.5 %", ""]


def test_the_sentence_names_all():
    words = form_of(result()).sentence(result())
    assert "70.0 % on float32 (paper: under 20.0 %), 70.0 % on unit (paper: 74.5 %), 70.0 % on x." in words


def test_distributions_are_from_minus_one_to_one():
    for axis, first, expected in zip(drawn(result()), (-1, 0), ([10.0, 20.0, 100.0], [40.0, 100.0]), strict=True):
        x, y = axis.lines[0].get_data()
        assert list(x) == [-1, -0.5, 0, 0.5, 1]
        assert [value for value in y if value == value + 0 and value > 0] == expected
        assert axis.get_xlim() == (first, 1)
