"""Smallest perturbations: differences and ratios with intervals beside the paper, pairs in the picture."""

from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of


def result():
    difference = {"value": 0.5, "interval": [0.25, 0.75]}
    ratio = {"value": 1.5, "interval": [1.25, 1.75]}
    found = {"n": 2, "first": 1.0, "second": 1.5, "difference": difference, "ratio": ratio}
    mse = found | {"values": [[0.5, 1.5], [1.0, 2.0]], "paper": {"ratio": 3.0}}
    psnr = found | {"values": [[20.0, 10.0], [15.0, 12.0]], "paper": {"difference": -7.8}}
    row = {"name": "unit", "right": 5, "fooled": [5, 4], "measures": {"mse": mse, "psnr": psnr}}
    none = {"n": 0, "first": None, "second": None, "difference": None, "ratio": None, "values": [[], []]}
    empty = row | {"name": "nobody", "measures": {"mse": none | {"paper": {"ratio": 3.0}}, "psnr": psnr}}
    return study_result("perturbations", [row, empty])


def test_ours_stands_beside_the_paper():
    ((_, _, rows),) = shown(result())
    assert rows[0] == [
        *("unit", "MSE", "5, 4 of 5", "2", "1", "1.5"),
        *("0.5 (0.25 to 0.75)", "1.5 (1.25 to 1.75)", "ratio 3"),
    ]
    assert rows[1][-3:] == ["0.5 (0.25 to 0.75)", "", "difference -7.8"]
    assert rows[2][3:] == ["0", "n/a", "n/a", "n/a", "n/a", "ratio 3"]


def test_the_sentence_has_the_measure_that_the_paper_prints():
    words = form_of(result()).sentence(result())
    assert "unit: MSE ratio 1.5 (1.25 to 1.75) over 2 images (paper: 3)" in words
    assert "PSNR in dB difference 0.5 (0.25 to 0.75) over 2 images (paper: -7.8)" in words


def test_pairs_are_points_with_float32_across():
    left, right = drawn(result())
    assert [list(data) for data in left.lines[0].get_data()] == [[0.5, 1.5], [1.0, 2.0]]
    assert [list(data) for data in right.lines[0].get_data()] == [[20.0, 10.0], [15.0, 12.0]]
    assert (left.get_xscale(), right.get_xscale()) == ("log", "linear")
    assert list(left.lines[-1].get_xdata()) == [0.5, 2.0]
