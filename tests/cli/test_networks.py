"""Verbs on networks: data sets by name, checkpoints that do not fit, folders that cannot be written."""

import gzip
import json
import shutil

import cifar_files
import pytest
import torch
from refusals import assert_refused
from safetensors.torch import save_file

from axmac.cli.main import main
from axmac.cli.networks import load_data
from axmac.model.nn import checkpoint, networks
from axmac.model.nn.data import cifar10
from axmac.model.nn.network import Network
from axmac.model.spec import InputError


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    with pytest.raises(SystemExit) as stop:
        main(["train", "lenet5", "--data", "digits", "--epochs", "2", "--out", str(folder)])
    assert not stop.value.code
    return folder


def test_train_eval_attack_report(trained, tmp_path, capsys):
    common = ("--data", "digits", "--checkpoints", trained, "--out", tmp_path)
    status, out, _ = run(capsys, "eval", "lenet5", *common, "--images", "64", "--json")
    assert not status
    rows = json.loads(out)["rows"]
    assert [(row["arithmetic"], row["layers"]) for row in rows[1:]] == [
        ("fp32_array_ama5_t4", w) for w in ("conv", "all")
    ]
    assert all(row["n"] == 64 for row in rows)
    status, out, _ = run(capsys, "attack", "lenet5", *common, "--n", "60", "--eps", "0.1,0.3", "--json")
    assert not status
    assert [row["eps"] for row in json.loads(out)["rows"]] == [0.1, 0.3]
    names = {path.suffix for path in tmp_path.iterdir()}
    assert names == {".json", ".npz", ".png"}
    assert all(path.stat().st_mode & 0o044 for path in tmp_path.iterdir())
    status, out, _ = run(capsys, "report", tmp_path)
    assert not status
    assert "transfer rate" in out


def test_saved_images_are_scored_on_any_unit(trained, tmp_path, capsys):
    """The counts of the attack come back from the file: what fools the source is wrong on torch float32."""
    common = ("--data", "digits", "--checkpoints", trained, "--out", tmp_path)
    words = ("attack", "lenet5", *common, "--n", "40", "--attack", "bim", "--protocol", "minimal", "--quick")
    status, out, _ = run(capsys, *words, "--margin", "1.1,1.5", "--json")
    assert not status
    result = json.loads(out)
    assert [(row["margin"], row["eps"]) for row in result["rows"]] == [(1.1, None), (1.5, None)]
    assert (result["attack"]["protocol"], result["attack"]["targeted"]) == ("minimal", False)
    files = sorted(tmp_path.glob("*.npz"))
    assert [path.stem.rpartition("-")[2] for path in files] == ["margin1.1", "margin1.5"]
    for row, path in zip(result["rows"], files, strict=True):
        status, out, _ = run(capsys, "eval", "lenet5", *common, "--images", path, "--json")
        assert not status
        scored = json.loads(out)
        assert scored["attack"] == result["attack"]
        assert scored["data"]["indices"] == result["data"]["indices"]
        assert {part["n"] for part in scored["rows"]} == {row["n"]}
        exact, conv, _ = scored["rows"]
        assert exact["n"] - exact["correct"] == row["k1"]
        assert conv["n"] - conv["correct"] >= row["k2"]
    status, out, _ = run(capsys, "report", tmp_path)
    assert "adversarial images of bim (minimal)" in out
    assert "protocol minimal" in out
    words = ("eval", "lenet5", "--data", "digits", "--checkpoints", trained, "--images")
    assert_refused(run(capsys, *words, tmp_path / "none.npz"), "none.npz: cannot be read")
    assert_refused(run(capsys, *words, trained / "lenet5-digits-seed0.safetensors"), "holds no adversarial images")
    assert_refused(run(capsys, *words, "0"), "--images must be at least 1, or a file, not 0")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--protocol", "none"), "--protocol must be budget or minimal, not 'none'"),
        (("--protocol", "minimal", "--eps", "0.1"), "--eps belongs to --protocol budget: use --margin"),
        (("--margin", "1.1"), "--margin belongs to --protocol minimal: use --eps"),
        (("--protocol", "minimal", "--margin", "a"), "--margin must be numbers separated by commas, not 'a'"),
        (("--protocol", "minimal", "--margin", "0.5"), "margins must be one or more numbers of at least 1"),
        (("--attack", "cw"), "cw has no protocol 'budget': use minimal"),
        (("--attack", "deepfool", "--protocol", "minimal", "--targeted"), "deepfool cannot aim at a class"),
    ],
)
def test_an_attack_that_does_not_exist_is_refused(words, line, trained, capsys):
    common = ("attack", "lenet5", "--data", "digits", "--checkpoints", trained, "--n", "5")
    assert_refused(run(capsys, *common, *words), line)


def test_a_finished_training_is_only_loaded(trained, capsys):
    before = {path.name: path.read_bytes() for path in trained.glob("*.safetensors")}
    status, _, err = run(capsys, "train", "lenet5", "--data", "digits", "--epochs", "2", "--out", trained)
    assert not status
    assert "already trained" in err
    assert before == {path.name: path.read_bytes() for path in trained.glob("*.safetensors")}


def test_a_training_that_diverges_leaves_no_checkpoint(tmp_path, capsys):
    words = ("train", "lenet5", "--data", "digits", "--epochs", "1", "--out", tmp_path)
    assert_refused(run(capsys, *words, "--learning-rate", "1e30"), "NaN or infinite", "smaller learning rate")
    assert not list(tmp_path.glob("*.safetensors"))
    assert_refused(run(capsys, *words, "--learning-rate", "inf"), "learning_rate must be above 0 and finite")


@pytest.mark.parametrize("metadata", [{"axmac": "[1]"}, {"axmac": "not json"}, {}])
def test_a_foreign_checkpoint_is_refused_and_trained_anew(metadata, tmp_path, capsys):
    path = tmp_path / "lenet5-digits-seed0.safetensors"
    save_file({"x": torch.zeros(2)}, path, metadata)
    assert_refused(run(capsys, "eval", "lenet5", "--data", "digits", "--checkpoints", tmp_path), str(path))
    status, _, err = run(capsys, "train", "lenet5", "--data", "digits", "--epochs", "1", "--out", tmp_path)
    assert not status
    assert "training it now" in err
    assert checkpoint.load(path)[1]["net"] == "lenet5"


def test_a_checkpoint_of_other_data_is_refused(trained, tmp_path, capsys):
    module, metadata = checkpoint.load(trained / "lenet5-digits-seed0.safetensors")
    wrong = {**metadata, "data": {**metadata["data"], "name": "mnist"}}
    checkpoint.save(tmp_path / "lenet5-digits-seed0.safetensors", "lenet5", module, wrong)
    assert_refused(run(capsys, "eval", "lenet5", "--data", "digits", "--checkpoints", tmp_path), "was not trained as")


def test_another_dtype_is_refused(tmp_path, capsys):
    module = networks.build("lenet5").double()
    path = tmp_path / "lenet5-digits-seed0.safetensors"
    checkpoint.save(path, "lenet5", module, {"data": {"name": "digits"}})
    assert_refused(run(capsys, "eval", "lenet5", "--data", "digits", "--checkpoints", tmp_path), "does not fit")


def test_a_missing_checkpoint_names_the_command(tmp_path, capsys):
    result = run(capsys, "eval", "lenet5", "--data", "digits", "--checkpoints", tmp_path)
    assert_refused(result, "run `axmac train lenet5 --data digits")


def test_auto_takes_digits_for_both_splits_where_there_is_no_mnist(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path / "none"))
    status, _, err = run(capsys, "train", "lenet5", "--epochs", "1", "--out", tmp_path)
    assert not status
    assert "taking digits" in err
    assert (tmp_path / "train-lenet5-digits-seed0.json").exists()


def test_auto_refuses_damaged_mnist(tmp_path, capsys, monkeypatch):
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    for name in names:
        (tmp_path / f"{name}-ubyte.gz").write_bytes(gzip.compress(b"\0" * 100, mtime=0))
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path))
    out = tmp_path / "out"
    assert_refused(run(capsys, "train", "lenet5", "--out", out), "truncated or damaged", "t10k-images")
    assert not list(out.glob("*.json"))


@pytest.fixture
def cifar(monkeypatch, tmp_path):
    """An archive of six small batches in the form of CIFAR-10, and the cache that it is unpacked to."""
    contents = cifar_files.contents()
    monkeypatch.setattr(cifar10, "_BATCHES", cifar_files.known(contents))
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    archive = tmp_path / "data" / "cifar-10-batches-py.tar.gz"
    archive.write_bytes(cifar_files.packed(contents, "w:gz"))
    return archive


@pytest.mark.usefixtures("cifar")
def test_alexnet_s_is_trained_by_its_recipe_and_evaluated(tmp_path, capsys):
    out = tmp_path / "out"
    status, _, _ = run(
        capsys, "train", "alexnet_s", "--data", "cifar10", "--epochs", "2", "--batch-size", "8", "--out", out
    )
    assert not status
    _, metadata = checkpoint.load(out / "alexnet_s-cifar10-seed0.safetensors")
    recipe = networks.get("alexnet_s").recipe
    assert metadata["optimizer"] == recipe.optimizer == "sgd"
    assert (metadata["momentum"], metadata["learning_rate"], metadata["schedule"]) == (0.9, 0.03, "cosine")
    assert metadata["mirror"] is True
    assert metadata["data"]["name"] == "cifar10"
    status, text, _ = run(capsys, "eval", "alexnet_s", "--checkpoints", out, "--out", out, "--json")
    assert not status
    rows = json.loads(text)["rows"]
    assert [row["n"] for row in rows] == [4, 4, 4]
    assert [row["unit_products"] for row in rows] == [0, 4 * 24_625_152, 4 * (24_625_152 + 888_576)]


def test_a_network_for_colour_images_takes_digits_in_their_shape_where_there_is_no_cifar(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path / "none"))
    module = networks.build("alexnet_s")
    path = tmp_path / "alexnet_s-digits32-seed0.safetensors"
    checkpoint.save(path, "alexnet_s", module, {"data": {"name": "digits32"}})
    words = ("eval", "alexnet_s", "--layers", "conv", "--images", "3", "--checkpoints", tmp_path, "--json")
    status, out, err = run(capsys, *words)
    assert not status
    assert "no cifar10 (" in err
    assert "taking digits32" in err
    assert json.loads(out)["data"]["name"] == "digits32/test"


def test_images_of_another_size_are_refused(tmp_path, capsys):
    words = ("train", "alexnet_s", "--data", "digits", "--out", tmp_path)
    misfit = "alexnet_s takes images of 3 x 32 x 32, digits has 1 x 28 x 28: use --data cifar10 or digits32"
    assert_refused(run(capsys, *words), misfit)
    words = ("eval", "lenet5", "--data", "digits32", "--checkpoints", tmp_path)
    assert_refused(run(capsys, *words), "use --data mnist or digits")


@pytest.mark.parametrize("keep", [0, 0.5])
def test_a_truncated_archive_of_cifar_is_refused(keep, cifar, tmp_path, capsys):
    whole = cifar.read_bytes()
    cifar.write_bytes(whole[: int(keep * len(whole))])
    for data in ("cifar10", "auto"):
        words = ("train", "alexnet_s", "--data", data, "--epochs", "1", "--out", tmp_path / "out")
        assert_refused(run(capsys, *words), "tar.gz is truncated or damaged", "put the original file there")


@pytest.mark.parametrize(
    "words",
    [
        ("errors", "ax_fpm", "--n", "10"),
        ("eval", "lenet5", "--data", "digits"),
        ("attack", "lenet5", "--data", "digits"),
        ("verify", "ax_fpm", "--n", "10"),
        ("train", "lenet5", "--data", "digits"),
    ],
)
def test_a_file_in_the_way_is_refused_before_the_work(words, tmp_path, capsys):
    blocked = tmp_path / "file"
    shutil.copy(__file__, blocked)
    status, out, err = run(capsys, *words, "--out", blocked)
    assert (status, out) == (2, "")
    assert str(blocked) in err


def test_a_data_set_of_more_classes_than_a_network_has_is_refused(monkeypatch):
    monkeypatch.setattr(networks, "get", lambda _: Network(None, (1, 28, 28), classes=5))
    with pytest.raises(InputError, match="five takes 5 classes, digits has 10: use --data of that size"):
        load_data("digits", "test", "five", None)
