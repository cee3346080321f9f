"""Studies of accuracy: cells, sentence and picture of rows written by hand."""

import pytest
from matplotlib.figure import Figure

from axmac.model.report import new_result, table_of
from axmac.model.report.forms import accuracies


def row(label, correct, **changes):
    found = {"label": label, "data": "mnist", "net": "lenet5", "arithmetic": "float32", "paper": None, "n": 200}
    found |= {"correct": correct, "accuracy": correct / 200, "interval": [correct / 200 - 0.03, correct / 200 + 0.01]}
    return found | {"change": None, "paper_change": None, "paired": None, "errors": None} | changes


def errors(mred, nmed):
    return {"pairs": 1000, "mred": 0.41, "ratio_of_means": 0.36, "nmed": 0.09, "larger": 0.957} | {
        "paper_mred": mred,
        "paper_nmed": nmed,
    }


def paired(first, second, p):
    return {"n": 200, "only_first": first, "only_second": second, "p": p / 2, "p_holm": p}


def result(with_errors=True):
    unit = {"arithmetic": "u (conv)", "paper": 0.9767, "change": -0.025, "paper_change": -0.0026}
    unit |= {"paired": paired(6, 1, 0.03), "errors": errors(0.33, 0.08) if with_errors else None}
    other = {"arithmetic": "v (all)", "change": 0.0, "paired": paired(2, 2, 1.0)}
    rows = [row("float32", 196, paper=0.9793), row("Ax-FPM", 191, **unit), row("other", 196, **other)]
    data = {"name": "mnist", "sha256": "0" * 64}
    about = {"name": "table8", "title": "Table 8", "quick": True, "form": "accuracies"}
    about["nets"] = [{"net": "lenet5", "seed": 0, "sha256": "0" * 64, "data": data}]
    return new_result("study", rows, seed=4, study=about, threads=1)


def test_accuracy_beside_the_paper():
    title, heads, rows = table_of(result())
    assert title == "Table 8 (quick), mnist, seed 4"
    assert {len(cells) for cells in rows} == {len(heads)}
    first, unit, other = (dict(zip(heads, cells, strict=True)) for cells in rows)
    assert (first["paper"], first["ours"], first["95 % interval"]) == ("97.93 %", "98.00 %", "95.0 to 99.0 %")
    assert (first["right"], first["less float32, points"], first["p"]) == ("196 of 200", "", "")
    assert (unit["arithmetic"], unit["less float32, points"], unit["paper's, points"]) == (
        "Ax-FPM: u (conv)",
        "-2.50",
        "-0.26",
    )
    assert (unit["only float32 right"], unit["only this right"], unit["p"]) == ("1", "6", "0.03")
    assert (other["paper"], other["less float32, points"], other["paper's, points"]) == ("", "+0.00", "")


def test_errors_by_both_definitions():
    _, (_, heads, rows) = accuracies.tables(result())
    assert len(rows) == 1
    cells = dict(zip(heads, rows[0], strict=True))
    assert (cells["MRED, paper"], cells["mean of ratios"], cells["ratio of means"]) == ("0.33", "0.41", "0.36")
    assert (cells["NMED, paper"], cells["NMED"], cells["larger than exact"]) == ("0.08", "0.09", "95.7 %")
    assert len(accuracies.tables(result(with_errors=False))) == 1


def test_what_came_of_it():
    said = "Table 8: of 2 networks beside float32, 1 differ from it in accuracy (McNemar, p < .05): "
    said += "Ax-FPM on mnist -2.50 points (paper -0.26)"
    assert accuracies.sentence(result(with_errors=False)) == said + "."
    figures = "MRED 0.410 as a mean of ratios and 0.360 as a ratio of means (paper 0.33), NMED 0.090 (0.08)"
    assert accuracies.sentence(result()) == f"{said}. Ax-FPM: {figures}."


def test_points_are_the_accuracies_and_marks_the_papers():
    figure, shown = Figure(), result()
    shown["rows"].append(row("float32", 160, data="cifar10", paper=0.81))
    accuracies.draw(shown, figure)
    assert [axis.get_title() for axis in figure.axes] == ["mnist", "cifar10"]
    expected = [[98, 95.5, 98], [80]], [[97.93, 97.67], [81]]
    for axis, ours, papers in zip(figure.axes, *expected, strict=True):
        assert list(axis.containers[0].lines[0].get_ydata()) == pytest.approx(ours)
        marks = next(line for line in axis.lines if line.get_label() == "paper")
        assert list(marks.get_ydata()) == pytest.approx(papers)
        assert list(marks.get_xdata()) == list(range(len(papers)))
    low, high = figure.axes[0].containers[0].lines[2][0].get_segments()[1][:, 1]
    assert (low, high) == pytest.approx((92.5, 96.5))


def test_rows_without_images_are_shown_as_such():
    empty = result()
    empty["rows"][2] |= {"n": 0, "correct": 0, "accuracy": None, "interval": None, "change": None}
    assert accuracies.tables(empty)[0][2][2][4:6] == ["n/a", "n/a"]
    assert "of 1 networks" in accuracies.sentence(empty)


def test_networks_with_references_of_their_own_are_told_apart():
    shown = result(with_errors=False)
    shown["rows"] = [
        changed | {"net": net, "label": "ACC" if changed["label"] == "float32" else changed["label"]}
        for net in ("lenet5", "lenet6")
        for changed in shown["rows"]
    ]
    _, heads, rows = table_of(shown)
    assert {"less ACC, points", "only ACC right"} <= set(heads)
    assert len(rows) == 6
    said = accuracies.sentence(shown)
    assert "of 4 networks beside ACC, 2 differ" in said
    assert "Ax-FPM on mnist, lenet6 -2.50 points" in said
    figure = Figure()
    accuracies.draw(shown, figure)
    assert [axis.get_title() for axis in figure.axes] == ["mnist, lenet5", "mnist, lenet6"]
