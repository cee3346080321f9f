"""``axmac replay-hybrid``: a hybrid network layer by layer on RTL; a wrong sum and wrong files are told."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hybrid_runs import LAYERS, NAME, name_it

from axmac.cli.main import main
from axmac.model.nn import checkpoint, data, networks
from axmac.model.nn.hybrid import hybrid
from axmac.model.report import load
from axmac.sim import replay_hybrid as sim_replay


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """The small network with 4, 3 and 1 bits; one pass of images in training sets the ranges of activations."""
    name_it()
    torch.manual_seed(0)
    module = hybrid(networks.build(NAME, 0), dict(zip(LAYERS, (4, 3, 1), strict=True)), (1, 28, 28))
    with torch.no_grad():
        module.train()(data.load("digits", "train").images[:64])
    path = tmp_path_factory.mktemp("net") / "mini.safetensors"
    checkpoint.save(path, NAME, module.eval(), {"data": {"name": "digits"}, "seed": 0})
    return path


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(["replay-hybrid", *map(str, words)])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def test_every_layer_runs_in_its_precision(network, tmp_path, capsys):
    words = (network, "--mac", "mac8_dvafs", "--array", "2x2", "--images", 2, "--data", "digits", "--out", tmp_path)
    status, out, err = run(capsys, *words, "--export", tmp_path / "layers")
    assert (status, err.count("alarm")) == (0, 0), out
    (row,) = load(next(tmp_path.glob("replay-*.json")))["rows"]
    found = [(one["layer"], one["bits"], one["precision"], one["lanes"]) for one in row["layers"]]
    assert found == [("0", 4, 4, 2), ("3", 3, 4, 2), ("7", 1, 2, 4)]
    assert [one["outputs"] for one in row["layers"]] == [2 * 64 * 4, 2 * 9 * 8, 2 * 16]
    assert all(one["differ_golden"] == one["differ_layer"] == 0 for one in row["layers"])
    assert (row["scores"], row["scores_differ"], row["scores_rounded"], row["wide"]) == (20, 0, 0, [])
    assert row["macs"] == 2 * (64 * 4 * 25 + 9 * 8 * 36 + 16 * 72)
    with np.load(tmp_path / "layers" / "3.npz") as file:
        a, b, sums = (file[name].astype(np.int64) for name in ("a", "b", "sums"))
    assert (a.min() >= 0, a.max() <= 7, np.abs(b).max() <= 3) == (True, True, True)
    np.testing.assert_array_equal(a @ b, sums)


def test_wide_sums_are_compared_with_exact_ones(network, tmp_path, capsys, monkeypatch):
    """Not with the network's float32 sums, which are rounded; a wrong sum of the RTL is still told by the scores."""
    module, _ = checkpoint.load(network)
    for layer in (module[0], module[3], module[7]):
        layer.set_bits(16)
    path = tmp_path / "wide.safetensors"
    checkpoint.save(path, NAME, module, {"data": {"name": "digits"}, "seed": 0})
    real, done = sim_replay.run, []

    def seen(*words):
        done.append(real(*words))
        return done[-1]

    def wrong(*_):
        found = done.pop(0)
        return replace(found, sums=found.sums + (1 << 20))

    monkeypatch.setattr(sim_replay, "run", seen)
    words = (path, "--mac", "mac16_standard", "--array", "2x2", "--sim", "icarus", "--data", "digits")
    status, out, _ = run(capsys, *words, "--out", tmp_path)
    (row,) = load(next(tmp_path.glob("replay-*.json")))["rows"]
    assert (status, row["scores_differ"], row["wide"]) == (0, 0, list(LAYERS)), out
    assert row["scores_rounded"] > 0
    monkeypatch.setattr(sim_replay, "run", wrong)
    status, out, _ = run(capsys, *words)
    assert status == 1
    assert "of 10 scores differ from those that exact sums give" in out


def test_a_wrong_sum_is_an_alarm(network, tmp_path, capsys, monkeypatch):
    real = sim_replay.run

    def wrong(*words):
        found = real(*words)
        found.sums[0, 0] += 1
        return found

    monkeypatch.setattr(sim_replay, "run", wrong)
    words = (network, "--mac", "mac8_dvafs", "--array", "2x2", "--data", "digits", "--export", tmp_path)
    status, out, _ = run(capsys, *words)
    assert status == 1
    assert "alarm: 0: 0 of 256 sums differ from golden, 1 from the network's; first: (m=0, n=0): rtl=" in out
    assert "alarm: 0: 1 of 256 outputs differ from the layer's own" in out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--mac", "mac8_none"), "unknown MAC 'mac8_none'"),
        (("--array", "2"), "--array must be rows x columns"),
        (("--data", "cifar10"), "mini takes images of"),
    ],
)
def test_wrong_input_is_one_line(network, capsys, words, line):
    status, out, err = run(capsys, network, *words)
    assert (status, out) == (2, "")
    assert line in err


def test_a_file_that_is_not_there(tmp_path, capsys):
    status, out, err = run(capsys, tmp_path / "none.safetensors")
    assert (status, out) == (2, "")
    assert "none.safetensors is no file: give one that `axmac quanos` wrote" in err


def test_a_network_that_is_not_hybrid_is_refused(tmp_path, capsys):
    path = tmp_path / "plain.safetensors"
    checkpoint.save(path, "lenet5", networks.build("lenet5", 0), {"data": {"name": "digits"}})
    status, _, err = run(capsys, path)
    assert status == 2
    assert "is no hybrid network: give a file that `axmac quanos` wrote" in err


def test_layers_of_another_kind_are_refused(tmp_path):
    manifest = tmp_path / "conv1.json"
    manifest.write_text(json.dumps({"layer": "conv1", "spec": {}}), encoding="utf-8")
    with pytest.raises(sim_replay.InputError, match="is no layer of a hybrid network"):
        sim_replay.replay_hybrid(manifest, None, 2, 2, "verilator")
