"""Searches as tables, sentences, pictures and a chapter, from rows made up by hand."""

import copy

import pytest
from jsonschema import ValidationError
from matplotlib.figure import Figure
from shown import ASSIGNED, EXACT, SEARCHED, TRIM, assigned, search_result

from axmac.model.report import markdown, new_result, tables_of
from axmac.model.report.figures import draw_assignments
from axmac.model.report.html import html_page
from axmac.model.report.search import draw_search, search_sentence, search_table
from axmac.model.report.tables import blocks_of


def test_the_table_has_a_row_an_assignment_and_says_what_was_done():
    title, heads, rows = search_table(search_result())
    assert tables_of(search_result()) == [(title, heads, rows)]
    for part in ("3 of 4 assignments of 2 units to 2 layers", "searched on images 0:100", "figures of images 100:200"):
        assert part in title
    assert "fgsm, eps 0.1, crafted on s8_exact in all layers" in title
    assert "scaleTRIM as axmac reconstructed it" in title
    assert rows[0][:5] == ["1", f"{TRIM} in all layers", "15.00", "50.00 %", "45.0 to 55.0 %"]
    assert rows[1][:5] == ["2", f"conv {EXACT}, fc {TRIM}", "45.00", "95.00 %", "90.0 to 100.0 %"]
    assert rows[1][5:] == ["40.00 %", "35.0 to 45.0 %", "front, meets, chosen"]
    assert all(len(cells) == len(heads) for cells in rows)


def test_many_layers_are_counted():
    rows = copy.deepcopy(ASSIGNED)
    rows[1]["units"] = {f"layer{place}": TRIM if place % 3 else EXACT for place in range(10)}
    assert search_table(search_result(rows))[2][1][1] == f"{TRIM} in 6 layers, {EXACT} in 4 layers"


def test_the_sentence_is_that_of_the_rows():
    cheaper = assigned((TRIM, EXACT), 20e6, 40, 20, meets=False)
    worse = assigned((TRIM, EXACT), 21e6, 84, 20)
    said = search_sentence(search_result([cheaper, worse, *ASSIGNED]))
    assert f"a mixed assignment (conv {EXACT}, fc {TRIM}: 45.00 uJ, 95.00 % right, 40.00 % robust) takes 25.0 %" in said
    assert f"less energy than the best homogeneous one, {EXACT} in all layers: 60.00 uJ, 95.00 % right" in said
    assert "beats 1 of 2 homogeneous assignments" in said
    assert said.endswith(
        f"its accuracy is not told apart from that of {EXACT} in all layers: 60.00 uJ, 95.00 % right, 30.00 % robust."
    )
    rows = [dict(one, chosen=place == 0) for place, one in enumerate(ASSIGNED)]
    rows[0]["meets"] = True
    said = search_sentence(search_result(rows))
    assert "no mixed assignment that is as accurate takes less energy than the best homogeneous one" in said
    assert f"one, {TRIM} in all layers: 15.00 uJ" in said
    assert f"its accuracy is below that of {EXACT} in all layers" in said
    assert blocks_of(search_result(rows)) == markdown(search_table(search_result(rows))) + "\n" + said + "\n"


@pytest.mark.parametrize(
    ("energy", "accuracy", "robust", "count"), [(60e6, 95, 30, 0), (60e6, 95, 31, 1), (61e6, 99, 99, 0)]
)
def test_equal_is_not_better(energy, accuracy, robust, count):
    rows = [*ASSIGNED[:1], assigned((EXACT, TRIM), energy, accuracy, robust, chosen=True), ASSIGNED[3]]
    assert f"beats {count} of 2 homogeneous assignments" in search_sentence(search_result(rows))


def test_the_picture_has_both_goals_and_names_homogeneous_assignments(tmp_path):
    figure = Figure(layout="constrained")
    draw_search(search_result(), figure)
    figure.canvas.draw()
    accuracy, robust = figure.axes
    assert [axis.get_ylim()[0] for axis in figure.axes] == [85, 20]
    assert accuracy.get_xlabel().endswith("; 1 below the picture")
    assert "below" not in robust.get_xlabel()
    assert [sorted(text.get_text() for text in axis.texts) for axis in figure.axes] == [[EXACT, TRIM]] * 2
    assert [list(axis.lines[0].get_xdata()) for axis in figure.axes] == [[15, 45], [15, 45]]
    assert list(accuracy.lines[0].get_ydata()) == [50, 95]
    assert list(robust.lines[0].get_ydata()) == [20, 40]
    star = next(line for line in accuracy.lines if line.get_label() == "chosen")
    assert (list(star.get_xdata()), list(star.get_ydata())) == ([45], [95])
    assert draw_assignments(search_result(), tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_has_a_chapter_with_the_sentence_and_the_table():
    text = html_page({"search-a": search_result()}, {})
    places = [text.index(mark) for mark in ("id='search'", "a mixed assignment", "id='search-a'", "<caption>")]
    assert places == sorted(places)
    assert "id='search'" not in html_page(
        {
            "x": new_result(
                "train",
                [{"epoch": 1, "loss": 1, "accuracy": 1}],
                seed=0,
                net={"name": "a", "sha256": "0" * 64},
                data={"name": "d", "sha256": "0" * 64, "indices": "0:1"},
            )
        },
        {},
    )


def test_a_search_needs_what_was_searched_and_nothing_else_has_it():
    with pytest.raises(ValidationError):
        new_result("search", ASSIGNED, seed=0)
    with pytest.raises(ValidationError):
        new_result("train", [{"epoch": 1, "loss": 1, "accuracy": 1}], seed=0, search=SEARCHED)
    with pytest.raises(ValidationError):
        new_result("search", [{"units": {}}], seed=0, search=SEARCHED)
