"""How black-box studies are shown: both victims beside the paper, and the sentence that says what differs."""

import pytest
from matplotlib.figure import Figure

from axmac.model.report import new_result
from axmac.model.report.forms import form_of

NET = {"net": "lenet5", "seed": 0, "sha256": "0" * 64, "data": {"name": "digits", "sha256": "0" * 64}}


def rate(k1, k2):
    found = {"n": 20, "k1": k1, "k2": k2, "source_rate": k1 / 20, "rate": k2 / k1 if k1 else None}
    return found | {"interval": [0.1, 0.9] if k1 else None}


def victim(paper, *margins, budgets=None):
    made = {"agree": 9, "n": 10, "agreement": 0.9, "interval": [0.6, 0.98], "accuracy": 0.8, "victim_accuracy": 0.99}
    made |= {"seed_images": 15, "queries": 4800}
    found = {"paper": paper, "minimal": margins[0], "margins": dict(zip(("1", "1.5"), margins, strict=True))}
    return found | {"budgets": budgets or {}, "l2": 1.5, "queries": 12345, "substitute": made}


@pytest.fixture
def result():
    rows = [
        {
            "attack": "fgsm",
            "images": 20,
            "victims": {
                "float32": victim(1.0, rate(20, 10), rate(20, 18), budgets={"0.1": rate(8, 2)}),
                "unit (conv)": victim(0.22, rate(20, 1), rate(20, 12), budgets={"0.1": rate(8, 4)}),
            },
            "paired": {"p_holm": 0.01},
        },
        {
            "attack": "cw",
            "images": 5,
            "victims": {
                "float32": victim(1.0, rate(20, 2), rate(20, 20)),
                "unit (conv)": victim(0.0, rate(0, 0), rate(0, 0)),
            },
            "paired": {"p_holm": 0.5},
        },
    ]
    about = {"name": "table4", "title": "Table 4", "quick": True, "form": "black_box", "nets": [NET]}
    return new_result("study", rows, seed=0, study=about, threads=1)


def test_tables(result):
    main, stretched, made = form_of(result).tables(result)
    for _, heads, rows in (main, stretched, made):
        assert {len(row) for row in rows} == {len(heads)}
    assert main[0] == "Table 4 (quick), digits, seed 0"
    assert main[2][0] == [
        *("fgsm", "20"),
        *("100.0 %", "100.0 % of 20", "50.0 % (10 of 20)", "10.0 to 90.0 %"),
        *("22.0 %", "100.0 % of 20", "5.0 % (1 of 20)", "10.0 to 90.0 %"),
        "0.01",
    ]
    assert main[2][1][6:] == ["0.0 %", "0.0 % of 20", "n/a", "n/a", "0.5"]
    assert [row[:2] for row in stretched[2]] == [
        [attack, name] for attack in ("fgsm", "cw") for name in ("float32", "unit (conv)")
    ]
    assert stretched[2][1][2:] == ["5.0 %", "60.0 %", "50.0 % (4 of 8)", "1.5", "12,345"]
    assert stretched[2][2][4] == ""
    expected = ["15", "4,800", "90.0 % (9 of 10)", "60.0 to 98.0 %", "80.0 %", "99.0 %"]
    assert made[2] == [["float32", *expected], ["unit (conv)", *expected]]


def test_sentence(result):
    assert form_of(result).sentence(result) == (
        "Table 4: of the smallest perturbations that fool a substitute of float32 (which agrees with it on 90.0 % of "
        "the images), 10.0 % to 50.0 % also fool float32, 90.0 % to 100.0 % when 1.5 times as large; of the smallest "
        "perturbations that fool a substitute of unit (conv) (which agrees with it on 90.0 % of the images), 5.0 % "
        "also fool unit (conv), 60.0 % when 1.5 times as large; the victims differ for fgsm (McNemar, Holm, 5 %)."
    )


def test_picture(result):
    """Every rate there is a point, and every attack a cross at the paper's."""
    figure = Figure()
    form_of(result).draw(result, figure)
    left, right = figure.axes
    assert [axis.get_title() for axis in (left, right)] == ["float32", "unit (conv)"]
    curves = [list(line.get_ydata()) for line in right.lines]
    assert curves == [[5.0, 60.0], [22.0], [], [0.0]]
