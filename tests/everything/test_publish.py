import json

import pytest
from shown import attack_study, cost_row, search_result

from axmac.model.report import load, new_result, save
from axmac.model.report.page import marks
from axmac.model.report.precision import energy_shares
from axmac.model.spec import InputError
from axmac.model.study.quanos.measured import measured_factors
from everything.publish import publish
from everything.step import ROOT

ROW = {"subject": "some_unit", "kind": "unit", "statements": 3, "proven": 3}


def test_the_result_is_copied_and_the_readme_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("\n".join(["# Title", *marks("verification"), "end\n"]))
    path = save(new_result("verification", [ROW], seed=1), tmp_path / "result.json")
    publish(path, tmp_path)
    assert json.loads((tmp_path / "docs" / "verification.json").read_text()) == json.loads(path.read_text())
    page = readme.read_text()
    assert "| some_unit | 3 of 3 statements |" in page
    publish(path, tmp_path)
    assert readme.read_text() == page


@pytest.mark.parametrize(
    "result", [new_result("verification", [ROW], seed=1, alarms=("failed: x",)), new_result("regress", [ROW], seed=1)]
)
def test_what_did_not_pass_is_refused(result, tmp_path):
    path = save(result, tmp_path / "result.json")
    with pytest.raises(
        InputError,
        match="run make verify-all or make bench or make studies or make costs or make search or axmac precision until",
    ):
        publish(path, tmp_path)
    assert not (tmp_path / "docs").exists()


def test_a_study_rewrites_its_block_and_that_of_all_studies(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("\n".join(["# Title", *marks("studies"), *marks("study-table2"), "end\n"]))
    path = save(attack_study(alarms=("falling_loss: made up",)), tmp_path / "study-table2.json")
    path.with_suffix(".png").write_bytes(b"picture")
    publish(path, tmp_path)
    folder = tmp_path / "docs" / "studies"
    assert {file.name for file in folder.iterdir()} == {"table2.json", "table2.png"}
    page = readme.read_text()
    outcome = "the paper's rate lies in our 95 % interval for 1 of 3 attacks and below it for 2"
    assert page.count(outcome) == page.count("Alarm: falling_loss: made up.") == 2
    assert "| fgsm | 20 | 12 % | 50.0 % | 40.0 to 60.0 % | 95.0 % | 75.0 % | 20.0 % | 100.0 % |" in page
    other = attack_study()
    other["study"]["name"] = "other"
    publish(save(other, tmp_path / "other.json"), tmp_path)
    assert readme.read_text().count(outcome) == 3
    full = attack_study()
    full["study"]["quick"] = False
    publish(save(full, path), tmp_path)
    kept, page = (folder / "table2.json").read_bytes(), readme.read_text()
    publish(save(attack_study(), path), tmp_path)
    assert ((folder / "table2.json").read_bytes(), readme.read_text()) == (kept, page)


def test_costs_are_published_by_table(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("\n".join([*marks("ppa-table7"), "end\n"]))
    costs = new_result("ppa", [cost_row("small", 1.0, 2.0, 3.0), cost_row("exact", 2.0, 2.0, 4.0)], seed=0)
    publish(save(costs, tmp_path / "ppa-table7.json"), tmp_path)
    page = readme.read_text()
    assert "| small | exact | 0.500 | 1.000 | 0.750 | 0.750 |  |  |" in page
    publish(save(costs, tmp_path / "ppa-all.json"), tmp_path)
    assert readme.read_text() == page
    assert {path.name for path in (tmp_path / "docs").iterdir()} == {"ppa-table7.json", "ppa-all.json"}


def test_searches_are_published_with_their_pictures(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("\n".join([*marks("search-a"), "end\n"]))
    for name in ("search-a", "search-b"):
        (tmp_path / f"{name}.png").write_bytes(name.encode())
        publish(save(search_result(), tmp_path / f"{name}.json"), tmp_path)
    assert readme.read_text().count("a mixed assignment (conv s8_exact, fc s8_scaletrim_h3_m0: 45.00 uJ") == 1
    files = {path.name: path.read_bytes() for path in (tmp_path / "docs").glob("*.png")}
    assert files == {"search-a.png": b"search-a", "search-b.png": b"search-b"}
    assert sorted(path.name for path in (tmp_path / "docs").glob("*.json")) == ["search-a.json", "search-b.json"]


def test_energies_of_macs_that_studies_read_are_those_published():
    result = load(ROOT / "docs" / "precision.json")
    shares = energy_shares(result)
    factors = measured_factors()
    assert factors == {"standard": shares["mac16_standard"], "DG": shares["mac16_dg"], "DVAFS": shares["mac16_dvafs"]}
    assert all(sorted(of_width) == list(range(1, 17)) for of_width in factors.values())
    assert factors["standard"][16] == 1.0
