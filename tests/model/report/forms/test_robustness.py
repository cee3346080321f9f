"""Studies of robust accuracy: cells, sentence and lines of rows written by hand."""

import pytest
from study_results import drawn, shown, study_result

from axmac.model.attack.intervals import wilson
from axmac.model.report.forms import form_of


def curve(right, n, gained=None, lost=None, p=None):
    """At eps 0 and .1; ``right`` at .1, all at 0."""
    found = {"right": [n, right], "interval": [wilson(n, n), wilson(right, n)]}
    return found | {"gained": [None, gained], "lost": [None, lost], "p": [None, p], "p_holm": [None, p]}


def row(source, norm, n, curves, claims=()):
    about = {
        "source": source,
        "attack": "PGD",
        "norm": norm,
        "method": f"pgd {norm}",
        "settings": {},
        "accurate": "ACC",
    }
    return about | {"eps": [0, 0.1], "n": n, "curves": curves, "claims": list(claims)}


def result():
    """Ten images of float32 and int8, four of the others; one clear gain, one clear loss where a gain is claimed."""
    claim = {"unit": "DR3", "eps": 0.1, "paper": 1.5625}
    rows = []
    for source, n in (("float32", 10), ("int8", 10), ("white-box", 4), ("strongest", 4)):
        first = {"float32": curve(1, n)} if source == "float32" else {}
        gain = (7, 1, 0.01) if source == "float32" else (1, 1, 1.0)
        loss = (0, 3, 0.04) if source == "int8" else (1, 2, 0.5)
        rows.append(row(source, "linf", n, {**first, "ACC": curve(2, n), "DR3": curve(3, n, *gain)}, [claim]))
        rows.append(row(source, "l2", n, {**first, "ACC": curve(3, n), "DR3": curve(2, n, *loss)}, [claim]))
    return study_result("robustness", rows)


def test_units_by_source():
    tables = shown(result())
    assert len(tables) == 2 + 8
    _, heads, rows = tables[0]
    cells = [dict(zip(heads, cells, strict=True)) for cells in rows]
    assert [one["unit"] for one in cells] == ["float32", *["ACC", "DR3"] * 4]
    float32, int8 = cells[2], cells[4]
    assert (float32["images"], float32["right without attack"]) == ("10 made on float32", "100.0 %")
    assert (float32["compared with exact int8"], float32["better"], float32["worse"]) == ("2", "1", "0")
    assert (float32["mean, points"], float32["largest gain"]) == ("+25.00", "+60.00: PGD L-inf, eps 0.1")
    assert float32["largest loss"] == "-10.00: PGD L2, eps 0.1"
    assert (int8["better"], int8["worse"], int8["largest loss"]) == ("0", "1", "-30.00: PGD L2, eps 0.1")
    assert cells[0]["better"] == ""


def test_claims_of_the_paper_stand_beside_ours():
    _, heads, rows = shown(result())[1]
    assert [cells[2] for cells in rows] == ["L-inf", "L2"]
    assert rows[0][:8] == ["DR3", "PGD", "L-inf", "0.1", "+1.56", "20.0 %, 30.0 %", "+60.00", "0.01"]
    assert rows[0][8:11] == ["20.0 %, 30.0 %", "+0.00", "1"]
    assert len(heads) == 5 + 4 * 3


def test_curves_have_intervals():
    title, heads, rows = shown(result())[2]
    assert "PGD, L-inf, made on float32, 10 images" in title
    assert heads == ["eps", "float32", "ACC", "DR3"]
    assert rows[1] == ["0.1", "10.0 % (1.8 to 40.4 %)", "20.0 % (5.7 to 51.0 %)", "30.0 % (10.8 to 60.3 %)"]


def test_what_came_of_it():
    said = form_of(result()).sentence(result())
    assert "made on float32 (10 images): of 2 comparisons with exact int8 1 are better and 0 worse" in said
    assert "at most +60.00 points (DR3, PGD L-inf, eps 0.1), at least -10.00 points (DR3, PGD L2, eps 0.1)" in said
    assert "made on exact int8 (10 images): of 2 comparisons with exact int8 0 are better and 1 worse" in said
    assert said.endswith("tried on each kind of images, 1 of 8 are there beyond chance.")


def test_a_line_is_a_unit_whatever_the_panel():
    axes = drawn(result())
    assert len(axes) == 3 * 2
    colours = [{line.get_label(): line.get_color() for line in axis.lines} for axis in axes]
    assert [len(found) for found in colours] == [3, 3, 2, 2, 2, 2]
    assert all(found["DR3"] == colours[0]["DR3"] and found["ACC"] == "k" for found in colours)
    assert axes[0].lines[2].get_ydata() == pytest.approx([100, 30])
    assert axes[2].get_title() == "PGD, L-inf, made on each network itself"
