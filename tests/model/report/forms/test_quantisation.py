"""Examples of float32 shown to quantised networks: cells, sentence and picture of rows written by hand."""

from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from axmac.model.report import new_result, table_of
from axmac.model.report.forms import quantisation

COLUMNS = ("Ax-FPM", "4-bit", "other seed")


def rate(k2):
    interval = None if k2 is None else [k2 / 50, k2 / 20]
    share = None if k2 is None else k2 / 40
    return {"n": 50, "k1": 40, "k2": k2, "source_rate": 0.8, "rate": share, "interval": interval}


def row(attack, paper, counts, p_values):
    shown = dict(zip(COLUMNS, counts, strict=True))
    margins = {name: {"1": rate(k2)["rate"], "1.5": rate(k2)["rate"] and 1.0} for name, k2 in shown.items()}
    return {
        "attack": attack,
        "images": 100,
        "settings": {"steps": 50},
        "published_settings": {"steps": 5000},
        "paper": dict(zip(COLUMNS, paper, strict=False)),
        "minimal": {name: rate(k2) for name, k2 in shown.items()},
        "margins": margins,
        "paired": {name: {"p_holm": p} for name, p in zip(COLUMNS[1:], p_values, strict=True)},
    }


def result(last=20):
    rows = [row("fgsm", (0.38, 0.6), (10, 30, 20), (1e-6, 0.04)), row("cw", (0.12, 0.65), (5, 15, last), (0.5, 1))]
    data = {"name": "cifar10", "sha256": "0" * 64}
    about = {"name": "table5", "title": "Table 5", "quick": False, "form": "quantisation"}
    about["nets"] = [{"net": "alexnet", "seed": 0, "sha256": "0" * 64, "data": data}]
    return new_result("study", rows, seed=0, study=about, threads=1)


def test_columns_of_the_paper_beside_ours():
    title, heads, rows = table_of(result())
    assert title == "Table 5, cifar10, seed 0"
    assert heads[4:] == ["Ax-FPM, paper", "ours", "95 % interval", "4-bit, paper", "ours", "95 % interval"]
    start = ["fgsm", "100", "50, 5000", "80.0 %"]
    unit = ["38.0 %", "25.0 % (10 of 40)", "20.0 to 50.0 %"]
    assert rows[0] == [*start, *unit, "60.0 %", "75.0 % (30 of 40)", "60.0 to 150.0 %"]
    assert len(rows) == 2


def test_other_columns_with_their_tests():
    _, (_, heads, rows), _ = quantisation.tables(result())
    assert heads == ["attack", "Ax-FPM", "4-bit", "p", "other seed", "p"]
    cells = ["25.0 % (10 of 40)", "75.0 % (30 of 40)", "< .0001", "50.0 % (20 of 40)", "0.04"]
    assert rows[0] == ["fgsm", *cells]


def test_margins_by_attack_and_column():
    _, _, (_, heads, rows) = quantisation.tables(result())
    assert heads == ["attack", "shown to", "times 1", "times 1.5"]
    assert rows[1] == ["fgsm", "4-bit", "75.0 %", "100.0 %"]
    assert [cells[:2] for cells in rows] == [[attack, name] for attack in ("fgsm", "cw") for name in COLUMNS]


def test_what_came_of_it():
    """Means over attacks: ours 18.75 % and 56.25 %, a ratio of 3; the paper's 25 and 62.5, 2.5."""
    assert quantisation.sentence(result()) == (
        "Table 5: of the smallest perturbations of float32, these transfer: Ax-FPM 12.5 % to 25.0 %; 4-bit 37.5 % to "
        "75.0 %; other seed 50.0 %. 4-bit lets 3.0 times as many through as Ax-FPM (paper 2.5), means over attacks."
    )


def test_nothing_to_count():
    none = result()
    none["rows"][1] = row("cw", (0.12, 0.65), (None, None, None), (1, 1))
    assert quantisation.tables(none)[0][2][1][5] == "n/a"
    assert "times as many" not in quantisation.sentence(none)
    quantisation.draw(none, Figure())


def test_bars_and_curves():
    figure = Figure()
    quantisation.draw(result(), figure)
    left, right = figure.axes
    fgsm = [38, 25, 60, 75, 50]
    assert [bar.get_height() for bar in left.patches] == pytest.approx([*fgsm, 12, 12.5, 65, 37.5, 50])
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in left.patches]
    assert all(end <= start + 1e-9 for (_, end), (start, _) in pairwise(ends))
    assert [list(line.get_ydata()) for line in right.lines] == [[18.75, 100], [56.25, 100], [50, 100]]
    assert [text.get_text() for text in left.get_legend().get_texts()] == list(COLUMNS)
