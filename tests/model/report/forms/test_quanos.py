"""Studies of QUANOS: cells, sentence and lines of the rows of planted results."""

import functools
from unittest import mock

import pytest
from quanos_results import planted, setting
from study_results import drawn, shown, study_result

from axmac.model.report.forms import form_of
from axmac.model.study.quanos import costs
from axmac.model.study.studies import quanos_vgg

WIDTHS = [9, 4, 5, 3, 3, 3, 4, 2, 4, 6, 9, 8, 9, 7, 7, 7]


def right(name, _run):
    """Of 50 that are right without attack QUANOS keeps 40, its rival of 7 bits 30, others 20."""
    return {"QUANOS": 40, "7-bit": 30}.get(name, 20)


@functools.cache
def result(*, measured=True):
    """With MACs of which 16 bits take 1, 8 bits .5 and 4 bits .25, or without any."""
    study = quanos_vgg.STUDY
    factors = {name: {16: 1.0, 8: 0.5, 4: 0.25} for name in ("standard", "DG", "DVAFS")} if measured else None
    with mock.patch.object(costs, "measured_factors", return_value=factors):
        return study_result("quanos", study.rows(setting(study), planted(study, WIDTHS, right)))


def table(title, **about):
    found = [(heads, rows) for name, heads, rows in shown(result(**about)) if title in name]
    assert len(found) == 1
    heads, rows = found[0]
    return {cells[0]: dict(zip(heads, cells, strict=True)) for cells in rows}


def test_claims_stand_first_and_a_page_has_no_curves():
    titles = [name for name, _, _ in shown(result())]
    assert "gains of QUANOS" in titles[0]
    assert len(titles) == 9
    assert [name for name, _, _ in form_of(result()).short(result())] == titles[:2]
    claims = table("gains of QUANOS")
    assert claims["QUANOS is more robust than 8 bits"]["held"] == "yes"
    assert claims["QUANOS takes a fifth of the memory of 8 bits"]["paper"].endswith("its own table says 1.8")


def test_networks_with_their_widths_beside_the_paper():
    rows = table("Networks: vgg19_q")
    assert list(rows)[:5] == ["16-bit", "8-bit", "7-bit (size of QUANOS)", "5-bit", "QUANOS"]
    own = rows["QUANOS"]
    assert own["widths"] == " ".join(map(str, WIDTHS))
    assert (own["accuracy, paper"], own["accuracy"], own["n"], own["change, p"]) == (
        "90.7 %",
        "83.3 %",
        "60",
        "+0.00, 1",
    )
    eight = rows["8-bit"]
    assert (eight["Gbit, paper"], eight["Gbit, paper's size"], eight["Gbit"]) == ("0.16", "0.16", "0.0025")


def test_energies():
    eight = table("Energy of an image")["8-bit"]
    configs = ("standard", "DG", "DVAFS")
    assert [eight[f"{config}, paper"] for config in configs] == ["0.75", "0.62", "0.47"]
    assert [eight[f"{config}, paper's size"] for config in configs] == ["0.753", "0.62", "0.47"]
    assert eight["DG, measured MAC"] == "0.733"  # .753 - 398 M x .875 pJ + 398 M x 1.65 pJ / 2
    assert table("Energy of an image", measured=False)["8-bit"]["DG, measured MAC"] == ""


def test_losses_after_adversarial_training_beside_the_paper():
    wide = table("Adversarial loss after adversarial training")["16-bit + FGSM"]
    assert wide["FGSM, paper"] == "10.6, 39.6, 54.0"
    assert wide["FGSM"] == "50.0, 50.0, 50.0"
    assert len(table("The strongest attack")) == 11


def test_losses_have_intervals_and_a_test():
    rows = next(rows for name, _, rows in shown(result()) if name.startswith("Adversarial loss in points"))
    assert len(rows) == 13
    assert rows[0][:3] == ["FGSM", "12.8 of 255", "60"]
    assert rows[0][7] == "16.7 (66.7 %, 54.1 to 77.3 %)"
    assert rows[0][-1] == "+16.67, 0.094"


def test_layers_and_the_tables_of_the_paper():
    layers = table("Adversarial noise sensitivity")
    assert list(layers)[:2] == ["features.0", "features.3"]
    assert [layers["features.3"][head] for head in ("QUANOS", "width", "width, paper")] == ["0.01", "4", "4"]
    rows = next(rows for name, _, rows in shown(result()) if name.startswith("The paper's tables"))
    assert ["QUANOS", "energy, mJ", "0.39", "0.517"] in rows


def test_what_came_of_it():
    said = form_of(result()).sentence(result())
    assert "3 epochs on 1,280 training images, the first 1 at 16 bits for QUANOS, seed 0" in said
    assert "QUANOS came out at 5.6 bits, 7 by memory" in said
    held, _, missed = said.partition("Not held:")
    assert "QUANOS is more robust than 8 bits" in held
    assert "QUANOS takes a fifth of the memory of 8 bits" in missed
    assert "is measured" not in said
    assert "No MAC is measured: run `axmac precision`" in form_of(result(measured=False)).sentence(
        result(measured=False)
    )


def test_pictures():
    axes = drawn(result())
    assert len(axes) == 4
    assert [len(axis.lines) for axis in axes] == [3, 16, 5, 5]
    assert axes[2].lines[4].get_ydata() == pytest.approx([100 * 10 / 60] * 9)
    assert axes[2].lines[4].get_color() == "k"
