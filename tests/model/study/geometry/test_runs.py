"""Shards of the geometric studies on small data: what they count agrees between their parts."""

from dataclasses import asdict

import pytest

from axmac.model.nn import data
from axmac.model.spec import InputError
from axmac.model.study.geometry.runs import on_images, on_spirals
from axmac.model.study.geometry.training import Recipe


def images(**changes):
    parts = {part: data.load("digits", part).sha256 for part in ("train", "test")}
    how = {"dataset": {"name": "digits", **parts}, "bits": [1, 8], "seed": 3, "points": 1000, "shown": 120}
    recipe = asdict(Recipe((784, 20, 10), "relu", 1.0, 50, 3, 3))
    return on_images(**(how | {"recipe": recipe, "sizes": [0, 0.2], "checked": 60, "checks": [0, 0.2]} | changes))


def test_digits_learnt_and_attacked():
    found = images()
    assert found["whole"][1] > 0.7 * found["test"] == 0.7 * 360
    assert (found["n"], found["checked"]) == (120, 60)
    assert found["right"][1][1] < found["right"][1][0] <= 120
    ways = found["ways"]
    assert list(ways) == ["fgsm", "margin", "transfer", "pgd", "strongest"]
    clean = [row[0] for row in ways["fgsm"]]
    assert all([row[0] for row in rows] == clean for rows in ways.values())
    assert ways["transfer"][1] == ways["fgsm"][1]
    for place in (0, 1):
        assert ways["strongest"][place][1] <= min(rows[place][1] for rows in ways.values())
        assert 0 < found["moved"][place][1] <= 0.2 * 28
    assert found == images(recipe={**asdict(Recipe((784, 20, 10), "relu", 1.0, 50, 3, 3)), "sizes": [784, 20, 10]})


def test_a_data_set_that_has_changed_is_refused():
    with pytest.raises(InputError, match="digits has changed since the study was planned: run it again"):
        images(dataset={"name": "digits", "train": "0", "test": "0"})


def test_spirals_without_much_noise():
    recipe = asdict(Recipe((2, 60, 1), "sigmoid", 10.0, 32, 60, 60, 0.03))
    how = {"bits": [2, 9], "seeds": [0, 1], "each": 60, "sizes": [0, 0.3], "checks": [0.3], "recipe": recipe}
    found = on_spirals(longest=4.0, deviation=0.01, **how)
    assert found["n"] == found["checked"] == 120
    assert min(found["likeliest"]) >= 117
    assert min(found["nearest"]) >= 115
    assert len(found["right"]) == 4
    assert all(row[0] > 96 for row in found["right"][1::2])
    assert all(
        found["ways"]["strongest"][place][0] <= found["ways"]["grid"][place][0] <= found["right"][place][0]
        for place in range(4)
    )
