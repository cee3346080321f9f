"""``axmac search`` from the words to the files: a killed run goes on, what is exported can be used, and misuse."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from refusals import assert_refused
from searched import ENERGIES, LAYERS, PRODUCTS, costs, saved

from axmac.cli.main import main
from axmac.gen import generate
from axmac.model.nn.assignment import read
from axmac.model.report import load, save
from axmac.model.study.search import measure

TESTS = Path(__file__).resolve().parents[1]
NAME = "search-tiny-digits-fgsm-eps0.1-seed0"
SIZES = ("--n", 60, "--final", 80, "--generations", 4, "--population", 6, "--calibration", 50)
LOSS = ("--loss", "0.02")
"""The cheapest assignment is not good enough then."""
KILLED = """
import sys, time
import searched
from axmac.cli.main import main
from axmac.model.study.search import measure

def slow(**arguments):
    time.sleep(0.3)
    return quick(**arguments)

searched.name_it()
quick, measure.measured = measure.measured, slow
main(sys.argv[1:])
"""


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """The words of a search without its --out: trained weights and energies lie in a folder."""
    folder = tmp_path_factory.mktemp("given")
    saved(folder)
    units = ",".join(list(ENERGIES)[1:])
    words = ["search", "tiny", "--data", "digits", "--units", units, "--costs", costs(folder / "ppa.json")]
    return [str(word) for word in (*words, "--checkpoints", folder, *SIZES)]


@pytest.fixture(scope="module")
def whole(given, tmp_path_factory):
    """The folder of a run that was not disturbed."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.raises(SystemExit) as stop:
        main([*given, *LOSS, "--out", str(out)])
    assert not stop.value.code
    return out


def test_result_picture_and_export_belong_together(whole):
    result = load(whole / f"{NAME}.json")
    about, rows = result["search"], result["rows"]
    assert (about["products"], about["energies"]) == (PRODUCTS, ENERGIES)
    assert (about["indices"], result["data"]["indices"], about["possible"]) == ("0:60", "60:140", 27)
    journal = list((whole / NAME / "shards").glob("0-60-*.json"))
    assert about["evaluated"] == len(journal) > 6
    (chosen,) = [row for row in rows if row["chosen"]]
    assert not rows[0]["meets"]
    assert chosen == min((row for row in rows if row["meets"]), key=lambda row: row["energy"])
    assert all(row["accuracy"]["n"] == row["robust"]["n"] == 80 and row["searched"]["n"] == 60 for row in rows)
    assert sum(row["homogeneous"] is not None for row in rows) == 3
    made = read(whole / NAME / "assignment.json", "tiny")
    assert (made.layers, made.data, made.calibration, made.percentile) == (chosen["units"], "digits", 50, 100.0)
    manifest = json.loads((whole / NAME / "rtl" / "manifest.json").read_text())
    assert {layer: entry["unit"] for layer, entry in manifest["layers"].items()} == made.layers
    for unit in set(made.layers.values()):
        assert (whole / NAME / "rtl" / f"{unit}.v").read_text() == generate(unit)
    assert (whole / f"{NAME}.png").read_bytes().startswith(b"\x89PNG")


def test_a_killed_search_goes_on_and_comes_to_the_same(given, whole, tmp_path, monkeypatch, capsys):
    words, shards = [*given, *LOSS, "--out", str(tmp_path)], tmp_path / NAME / "shards"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    deadline = time.monotonic() + 180
    while len(list(shards.glob("0-60-*.json"))) < 4:
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    kept = {path.name: path.stat().st_mtime_ns for path in shards.iterdir() if not path.name.startswith(".")}
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert [path.name for path in (tmp_path / NAME).iterdir()] == ["shards"]

    measured, units = measure.measured, []
    monkeypatch.setattr(measure, "measured", lambda **words: units.append(words["block"]) or measured(**words))
    status, _, err = run(capsys, *words)
    assert status == 0, err
    before, after = (load(folder / f"{NAME}.json") for folder in (whole, tmp_path))
    done = sum(name.startswith("0-60-") for name in kept)
    assert len([block for block in units if block == [0, 60]]) == after["search"]["evaluated"] - done > 0
    assert {name: (shards / name).stat().st_mtime_ns for name in kept} == kept
    assert after["rows"] == before["rows"]
    assert after["search"] == before["search"]
    for part in ("assignment.json", "rtl/manifest.json"):
        assert (tmp_path / NAME / part).read_bytes() == (whole / NAME / part).read_bytes()


def test_another_row_is_picked_without_a_new_measurement(given, whole, tmp_path, monkeypatch, capsys):
    rows = load(whole / f"{NAME}.json")["rows"]
    (tmp_path / NAME).mkdir()
    (whole / NAME / "shards").rename(tmp_path / NAME / "shards")
    try:
        monkeypatch.chdir(tmp_path)
        status, out, _ = run(capsys, *given, "--out", tmp_path, "--pick", 2, "--json")
    finally:
        (tmp_path / NAME / "shards").rename(whole / NAME / "shards")
    assert status == 0
    picked = json.loads(out)["rows"]
    assert [row["units"] for row in picked] == [row["units"] for row in rows]
    assert [row["chosen"] for row in picked] == [place == 1 for place in range(len(rows))]
    assert read(tmp_path / NAME / "assignment.json", "tiny").layers == rows[1]["units"]


def test_eval_takes_the_export(given, whole, tmp_path, capsys):
    """The first 140 test images are those of the search and the final ones."""
    file = whole / NAME / "assignment.json"
    words = ["eval", "tiny", "--data", "digits", "--layers", file, "--images", 140, "--checkpoints"]
    status, out, err = run(capsys, *words, given[given.index("--checkpoints") + 1], "--json", "--out", tmp_path)
    assert status == 0, err
    result = json.loads(out)
    (chosen,) = [row for row in load(whole / f"{NAME}.json")["rows"] if row["chosen"]]
    assert [row["arithmetic"] for row in result["rows"]] == ["torch float32", "s8_exact", "int8"]
    assert result["rows"][2]["correct"] == chosen["searched"]["correct"] + chosen["accuracy"]["k"]
    assert result["rows"][2]["units"] == chosen["units"]
    assert result["rows"][2]["calibration"]["images"] == 50
    assert (result["spec"], result["layers"]) == (None, ", ".join(f"{a} {b}" for a, b in chosen["units"].items()))
    assert [path.name for path in tmp_path.iterdir()] == ["eval-tiny-digits-assignment.json"]
    _, table, _ = run(capsys, *words, given[given.index("--checkpoints") + 1])
    assert result["layers"] in table


def changed(given, **options):
    words = list(given)
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        words[words.index(option) + 1] = str(value)
    return words


REFUSED = {
    "one unit": ({"units": "s8_exact"}, (), "--units must name at least one unit besides s8_exact"),
    "float": ({"units": "ax_fpm"}, (), "multiplies floats"),
    "unsigned": ({"units": "u8_drum_k4"}, (), "u8_drum_k4 does not multiply signed integers of 8 bits"),
    "unknown": ({"units": "s8_nothing"}, (), "unknown unit 's8_nothing'"),
    "population": ({"population": 2}, (), "--population must be at least 3, as many as units"),
    "no cost": (
        {"units": "s8_drum_k4"},
        (),
        "has no energy of s8_drum_k4: run `axmac ppa s8_exact s8_drum_k4 --liberty",
    ),
    "no file": (
        {"costs": "none.json"},
        (),
        "--costs none.json is missing: run `axmac ppa s8_exact s8_drum_k3 s8_trunc_k10",
    ),
    "eps": ({}, ("--eps", 0), "--eps must be a finite number above 0, not 0"),
    "loss": ({}, ("--loss", 1.5), "--loss must be a share"),
    "both": ({}, ("--loss", 0.1, "--pick", 1), "--loss and --pick both choose"),
    "percentile": ({}, ("--percentile", 0), "--percentile must be above 0"),
    "n": ({"n": 360}, (), "--n must leave test images for the final figures: at most 359, not 360"),
    "final": ({"final": 301}, (), "--final must be at most 300 after the 60 of --n, not 301"),
    "attack": ({}, ("--net-attack", "nothing"), "unknown attack 'nothing'"),
    "minimal": ({}, ("--net-attack", "deepfool"), "deepfool looks for the nearest image, not within eps"),
    "weights": ({}, ("--net-seed", 7), "axmac train tiny --data digits --seed 7"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_input_gives_one_line_and_leaves_nothing(name, given, tmp_path, monkeypatch, capsys):
    options, more, message = REFUSED[name]
    monkeypatch.chdir(tmp_path)
    assert_refused(run(capsys, *changed(given, **options), *more, "--out", "out"), message)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_costs_of_another_kind_or_unit_are_refused(given, whole, tmp_path, capsys):
    other = load(given[given.index("--costs") + 1])
    other["rows"][1]["spec_sha256"] = "0" * 64
    path = save(other, tmp_path / "ppa.json")
    assert_refused(
        run(capsys, *changed(given, costs=path), "--out", tmp_path), "has no energy of s8_drum_k3: run `axmac ppa"
    )
    kind = changed(given, costs=whole / f"{NAME}.json")
    assert_refused(run(capsys, *kind, "--out", tmp_path), "is a result of kind search: run `axmac ppa")


def test_a_folder_of_something_else_is_refused_before_the_search(given, tmp_path, capsys):
    folder = tmp_path / NAME / "rtl"
    folder.mkdir(parents=True)
    (folder / "mine.v").write_text("module mine; endmodule")
    assert_refused(run(capsys, *given, "--out", tmp_path), "holds other files than a set of units")
    assert not (tmp_path / NAME / "shards").exists()


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        ({}, ("--mul", "s8_exact"), "says which unit each layer has: leave out other --layers and --mul"),
        ({}, ("--layers", "conv"), "says which unit each layer has"),
        ({"data": "mnist"}, (), "is for the network on mnist, not on digits: choose its --data"),
        ({"layers": {"9": "s8_exact"}}, (), "there is no layer '9'"),
        ({"layers": {"1": "s8_exact"}}, (), "layer '1' is a"),
        ({"net": "lenet5"}, (), "is for the network 'lenet5', not tiny"),
    ],
)
def test_eval_refuses_an_assignment_that_does_not_fit(change, words, message, given, tmp_path, capsys):
    content = {"schema": "axmac-assignment-1", "net": "tiny", "data": "digits", "calibration": 5, "percentile": 100}
    file = tmp_path / "given.json"
    file.write_text(json.dumps(content | {"layers": dict.fromkeys(LAYERS, "s8_exact")} | change))
    common = [
        "eval",
        "tiny",
        "--data",
        "digits",
        "--images",
        5,
        "--checkpoints",
        given[given.index("--checkpoints") + 1],
    ]
    assert_refused(run(capsys, *common, "--layers", file, *words, "--out", tmp_path / "out"), message)
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_eval_refuses_other_words(given, capsys):
    del given
    assert_refused(run(capsys, "eval", "tiny", "--layers", "some"), "--layers must be conv or all, or a file of")
