import json

import pytest

from axmac.cli.main import main


def status(*words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return stop.value.code


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def test_one_unit(tmp_path, capsys):
    assert (
        status("regress", "bf16_array_ama5_t4", "--sim", "icarus", "--n", "100", "--seed", "4", "--out", str(tmp_path))
        == 0
    )
    row = json.loads((tmp_path / "regress.json").read_text())["rows"][0]
    assert row["passed"]
    assert row["command"] == "axmac verify bf16_array_ama5_t4 --sim icarus --n 10 --seed 4"
    assert (tmp_path / "junit.xml").exists()
    assert "seed 4: 0 of 1 failed" in capsys.readouterr().out


def test_mutants_of_one_unit_as_a_page(tmp_path):
    page = tmp_path / "mutants.md"
    words = ["--n", "2000", "--out", str(tmp_path), "--table", str(page)]
    assert status("mutate", "bf16_booth", *words) == 0
    result = json.loads((tmp_path / "mutate-bf16_booth.json").read_text())
    killed = result["rows"][0]["killed"]
    assert result["alarms"] == []
    assert killed == len(result["rows"][0]["mutants"])
    cells = [cell.strip() for cell in page.read_text().splitlines()[-2].split("|")]
    assert cells[1] == "bf16_booth"
    assert cells[-5:-2] == [str(killed), "0", "0"]


@pytest.mark.parametrize(
    "words", [["mutate"], ["coverage"], ["mutate", "--all", "ax_fpm"], ["regress", "nope"], ["mutate", "mac8_dvfas"]]
)
def test_bad_input(words):
    assert status(*words) == 2
