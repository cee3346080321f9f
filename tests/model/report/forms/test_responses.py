"""Responses of a filter: gaps with their sign, and the six pieces in the picture."""

import pytest
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def result():
    chosen = [
        {"values": [0.1 * place] * 9, "similarity": place / 10, "exact": place - 1.0, "unit": 2.0 * (place - 1)}
        for place in range(6)
    ]
    bins = [{"similarity": at, "pieces": 1200, "exact": at, "unit": 3 * at} for at in (-0.5, 0.5)]
    row = {"unit": "ax_fpm", "images": 5, "filter": 8, "weights": [[0.1, -0.2, 0.3]] * 3, "filters": [0.9, -0.1, None]}
    return study_result("responses", [row | {"pieces": 2400, "correlation": 0.87, "chosen": chosen, "bins": bins}])


def test_tables_have_the_gap():
    first, second = shown(result())
    assert first[2][0] == ["1", "0", "-1", "-2", "-1"]
    assert first[2][5] == ["6", "0.5", "4", "8", "4"]
    assert second[0] == "Filter 8: all 2,400 pieces of 5 images, by similarity"
    assert second[2] == [["-0.50", "1,200", "-0.5", "-1.5", "-1"], ["+0.50", "1,200", "0.5", "1.5", "1"]]


def test_the_sentence_says_on_which_side_it_is():
    words = form_of(result()).sentence(result())
    assert "1 below the exact one for the least similar piece and 4 above it for the most similar" in words
    assert "correlation of 0.87, and it is above 0 for 1 of 2 filters" in words


def test_the_picture_has_filter_pieces_bars_and_lines():
    axes = drawn(result())
    assert len(axes) == 9
    assert [float(axis.images[0].get_array()[2, 2]) for axis in axes[1:7]] == pytest.approx(
        [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    )
    assert [patch.get_height() for patch in axes[7].patches] == [-1, 0, 1, 2, 3, 4, -2, 0, 2, 4, 6, 8]
    assert [list(line.get_ydata()) for line in axes[8].lines[:2]] == [[-0.5, 0.5], [-1.5, 1.5]]
