"""``axmac eval`` killed by SIGKILL and called again: no finished batch is repeated, and the figures are the same."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from axmac.cli import evaluate
from axmac.cli.main import main
from axmac.model.nn import checkpoint, data, networks

BATCH = 50
FIGURES = ("arithmetic", "layers", "n", "correct", "accuracy", "interval", "products", "unit_products", "batch_size")
KILLED = """
import sys
import time
import torch
from axmac.cli import evaluate
from axmac.cli.main import main

evaluate._BATCH = int(sys.argv[1])

def slow(module, inputs):
    if type(module) is torch.nn.Sequential:
        time.sleep(0.03)

torch.nn.modules.module.register_module_forward_pre_hook(slow)
main(sys.argv[2:])
"""


@pytest.fixture
def request_of(tmp_path):
    """(words of the command, name of the data set, its images): 1,000 of MNIST where it is, otherwise all digits."""
    given = os.environ.get("AXMAC_DATA")
    name = "mnist" if given and list(Path(given).glob("**/t10k-images*")) else "digits"
    count = 1000 if name == "mnist" else 360
    checkpoint.save(
        tmp_path / f"lenet5-{name}-seed0.safetensors", "lenet5", networks.build("lenet5"), {"data": {"name": name}}
    )
    words = ["eval", "lenet5", "--data", name, "--images", count, "--checkpoints", tmp_path]
    return [str(word) for word in words], data.load(name, "test").images[:count]


def run(words):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert not stop.value.code


def finished(folder):
    """Images that every state in the folder holds, by the layers that it is of."""
    states = {path.stem.rpartition("-")[2]: path for path in folder.glob(".*.state")}
    return {part: len(checkpoint.load_tensors(path)[0]["classes"]) for part, path in states.items()}


def digest(images):
    return hashlib.sha256(images.numpy().tobytes()).hexdigest()


def test_a_killed_evaluation_goes_on_after_its_last_batch(request_of, tmp_path, monkeypatch, capsys):
    words, images = request_of
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-c", KILLED, str(BATCH), *words, "--out", str(killed)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    deadline = time.monotonic() + 120
    while finished(killed).get("conv", 0) < len(images) // 2:
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    done = finished(killed)
    assert done["exact"] == len(images)
    assert len(images) // 2 <= done["conv"] < len(images)
    assert "all" not in done
    assert not list(killed.glob("*.json"))

    monkeypatch.setattr(evaluate, "_BATCH", BATCH)
    seen = []

    def note(module, inputs):
        if type(module) is torch.nn.Sequential and len(inputs[0]) not in (evaluate._WARM_UP, evaluate._TIMED):
            seen.append((type(module.conv1).__name__, type(module.fc1).__name__, digest(inputs[0])))

    handle = torch.nn.modules.module.register_module_forward_pre_hook(note)
    run([*words, "--out", str(killed)])
    handle.remove()
    batches = [(start, digest(images[start : start + BATCH])) for start in range(0, len(images), BATCH)]
    expected = [("ApproxConv2d", "Linear", code) for start, code in batches if start >= done["conv"]]
    expected += [("ApproxConv2d", "ApproxLinear", code) for _, code in batches]
    assert seen == expected
    run([*words, "--out", str(whole)])
    capsys.readouterr()
    results = [json.loads(next(folder.glob("*.json")).read_text(encoding="utf-8")) for folder in (killed, whole)]
    resumed, straight = ([{name: row[name] for name in FIGURES} for row in result["rows"]] for result in results)
    assert resumed == straight
    assert [row["n"] for row in resumed] == [len(images)] * 3
    assert all(row["seconds"] > 0 and row["time_ratio"] > 0 for row in results[0]["rows"])
    assert finished(killed) == finished(whole) == {}


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_the_state_of_another_network_is_refused_by_name(request_of, tmp_path, monkeypatch, capsys):
    words, _ = request_of
    folder = tmp_path / "out"
    monkeypatch.setattr("axmac.model.nn.evaluate.batch_seconds", interrupted)
    with pytest.raises(SystemExit):
        main([*words, "--out", str(folder)])
    assert set(finished(folder)) == {"exact", "conv", "all"}
    (path,) = tmp_path.glob("*.safetensors")
    checkpoint.save(path, "lenet5", networks.build("lenet5", seed=9), {"data": {"name": words[3]}})
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main([*words, "--out", str(folder)])
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert captured.err.count("\n") == 1
    assert "belongs to an evaluation with other net: delete it or name another" in captured.err
