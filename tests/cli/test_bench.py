"""``axmac bench``: measures, prints a table, and leaves a result and a picture."""

import json

import pytest

from axmac.cli.main import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_tasks_on_digits(tmp_path, capsys):
    words = ("--group", "tasks", "--mul", "ax_fpm", "--threads", 1, "--data", "digits", "--seconds", 0)
    status, out, err = run(capsys, "bench", *words, "--out", tmp_path)
    assert (status, out.count("LeNet-5")) == (0, 4), err
    rows = json.loads((tmp_path / "bench.json").read_text())["rows"]
    assert [(row["workload"], row["arithmetic"]) for row in rows] == [
        (task, unit)
        for task in ("LeNet-5, test set, all layers", "LeNet-5, PGD-20, 128 images, all layers")
        for unit in ("torch float32", "ax_fpm")
    ]
    assert all(row["seconds"] > 0 and row["group"] == "tasks" for row in rows)
    assert (tmp_path / "bench.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--mul", "nosuch", "--data", "digits"), "unknown unit 'nosuch'"),
        (("--group", "nosuch"), "nosuch"),
        (("--threads", 5000), "--threads must be at most 1024, not 5000"),
    ],
)
def test_wrong_words_are_refused(words, line, capsys):
    status, out, err = run(capsys, "bench", *words)
    assert (status, out) == (2, "")
    assert line in err
    assert err.count("\n") == 1
