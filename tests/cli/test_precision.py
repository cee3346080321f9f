"""``axmac precision``: energy by precision, found again; one line for wrong input; no figure for a wrong netlist."""

import pytest
from small_library import small_liberty

from axmac.cli.main import main
from axmac.gen import mapping
from axmac.model.report import load


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([*map(str, words)])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_energy_falls_with_the_bits_of_a_layer(tmp_path, capsys, monkeypatch):
    library = small_liberty(tmp_path, register=True)
    words = ("precision", "mac8_standard", "--liberty", library, "--n", 1000, "--workers", 1)
    words += ("--work", tmp_path / "work", "--out", tmp_path / "out")
    status, out, err = run(capsys, *words)
    assert status == 0, err
    result = load(tmp_path / "out" / "precision-mac8_standard.json")
    assert (tmp_path / "out" / "precision-mac8_standard.png").read_bytes().startswith(b"\x89PNG")
    rows = result["rows"]
    assert [(row["bits"], row["precision"], row["lanes"]) for row in rows] == [(bits, 8, 1) for bits in range(8, 0, -1)]
    for row in rows:
        assert row["checked"] == {"vectors": 1024, "mismatches": 0, "first": ""}
        assert row["products"] == 63 * 16
        spent = row["energy"]
        assert spent["total"] == pytest.approx(spent["switching"] + spent["internal"] + spent["leakage"])
        assert row["scaled"] == {"voltage": 1.0, "frequency": 1.0, "energy": pytest.approx(spent["total"])}
    assert rows[-1]["energy"]["total"] < 0.8 * rows[0]["energy"]["total"]

    def fail(*_):
        raise AssertionError("Yosys was called again")

    monkeypatch.setattr(mapping, "run_mapping", fail)
    assert run(capsys, *words)[:2] == (0, out)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("mac9_dg",), "unknown MAC 'mac9_dg'"),
        ((), "energy needs a library: name a Liberty file with --liberty or AXMAC_LIBERTY"),
    ],
)
def test_wrong_input_is_one_line(tmp_path, capsys, monkeypatch, words, line):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    status, out, err = run(capsys, "precision", *words, "--work", tmp_path / "work")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert line in err
