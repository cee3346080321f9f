"""The command line as a person meets it: one clear line and status 2 for wrong input, help with an example."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from refusals import assert_refused

from axmac.cli.main import main
from axmac.model.spec import catalog

VERBS = (
    "list",
    "emit",
    "verify",
    "mul",
    "errors",
    "explore",
    "check-vectors",
    "mutate",
    "regress",
    "coverage",
    "train",
    "eval",
    "replay",
    "attack",
    "search",
    "report",
)


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb, capsys):
    status, out, _ = run(capsys, verb, "--help")
    assert status == 0
    assert f"Example: axmac {verb}" in " ".join(out.replace("│", " ").split())


def test_mul_prints_patterns_product_exact_product_and_stages(capsys):
    status, out, _ = run(capsys, "mul", "ax_fpm", "0.856", "0.471")
    assert status == 0
    for part in (
        "0x3f5b22d1",
        "0x3ef126e9",
        "0x3eda273c",
        "0.426080584526062",
        "0.40317599",
        "tiles a[5]",
        "normalise",
    ):
        assert part in out


@pytest.mark.parametrize(
    ("a", "b", "bits"),
    [
        ("-1", "-0.5", "0x3f800000"),
        ("1", "-0", "0x80000000"),
        ("inf", "-2", "0xff800000"),
        ("nan", "1", "0x7fc00000"),
        ("-inf", "0", "0x7fc00000"),
        ("0x3f800000", "0x3f800000", "0x40000000"),
        ("1e-50", "1", "0x00000000"),
        ("1e999999999", "1", "0x7f800000"),
        ("+1.5e0", "1", "0x40400000"),
    ],
)
def test_mul_takes_decimals_specials_and_patterns(a, b, bits, capsys):
    status, out, _ = run(capsys, "mul", "ax_fpm", a, b, "--json")
    assert status == 0
    assert json.loads(out)["product"]["bits"] == bits


def test_mul_of_bfloat16_rounds_its_operands(capsys):
    _, out, _ = run(capsys, "mul", "bf16_array_ama5_t4", "0.856", "0.471", "--json")
    report = json.loads(out)
    assert (report["activation"]["bits"], report["weight"]["bits"]) == ("0x3f5b", "0x3ef1")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mul", "ax_fpn", "1", "2"], "unknown unit 'ax_fpn'"),
        (["mul", "fp32_array_ama5_t5", "1", "2"], "tile 5 does not divide"),
        (["mul", "ax_fpm", "one", "2"], "one: is no number"),
        (["mul", "ax_fpm", "0x123456789", "2"], "more than the 32 bits"),
        (["mul", "ax_fpm", "1"], "Missing argument"),
        (["errors", "ax_fpm", "--n", "0"], "Invalid value for '--n'"),
        (["errors", "ax_fpm", "--low", "2"], "range must be"),
        (["errors", "ax_fpm", "--low", "-1e200", "--high", "1e200"], "within float32"),
        (["mul", "ax_fpm", "1_0", "2"], "1_0: is no number"),
        (["mul", "ax_fpm", "0x1_0", "2"], "0x1_0: is no number"),
        (["mul", "e11f23_plain", "1", "2"], "at most 32 bits"),
        (["mul", "fp32_array_ama5_t" + "9" * 5000, "1", "2"], "unknown unit"),
        (["train", "lenet5", "--seed", "99999999999999999999"], "Invalid value for '--seed'"),
        (["emit"], "name the units to emit"),
        (["emit", "nothing"], "unknown unit 'nothing'"),
        (["emit", "ax_fpm", "--stages", "99"], "stages"),
        (["verify", "ax_fpm", "--sim", "modelsim"], "modelsim"),
        (["report", "/nowhere"], "is no folder"),
        (["nonsense"], "No such command 'nonsense'"),
        (["errors", "ax_fpm", "--nonsense"], "No such option"),
    ],
    ids=lambda value: "_".join(value)[:60] if isinstance(value, list) else "",
)
def test_wrong_input_gives_one_line_and_status_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(run(capsys, *words), message)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(capsys, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    status, _, err = run(capsys, "errors", "ax_fpm", "--n", "10", "--out", tmp_path / "file")
    assert status == 2
    assert str(tmp_path / "file") in err


def test_list_is_the_catalog(capsys):
    _, out, _ = run(capsys, "list", "--json")
    entries = json.loads(out)
    assert [entry["id"] for entry in entries] == list(catalog)
    _, table, _ = run(capsys, "list")
    assert all(name in table for name in (*catalog, "ax_fpm"))


def test_errors_writes_what_it_prints(capsys, tmp_path):
    status, out, _ = run(capsys, "errors", "ax_fpm", "--n", "2000", "--seed", "5", "--json", "--out", tmp_path)
    assert status == 0
    written = json.loads((tmp_path / "errors-fp32_array_ama5_t4.json").read_text(encoding="utf-8"))
    assert json.loads(out) == written
    assert written["seed"] == 5


def test_report_prints_the_tables_of_a_folder(capsys, tmp_path):
    run(capsys, "errors", "ax_fpm", "--n", "2000", "--out", tmp_path)
    status, out, _ = run(capsys, "report", tmp_path)
    assert status == 0
    assert "ratio_of_means" in out
    assert "| nmed |" in (tmp_path / "tables.md").read_text(encoding="utf-8")


def test_the_installed_command_runs():
    command = Path(sys.executable).with_name("axmac")
    done = subprocess.run([command, "list"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "fp32_array_ama5_t4" in done.stdout
