"""Precision-scalable MACs on the command line: emitted, listed, refused."""

import json

import pytest

from axmac.cli.main import main
from axmac.model.spec import SCALABLE_DESIGNS


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([*map(str, words)])
    out, err = capsys.readouterr()
    return stop.value.code, out, err


def test_macs_and_arrays_are_emitted(capsys, tmp_path):
    status, out, _ = run(capsys, "emit", "mac8_dvafs", "mac8_dg_g4", "u4_exact", "--out", tmp_path)
    assert not status
    for name in ("mac8_dvafs", "mac8_dg_g4"):
        assert json.loads((tmp_path / f"{name}.json").read_text())["spec"]["id"] == name
    assert len(out.splitlines()) == 3
    words = ("--mul", "mac8_dvafs", "--rows", 2, "--cols", 3)
    status, out, _ = run(capsys, "emit", "systolic", *words, "--out", tmp_path)
    assert not status
    assert (tmp_path / "systolic_mac8_dvafs_ws_2x3.v").exists()


def test_the_list_has_them(capsys):
    _, out, _ = run(capsys, "list")
    assert all(spec.id in out for spec in SCALABLE_DESIGNS)
    assert "1 x 16, 2 x 8, 4 x 4" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mac8_dvafs", "--stages", "2"], "mac8_dvafs is emitted without --stages and --bundle"),
        (["mac8_dvas"], "unknown MAC 'mac8_dvas': use mac8_ or mac16_ and standard, dg, dvafs"),
        (["systolic", "--mul", "mac8_dg", "--dataflow", "os"], "an array of mac8_dg is weight-stationary"),
    ],
)
def test_what_they_refuse(words, message, capsys, tmp_path):
    status, _, err = run(capsys, "emit", *words, "--out", tmp_path / "out")
    assert status == 2
    assert message in " ".join(err.split())
    assert not (tmp_path / "out").exists()
