"""``axmac replay``: whole forward passes on the RTL, and what a person sees of a fault."""

import hashlib
import json
from collections import OrderedDict

import numpy as np
import pytest
from torch import nn

from axmac.cli import replay as verb
from axmac.cli.main import main
from axmac.model.nn import checkpoint, data, export, networks, quantize
from axmac.model.nn.network import Network
from axmac.model.nn.networks import lenet5 as family
from axmac.model.report import load
from axmac.sim.array_rtl import ArrayRtl
from axmac.sim.simulators import SimulationError

ARRAY = ("--array", "4x4")


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


@pytest.fixture
def tiny(request, monkeypatch, tmp_path):
    """A small network for the digits, with a checkpoint in a folder, whose name is returned."""
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there

    def build():
        parts = {"conv": nn.Conv2d(1, 4, 5, stride=4), "relu": nn.ReLU(), "flatten": nn.Flatten()}
        return nn.Sequential(OrderedDict(parts, fc=nn.Linear(144, 10)))

    monkeypatch.setitem(family.NETWORKS, "tiny", Network(build, (1, 28, 28)))
    folder = tmp_path / "networks"
    checkpoint.save(
        folder / "tiny-digits-seed0.safetensors", "tiny", networks.build("tiny"), {"data": {"name": "digits"}}
    )
    return folder


def test_a_whole_forward_pass_is_bit_identical(tiny, capsys, tmp_path):
    words = ("replay", "tiny", "--data", "digits", "--images", 3, *ARRAY, "--checkpoints", tiny)
    kept = tmp_path / "kept"
    status, out, _ = run(capsys, *words, "--export", kept, "--out", tmp_path)
    assert status == 0
    assert f"{3 * (36 * 25 * 4 + 144 * 10):,} MACs by RTL; 0 of 30 scores differ" in out
    (file,) = tmp_path.glob("replay-tiny-digits-fp32_array_ama5_t4-all-verilator.json")
    result = json.loads(file.read_text(encoding="utf-8"))
    (row,) = result["rows"]
    assert [(layer["layer"], layer["m"], layer["k"], layer["n"]) for layer in row["layers"]] == [
        ("conv", 108, 25, 4),
        ("fc", 3, 144, 10),
    ]
    for layer in row["layers"]:
        assert layer["outputs"] == layer["m"] * layer["n"]
        assert layer["differ_fast"] == layer["differ_golden"] == layer["differ_output"] == 0
        assert layer["cycles"] >= layer["macs"] / 16
    assert row["class_rtl"] == row["class_emulated"]
    assert (row["scores"], row["scores_differ"], result["alarms"]) == (30, 0, [])
    manifest = json.loads((kept / "0-3" / "fc.json").read_text(encoding="utf-8"))
    assert manifest["net"]["sha256"] == result["net"]["sha256"]
    assert manifest["data"] == result["data"]
    assert manifest["versions"] == result["versions"]
    with np.load(kept / "0-3" / "conv.rtl.npz") as of_conv, np.load(kept / "0-3" / "fc.npz") as fc:
        after_relu = np.maximum(of_conv["outputs"].view(np.float32).reshape(3, 36, 4).transpose(0, 2, 1), 0)
        np.testing.assert_array_equal(fc["a"], after_relu.reshape(3, 144).view(np.uint32))  # the RTL's own outputs


def test_an_int8_forward_pass_is_bit_identical(tiny, capsys, tmp_path):
    words = ("replay", "tiny", "--data", "digits", "--mul", "s8_drum_k4", "--images", 2, "--array", "4x3")
    options = ("--sim", "icarus", "--calibration", 20, "--percentile", 99.5, "--checkpoints", tiny)
    kept = tmp_path / "kept"
    status, out, _ = run(capsys, *words, *options, "--export", kept, "--out", tmp_path)
    assert status == 0
    assert f"{2 * (36 * 25 * 4 + 144 * 10):,} MACs by RTL; 0 of 20 scores differ" in out
    (file,) = tmp_path.glob("replay-tiny-digits-s8_drum_k4-all-icarus.json")
    result = load(file)
    (row,) = result["rows"]
    assert (result["mac"], result["alarms"]) == ("s8_drum_k4+int32.sequential", [])
    train = data.load("digits", "train")
    about = {"data": "digits/train", "sha256": train.sha256, "images": 20, "percentile": 99.5}
    assert row["calibration"] == about
    assert [layer["outputs"] for layer in row["layers"]] == [2 * 36 * 4, 2 * 10]
    for layer in row["layers"]:
        assert layer["differ_fast"] == layer["differ_golden"] == layer["differ_output"] == 0
    module, _ = checkpoint.load(tiny / "tiny-digits-seed0.safetensors")
    made = quantize(module, train.images[:20], "s8_drum_k4", percentile=99.5)
    images = data.load("digits", "test").images[:2]
    with np.load(kept / "0-2" / "conv.rtl.npz") as of_conv, np.load(kept / "0-2" / "fc.npz") as fc:
        outputs = of_conv["outputs"].view(np.float32).reshape(2, 36, 4).transpose(0, 2, 1)
        expected = made.conv(images).detach().numpy().reshape(2, 4, 36)
        np.testing.assert_array_equal(outputs.view(np.uint32), expected.view(np.uint32))
        steps = np.rint(np.maximum(outputs, 0).astype(np.float64) / made.fc.in_scale).reshape(2, 144)
        np.testing.assert_array_equal(fc["a"].view(np.int8), steps)  # the RTL's own outputs, as integers again
        assert np.abs(steps).max() > 20


def test_a_flipped_weight_bit_is_reported_with_its_k(tiny, capsys, monkeypatch):
    write, (k, n) = export.write, (101, 7)

    def write_a_fault(folder, name, product, context):
        manifest = write(folder, name, product, context)
        with np.load(folder / f"{name}.npz") as file:
            arrays = {key: file[key] for key in file.files}
        arrays["b"][k, n] ^= np.uint32(1 << 30)
        arrays["a"][:, k] |= np.uint32(0x3F000000)
        np.savez(folder / f"{name}.npz", **arrays)
        described = json.loads(manifest.read_text())
        described["file_sha256"] = hashlib.sha256((folder / f"{name}.npz").read_bytes()).hexdigest()
        manifest.write_text(json.dumps(described))
        return manifest

    monkeypatch.setattr(export, "write", write_a_fault)
    monkeypatch.setattr(verb, "_BATCH", 1)
    words = ("replay", "tiny", "--data", "digits", "--layer", "fc", "--images", 2, *ARRAY, "--checkpoints", tiny)
    status, out, _ = run(capsys, *words)
    assert status == 1
    assert "2 x 144 x 10" in out  # both batches, added up
    assert out.count("alarm: fc: ") == 2
    assert out.count("partial sums first differ") == 1
    assert f"partial sums first differ at k={k} of 144" in out
    assert "golden on the operands of the RTL" in out
    assert "golden on the operands of the emulator" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layer", "conv9"), "unknown layer 'conv9': use all or one of conv, fc"),
        (("--array", "8"), "--array must be rows x columns, for example 8x8, not '8'"),
        (("--array", "0x8"), "rows"),
        (("--sim", "modelsim"), "unknown simulator 'modelsim'"),
        (("--mul", "nothing"), "unknown unit 'nothing'"),
        (("--mul", "u8_drum_k4"), "u8_drum_k4 does not multiply signed integers of 8 bits: use s8_drum_k4"),
        (("--mul", "s16_exact"), "s16_exact does not multiply signed integers of 8 bits: use s8_exact"),
        (("--mul", "s8_exact", "--percentile", "0"), "--percentile must be above 0 and at most 100, not 0"),
        (("--calibration", "5"), "--calibration is for integer units, fp32_array_ama5_t4 multiplies floats: leave it"),
        (("--seed", "9"), "run `axmac train tiny --data digits --seed 9"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_input_gives_one_line_and_status_2(words, message, tiny, capsys):
    status, _, err = run(capsys, "replay", "tiny", "--data", "digits", "--checkpoints", tiny, *words)
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_simulation_that_does_not_end_gives_one_line(tiny, capsys, monkeypatch):
    def fail(_rtl):
        raise SimulationError("array: product did not end;\nsee sim.log")

    monkeypatch.setattr(ArrayRtl, "build", fail)
    status, _, err = run(capsys, "replay", "tiny", "--data", "digits", "--checkpoints", tiny)
    assert (status, err) == (2, "axmac: array: product did not end; see sim.log\n")


def test_help_has_an_example(capsys):
    status, out, _ = run(capsys, "replay", "--help")
    assert status == 0
    assert "Example: axmac replay lenet5" in " ".join(out.replace("│", " ").split())
