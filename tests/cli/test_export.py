"""Units as files for other tools: what is written is read back as the same multiplier."""

import numpy as np
import pytest
from imported import keep, random_table

from axmac.cli.main import main


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))
    monkeypatch.chdir(tmp_path)


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def test_npy_holds_values_by_pattern(capsys, tmp_path):
    status, out, _ = run(capsys, "export", "s8_exact", "--as", "npy", "--out", "some")
    assert (status, out) == (0, "some/s8_exact.npy\n")
    table = np.load(tmp_path / "some" / "s8_exact.npy", allow_pickle=False)
    values = np.r_[0:128, -128:0]
    assert table.dtype == np.int16
    np.testing.assert_array_equal(table, np.outer(values, values))


@pytest.mark.parametrize("unit", ["u8_drum_k4", "s8_scaletrim_h4_m8", "tiny"])
def test_round_trip_through_every_form(unit, capsys):
    keep("tiny", random_table(4), signed=True)
    signed = [] if unit.startswith("u") else ["--signed"]
    assert run(capsys, "export", unit, "--as", "npy", "-o", ".")[0] == 0
    assert run(capsys, "export", unit, "--as", "c", "-o", ".")[0] == 0
    width = [] if unit != "tiny" else ["--width", "4"]
    from_c = ["--c", f"{unit}.h", "--function", f"{unit}_multiply", *width]
    for words in (["--table", f"{unit}.npy"], from_c):
        status, out, err = run(capsys, "import", *words, *signed, "--agree", unit)
        assert (status, err) == (0, "")
        assert f"and {unit} agree on all" in out


def test_verilog_is_what_emit_writes(capsys, tmp_path):
    assert run(capsys, "export", "u4_exact", "--as", "v", "-o", "one")[0] == 0
    assert run(capsys, "emit", "u4_exact", "-o", "two")[0] == 0
    assert (tmp_path / "one" / "u4_exact.v").read_bytes() == (tmp_path / "two" / "u4_exact.v").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ax_fpm", "--as", "c"], "multiplies floats"),
        (["u8_exact", "--as", "h"], "--as must be one of v, c, npy, not 'h'"),
        (["u12_exact", "--as", "c"], "u12_exact has 12 bits: a C header is written up to 8"),
        (["u8_exact", "--as", "npy", "-o", "file"], "file: cannot be made a folder"),
    ],
)
def test_wrong_input(words, message, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    status, out, err = run(capsys, "export", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
