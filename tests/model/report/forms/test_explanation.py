"""What explains an effect: shares in the tables, bars and quarters in the picture."""

from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def share(k, n=10):
    return {"n": n, "k": k, "rate": k / n if n else None, "interval": [0.1, 0.9] if n else None}


def result():
    row = {"attack": "fgsm", "images": 20, "n": 10}
    row |= {"resisted": {"unit": share(8), "mean gain": share(2)}}
    row |= {"explained": {"mean gain": {"both": share(1, 8), "only": share(1, 2), "agreement": 0.5}}}
    row |= {"gain": {"unit": [1.0, 2.0, 3.0], "mean gain": None}}
    row |= {"correlation": {"margin": 0.25, "gain": None, "beyond": -0.5}}
    row |= {"quartiles": [{"margin": [0.0, 2.0], **share(1, 4)}, {"margin": [3.0, 5.0], **share(2, 4)}]}
    return study_result(
        "explanation", [row, row | {"attack": "pgd", "resisted": {"unit": share(6), "mean gain": share(3)}}]
    )


def test_tables():
    first, second, third = shown(result())
    assert first[2][0] == ["fgsm", "10", "80.0 %", "10.0 to 90.0 %", "20.0 %", "10.0 to 90.0 %"]
    assert second[2][0] == ["fgsm", "mean gain", "12.5 % (1 of 8)", "50.0 % (1 of 2)", "0.5"]
    assert third[2][0] == ["fgsm", "0.25", "n/a", "-0.5", "2 (1 to 3)", "n/a"]


def test_the_sentence():
    assert "fgsm: the unit resists 80.0 %, of these mean gain 12.5 %; pgd:" in form_of(result()).sentence(result())


def test_bars_and_quarters():
    left, right = drawn(result())
    assert [patch.get_height() for patch in left.patches] == [80, 60, 20, 30]
    assert [list(data) for data in right.lines[0].get_data()] == [[1.0, 4.0], [25.0, 50.0]]
