"""Algorithm 1: widths by equation 3 after the warm-up, the same bits however often it is killed, and refusals."""

import json

import pytest
import torch
from hybrid_runs import LAYERS, digits, name_it

from axmac.model.attack.hardening import hardener
from axmac.model.attack.sensitivity import assigned_bits, noise_sensitivity
from axmac.model.nn import checkpoint
from axmac.model.nn.hybrid import bits_of
from axmac.model.spec import InputError
from axmac.model.study.quanos.procedure import path_of, run

SETTINGS = {"warmup_epochs": 1, "epochs": 4, "seed": 3, "batch_size": 64}


@pytest.fixture(autouse=True)
def named():
    name_it()


def made(folder, **changes):
    return run("mini", digits(), **{**SETTINGS, **changes}, folder=folder)


def comparable(record):
    return json.dumps({**record, "path": None})


def killed_at(images):
    def kill(_what, done, _total):
        if done > images:
            raise KeyboardInterrupt

    return kill


def test_the_record_and_the_checkpoint_say_what_was_done(tmp_path):
    module, record = made(tmp_path)
    assert not module.training
    assert tuple(record["bits"]) == tuple(record["ans"]["warmup"]) == tuple(record["ans"]["final"]) == LAYERS
    assert record["bits"] == assigned_bits(record["ans"]["warmup"], 16) == bits_of(module)
    assert record["rounds"] == [{"epoch": 1, "ans": record["ans"]["warmup"], "bits": record["bits"]}]
    assert len(record["loss"]) == 4
    assert (record["seed"], record["threads"], record["homogeneous"]) == (3, torch.get_num_threads(), None)
    assert record["sample"] == {"n": 256, "seed": 3, "eps": 0.05}
    part = digits()
    final = noise_sensitivity(module, part.images, part.labels)
    assert record["ans"]["final"] == pytest.approx(final, rel=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["mini-digits-quanos16-seed3.safetensors"]
    loaded, metadata = checkpoint.load(record["path"])
    assert (metadata["sha256"], metadata["bits"]) == (record["sha256"], record["bits"])
    assert torch.equal(loaded(part.images), module(part.images))


@pytest.mark.parametrize("images", [100, 300, 600, 900])
def test_killed_it_goes_on_and_ends_with_the_same_bits(tmp_path, images):
    """In the warm-up, right behind it, in the second round, and in the last epoch; the state is there in between."""
    changes = {"iterations": 2, "hardening": "pgd"}
    _, whole = made(tmp_path / "whole", **changes)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "killed", **changes, progress=killed_at(images))
    steps = []
    _, again = made(tmp_path / "killed", **changes, progress=lambda *step: steps.append(step[1]))
    assert steps[0] == images // 256 * 256 + 64
    assert comparable(again) == comparable(whole)
    assert [one["epoch"] for one in whole["rounds"]] == [1, 2]
    second = whole["rounds"][1]
    assert second["bits"] == whole["bits"] == assigned_bits(second["ans"], whole["rounds"][0]["bits"])


def test_a_finished_run_is_only_loaded_and_the_seed_decides(tmp_path):
    _, first = made(tmp_path / "a")
    steps = []
    _, loaded = made(tmp_path / "a", progress=lambda *step: steps.append(step))
    assert (loaded, steps) == (first, [])
    torch.rand(3)
    _, again = made(tmp_path / "b")
    assert comparable(again) == comparable(first)
    _, other = made(tmp_path / "b", seed=4)
    assert other["sha256"] != first["sha256"]


def test_homogeneous_baselines_have_the_same_schedule(tmp_path):
    module, record = made(tmp_path, bits=5)
    assert record["bits"] == bits_of(module) == dict.fromkeys(LAYERS, 5)
    assert (record["rounds"], record["homogeneous"], len(record["loss"])) == ([], 5, 4)
    assert set(record["ans"]["warmup"]) == set(record["ans"]["final"]) == set(LAYERS)
    assert record["path"].endswith("mini-digits-5bit-seed3.safetensors")
    _, wide = made(tmp_path, bits=16)
    _, assigned = made(tmp_path)
    assert wide["loss"][0] == assigned["loss"][0]
    assert wide["ans"]["warmup"] == assigned["ans"]["warmup"]
    assert wide["loss"][1:] != assigned["loss"][1:]


def test_hardening_begins_after_the_warm_up(tmp_path):
    _, plain = made(tmp_path)
    _, hard = made(tmp_path, hardening=hardener("fgsm", eps=0.2))
    assert hard["loss"][0] == plain["loss"][0]
    assert hard["bits"] == plain["bits"]
    assert hard["loss"][1] > plain["loss"][1]
    assert hard["hardening"] == "fgsm(eps=0.2, steps=1, rel_step=1.0, random_start=False)"
    assert hard["path"].endswith("mini-digits-quanos16-fgsm-seed3.safetensors")


def test_refuses_files_of_other_settings_and_leaves_them(tmp_path):
    _, record = made(tmp_path)
    with pytest.raises(InputError, match="belongs to a run with other warmup_epochs, epochs: delete it or name"):
        made(tmp_path, warmup_epochs=2, epochs=5)
    assert checkpoint.load(record["path"])[1]["sha256"] == record["sha256"]
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path, seed=5, progress=killed_at(300))
    with pytest.raises(InputError, match=r"seed5\.widths\.json belongs to a run with other epochs: delete it or name"):
        made(tmp_path, seed=5, epochs=6)
    journal = path_of(tmp_path, "mini", "digits", 5).with_suffix(".widths.json")
    journal.write_text("{")
    with pytest.raises(InputError, match=r"seed5\.widths\.json is damaged \(.*\): delete it and .*seed5\.state"):
        made(tmp_path, seed=5)
    journal.unlink()
    made(tmp_path, seed=5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"initial_bits": 17}, "initial_bits must be 1 to 16, not 17"),
        ({"bits": 0}, "bits must be 1 to 16, not 0"),
        ({"warmup_epochs": 0}, "warmup_epochs must be at least 1 and less than all 4 epochs, not 0"),
        ({"warmup_epochs": 4}, "warmup_epochs must be at least 1 and less than all 4 epochs, not 4"),
        ({"iterations": 4}, "iterations must be 1 to 3, an epoch each after the warm-up, not 4"),
        ({"hardening": "none"}, "unknown hardening 'none': use fgsm or pgd"),
    ],
)
def test_refuses_settings_out_of_range_and_writes_nothing(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        made(tmp_path / "new", **changes)
    assert not (tmp_path / "new").exists()
