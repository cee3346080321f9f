"""Units beside each other: what they cost and what still fools them."""

import pytest
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def share(k, n=10):
    return {"n": n, "k": k, "rate": k / n if n else None, "interval": [0.0, 1.0] if n else None}


def transfer(k2, k1=10):
    return {"n": 20, "k1": k1, "k2": k2, "source_rate": k1 / 20, "rate": k2 / k1 if k1 else None} | {
        "interval": [max(0, k2 / 10 - 0.1), min(1, k2 / 10 + 0.1)] if k1 else None
    }


def row(name, k, **changes):
    found = {"name": name, "nmed": 0.0906, "gain": 1.36, "accuracy": share(9), "shown": {"0.1": share(k)}}
    found |= {"transfer": {"fgsm": transfer(k), "pgd": transfer(0, 0)}}
    return found | {"white_box": {"0.1": {"exact": share(k), "unit": share(k + 1)}}} | changes


def result():
    exact = row("float32", 8, nmed=None, gain=None, transfer={}, shown={}, white_box={"0.1": {"exact": share(10)}})
    return study_result("units", [exact, row("t = 2", 2), row("t = 4", 4)])


def test_tables():
    first, second = shown(result())
    assert first[2][0] == ["float32", "", "", "90.00 %", "0.0 to 100.0 %", "", ""]
    assert first[2][1] == ["t = 2", "0.0906", "1.36", "90.00 %", "0.0 to 100.0 %", "20.0 % (2 of 10)", "n/a"]
    assert second[2][0] == ["float32", "", "100.0 % (10 of 10)", ""]
    assert second[2][2] == ["t = 4", "40.0 % (4 of 10)", "40.0 % (4 of 10)", "50.0 % (5 of 10)"]


def test_the_sentence_takes_the_stronger_of_both_gradients():
    words = form_of(result()).sentence(result())
    assert "transfer by 20.0 % to 40.0 %; PGD aimed at the unit within eps 0.1 fools 30.0 % to 50.0 %" in words
    assert "(float32 100.0 %)" in words


def test_lines():
    left, right = drawn(result())
    assert list(left.lines[0].get_ydata()) == [20, 40]
    assert [label.get_text() for label in right.get_xticklabels()] == ["float32", "t = 2", "t = 4"]
    assert list(right.lines[0].get_ydata()) == [100, 20, 40]
    assert list(right.lines[1].get_ydata())[1:] == pytest.approx([30, 50])
