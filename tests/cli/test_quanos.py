"""``axmac quanos`` from the words to the files, and misuse."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hybrid_runs import LAYERS, mini, name_it
from refusals import assert_refused

from axmac.cli.main import main
from axmac.model.nn import checkpoint
from axmac.model.report import load, tables_of
from axmac.model.study.quanos.energy import energy, layers_of, same_size

TESTS = Path(__file__).resolve().parents[1]
WORDS = ("quanos", "mini", "--data", "digits", "--epochs", "3", "--n", "60")
NAME = "quanos-mini-digits-quanos16-seed0"
KILLED = """
import sys, time
import hybrid_runs
from axmac.cli.main import main
from axmac.model.nn import training

def slow(*arguments):
    time.sleep(1.5)
    return quick(*arguments)

hybrid_runs.name_it()
quick, training._epoch = training._epoch, slow
main(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def named():
    name_it()


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def without_times(path):
    return {name: value for name, value in load(path).items() if name not in ("commit", "dirty")}


def test_prints_layers_and_accuracies_and_goes_on_after_a_kill(tmp_path, capsys):
    status, out, err = run(capsys, *WORDS, "--out", tmp_path / "whole")
    assert status == 0, err
    result = load(tmp_path / "whole" / f"{NAME}.json")
    about, rows = result["quanos"], result["rows"]
    assert tuple(row["layer"] for row in rows) == LAYERS
    assert all(row["bits"] == 16 - round(16 * row["ans"]) for row in rows)
    assert (about["warmup_epochs"], about["epochs"], about["iterations"], len(about["loss"])) == (1, 3, 1, 3)
    clean, fgsm, pgd = about["measured"]
    assert [row["images"] for row in about["measured"]] == ["clean", "fgsm", "pgd"]
    assert (clean["n"], fgsm["n"], pgd["n"]) == (360, 60, 60)
    assert (fgsm["eps"], pgd["eps"]) == (0.05, 8 / 255)
    assert all(row["interval"][0] <= row["rate"] == row["k"] / row["n"] <= row["interval"][1] for row in (clean, fgsm))
    assert result["net"]["sha256"] == checkpoint.load(tmp_path / "whole" / f"{NAME[7:]}.safetensors")[1]["sha256"]
    layers, measured, costs = tables_of(result)
    assert layers[0] == "mini on digits/test: 16 bits for 1 of 3 epochs, seed 0"
    assert [row[:2] for row in layers[2]] == [["C1", "0"], ["C2", "3"], ["C3", "7"], ["mean", ""]]
    assert measured[2][2][0] == "pgd, eps 0.0314"
    widths = dict(zip(LAYERS, (row["bits"] for row in rows), strict=True))
    counted = {layer.name: layer for layer in layers_of(mini(), (1, 28, 28))}
    same = same_size(list(counted.values()), widths)
    assert [row[0] for row in costs[2]] == ["16 bits", f"{same} bits, nearest in memory", "this network"]
    assert about["costs"][-1]["memory"] == sum(counted[name].weights * bits for name, bits in widths.items())
    assert costs[2][-1][3] == f"{energy(list(counted.values()), widths).total / 1e6:.4g}"
    assert all(words in out for words in ("ANS after 1 epochs", f"{clean['k']} of 360", f"{fgsm['k']} of 60"))

    killed = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, *WORDS, "--out", str(killed)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, stderr=subprocess.PIPE)
    state = killed / f"{NAME[7:]}.state"
    give_up = time.monotonic() + 120
    while not state.is_file():
        assert time.monotonic() < give_up
        assert process.poll() is None, process.stderr.read().decode()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (killed / f"{NAME}.json").exists()
    assert run(capsys, *WORDS, "--out", killed)[0] == 0
    assert without_times(killed / f"{NAME}.json") == without_times(tmp_path / "whole" / f"{NAME}.json")
    assert sorted(path.suffix for path in killed.iterdir()) == [".json", ".safetensors"]


def test_a_baseline_says_so(tmp_path, capsys):
    words = ("--bits", 3, "--hardening", "fgsm", "--warmup", 2, "--seed", 2, "--out", tmp_path)
    status, out, err = run(capsys, *WORDS, *words)
    assert status == 0, err
    result = load(tmp_path / "quanos-mini-digits-3bit-fgsm-seed2.json")
    assert {row["bits"] for row in result["rows"]} == {result["quanos"]["homogeneous"]} == {3}
    assert (result["quanos"]["rounds"], result["quanos"]["iterations"]) == ([], 0)
    title = tables_of(result)[0][0]
    assert title == "mini on digits/test: 3 bits in all layers, 3 epochs, hardened by fgsm, seed 2"
    assert "3 bits in all" in out


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("quanos", "mimi"), ("unknown network 'mimi'",)),
        ((*WORDS[:2], "--data", "digits32"), ("mini takes images of 1 x 28 x 28", "--data mnist or digits")),
        ((*WORDS, "--initial-bits", 17), ("initial_bits must be 1 to 16, not 17",)),
        ((*WORDS, "--bits", 0), ("bits must be 1 to 16, not 0",)),
        ((*WORDS, "--bits", 4, "--iterations", 2), ("--bits is for all epochs: leave --iterations",)),
        ((*WORDS, "--warmup", 3), ("warmup_epochs must be at least 1 and less than all 3 epochs, not 3",)),
        ((*WORDS, "--iterations", 3), ("iterations must be 1 to 2",)),
        ((*WORDS, "--hardening", "bim"), ("unknown hardening 'bim': use fgsm or pgd",)),
        (("quanos", "lenet5_dq", *WORDS[2:]), ("layer 'conv1' is a DorefaConv2d",)),
    ],
)
def test_misuse_is_one_line_and_nothing_is_written(tmp_path, capsys, words, parts):
    assert_refused(run(capsys, *words, "--out", tmp_path / "new"), *parts)
    assert not list(tmp_path.glob("new/*"))


def test_a_folder_of_another_run_and_one_that_is_a_file(tmp_path, capsys):
    assert run(capsys, *WORDS, "--out", tmp_path)[0] == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    changed = run(capsys, *WORDS, "--warmup", 2, "--out", tmp_path)
    assert_refused(changed, "belongs to a run with other warmup_epochs: delete it or name another folder")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert_refused(run(capsys, *WORDS, "--out", tmp_path / f"{NAME}.json"), "cannot be made a folder")
