"""``axmac eval`` and ``axmac attack`` on integer units: float, exact int8 and the unit side by side."""

import json

import pytest
import torch
import torch.nn.functional as F

from axmac.cli.main import main
from axmac.model.attack import adaptive
from axmac.model.attack.audit import Alarm
from axmac.model.nn import checkpoint, data, networks, quantize, training
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


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """The folder of a LeNet-5 trained for two passes, and its float, exact int8 and DRUM networks by name."""
    made = tmp_path_factory.mktemp("trained")
    train = data.load("digits", "train")
    module = networks.build("lenet5")
    about = training.train(module, train, epochs=2)
    checkpoint.save(made / "lenet5-digits-seed0.safetensors", "lenet5", module, about)
    nets = {unit: quantize(module, train.images[:64], unit, "conv") for unit in ("s8_exact", "s8_drum_k3")}
    return made, {"torch float32": module, **nets}


def run_attack(capsys, folder, *words):
    common = ["attack", "lenet5", "--mul", "s8_drum_k3", "--data", "digits", "--checkpoints", folder, "--json"]
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in (*common, "--n", 60, "--calibration", 64, *words)])
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def signed_step(net, images, labels, eps):
    """FGSM, written out."""
    moving = images.clone().requires_grad_()
    F.cross_entropy(net(moving), labels, reduction="sum").backward()
    return (images + eps * moving.grad.sign()).clamp(0, 1)


@pytest.mark.parametrize(
    ("word", "source", "target"),
    [
        (None, "s8_exact", "s8_drum_k3"),
        ("int8", "s8_exact", "s8_drum_k3"),
        ("float32", "torch float32", "s8_drum_k3"),
        ("unit", "s8_drum_k3", "s8_exact"),
    ],
)
def test_images_are_made_on_the_source_and_shown_to_the_target(word, source, target, attacked, capsys, tmp_path):
    folder, nets = attacked
    options = [] if word is None else ["--source", word]
    status, out, _ = run_attack(capsys, folder, "--eps", "0.1,0.2", *options, "--out", tmp_path)
    assert status == 0
    result = json.loads(out)
    assert (result["attack"]["source"], result["attack"]["target"]) == (source, target)
    assert result["gradient"] == "straight-through"
    assert {row["calibration"]["images"] for row in result["rows"]} == {64}
    test = data.load("digits", "test")
    images, labels = test.images[:60], test.labels[:60]
    with torch.no_grad():
        right = torch.stack([nets[name](images).argmax(1) == labels for name in (source, target)]).all(0)
    images, labels = images[right], labels[right]
    fooled = 0
    for row, eps in zip(result["rows"], (0.1, 0.2), strict=True):
        moved = signed_step(nets[source], images, labels, eps)
        with torch.no_grad():
            first, second = (nets[name](moved).argmax(1) != labels for name in (source, target))
        assert (row["n"], row["k1"], row["k2"]) == (len(labels), int(first.sum()), int((first & second).sum()))
        fooled += row["k1"]
    assert fooled > 10
    (path,) = tmp_path.glob("attack-*.json")
    assert path.stem == "attack-fgsm-lenet5-digits-s8_drum_k3-conv" + ("" if word is None else f"-from-{word}")
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_an_adaptive_attack_knows_the_int8_network(attacked, capsys, monkeypatch):
    given = []

    def attack(targets, source, _images, labels, eps, **_options):
        given.append((targets, source, len(labels)))
        row = {"run": "worst_case", "attack": "all", "gradient": None, "n": 3, "k": 1, "rate": 1 / 3, "left": 2}
        rung = [("straight-through", Alarm("bounded", {}, "it stands"))]
        return adaptive.Adaptive(eps, [row | {"eps": eps, "interval": (0.1, 0.8)}], rung, torch.ones(3).bool())

    monkeypatch.setattr(adaptive, "adaptive", attack)
    folder, nets = attacked
    images = data.load("digits", "test").images[:5]
    for word, name in ((None, "s8_exact"), ("float32", "torch float32")):
        status, out, _ = run_attack(capsys, folder, "--adaptive", *([] if word is None else ["--source", word]))
        result = json.loads(out)
        assert (status, result["attack"]["source"], result["gradient"]) == (1, name, "straight-through")
        targets, source, count = given.pop()
        assert (list(targets), count) == (["straight-through"], 60)
        with torch.no_grad():
            assert torch.equal(source(images), nets[name](images))
            assert torch.equal(targets["straight-through"](images), nets["s8_drum_k3"](images))
