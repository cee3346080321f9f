"""Errors of products: cells of the table beside the paper's, maps the right way up, histograms in percent."""

import numpy as np
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of

FIGURES = {"bias": 0.08, "nmed": 0.09, "mred": 0.41, "ratio_of_means": 0.36, "wce": 0.5}


def row(**changes):
    """The map has its only value at the activation 3/4 and the weight 1/4."""
    found = {"unit": "fp32_array_ama5_t4", "operands": "rounded", "span": 1.0, "pairs": 1000, **FIGURES}
    found |= {"larger": 0.957, "smaller": 0.043, "map": [[0.0, None], [0.4, -0.2]], "histogram": [0, 1, 3, 0]}
    return found | {"paper": {"larger": 0.96, "nmed": 0.08, "mred": 0.33}} | changes


def result():
    return study_result("products", [row(), row(unit="bf16_booth", operands="truncated", span=0.5, paper={})])


def test_the_paper_stands_below_its_unit():
    ((title, _, rows),) = shown(result())
    assert title == "Title (quick), digits, seed 0"
    assert rows[0] == ["ax_fpm", "float32", "1,000", "95.70 %", "4.30 %", "0.08", "0.09", "0.41", "0.36", "0.5"]
    assert rows[1] == ["paper", "", "100,000,000", "96 %", "", "", "0.08", "0.33", "", ""]
    assert rows[2][:2] == ["bf16", "float32, cut to the format"]
    assert len(rows) == 3


def test_the_sentence_has_both_shares():
    words = form_of(result()).sentence(result())
    assert "ax_fpm (operands float32) is above the exact product for 95.7 % of the pairs (paper: 96 %)" in words
    assert "below it for 4.3 %, NMED 0.09; bf16" in words


def test_activations_go_across_and_weights_up():
    axes = drawn(result())
    image = axes[0].images[0]
    pixels = np.ma.filled(image.get_array(), np.nan)
    np.testing.assert_array_equal(pixels, [[0.0, 0.4], [np.nan, -0.2]])
    assert image.origin == "lower"
    assert image.get_clim() == (-0.4, 0.4)
    heights = [patch.get_height() for patch in axes[2].patches]
    assert heights == [0, 25, 75, 0]
    assert axes[2].get_xlim() == (-1.0, 1.0)
    assert axes[3].get_xlim() == (-0.5, 0.5)
