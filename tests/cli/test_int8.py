"""``axmac eval`` on integer units: float, exact int8 and the unit side by side."""

import json

import pytest

from axmac.cli.main import main
from axmac.model.nn import checkpoint, data, networks, quantize
from axmac.model.nn.evaluate import accuracy
from axmac.model.report import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A LeNet-5 with weights as they are drawn."""
    made = tmp_path_factory.mktemp("networks")
    words = {"data": {"name": "digits"}}
    checkpoint.save(made / "lenet5-digits-seed0.safetensors", "lenet5", networks.build("lenet5"), words)
    return made


def run(capsys, folder, *words):
    common = ["eval", "lenet5", "--data", "digits", "--images", "60", "--checkpoints", str(folder)]
    with pytest.raises(SystemExit) as stop:
        main([*common, *map(str, words)])
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out


def test_the_unit_stands_beside_float_and_exact_int8(folder, capsys, tmp_path):
    options = ("--calibration", 20, "--percentile", 99.5, "--out", tmp_path, "--json")
    status, out = run(capsys, folder, "--mul", "s8_drum_k3", *options)
    assert status == 0
    rows = json.loads(out)["rows"]
    arithmetics = [("torch float32", "all"), ("s8_exact", "all"), ("s8_drum_k3", "conv"), ("s8_drum_k3", "all")]
    assert [(row["arithmetic"], row["layers"]) for row in rows] == arithmetics
    train = data.load("digits", "train")
    about = {"data": "digits/train", "sha256": train.sha256, "images": 20, "percentile": 99.5}
    assert [row.get("calibration") for row in rows] == [None, about, about, about]
    assert all(row["unit_products"] == row["products"] == rows[0]["products"] for row in rows[1:])
    module, _ = checkpoint.load(folder / "lenet5-digits-seed0.safetensors")
    test = data.load("digits", "test")
    first = data.Dataset(test.name, test.split, test.images[:60], test.labels[:60], test.sha256)
    for row in rows[1:]:
        made = quantize(module, train.images[:20], row["arithmetic"], row["layers"], percentile=99.5)
        assert row["correct"] == accuracy(made, first)["correct"]
    (path,) = tmp_path.glob("eval-*.json")
    assert load(path)["spec"]["id"] == "s8_drum_k3"
    assert load(path)["mac"] == "s8_drum_k3+int32.sequential"
    assert [file.name for file in tmp_path.glob(".*.state")] == []


def test_the_exact_unit_has_one_row_and_the_title_says_what_was_done(folder, capsys):
    status, out = run(capsys, folder, "--mul", "s8_exact", "--calibration", 5)
    assert status == 0
    assert out.count("s8_exact") == 1
    assert "int8 by min-max over 5 images of digits/train" in " ".join(out.split())


def test_a_reconstruction_is_called_one(folder, capsys):
    _, out = run(capsys, folder, "--mul", "s8_scaletrim_h3_m0", "--layers", "conv", "--calibration", 5)
    assert "as axmac reconstructed it" in " ".join(out.split())
