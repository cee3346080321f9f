"""``axmac study``: trains, computes, prints the paper's values beside ours, and goes on where it was."""

import json
from dataclasses import replace
from functools import partial

import pytest

from axmac.cli import study as cli_study
from axmac.cli.main import main
from axmac.cli.networks import data_that_fits
from axmac.model.nn import checkpoint, data, networks, trained
from axmac.model.study import accuracy_table, attack_table, extent
from axmac.model.study.accuracy_table import Entry
from axmac.model.study.planning import Need
from axmac.model.study.studies import approx_table3, table2


@pytest.fixture
def few(monkeypatch):
    """Few attacks and images, and networks trained for one pass."""
    monkeypatch.setattr(table2, "STUDY", replace(table2.STUDY, paper={"fgsm": 12, "deepfool": 17}))
    monkeypatch.setattr(extent, "_IMAGES", {"quick": (8, 2)})
    monkeypatch.setattr(attack_table, "_AUDITED", {"quick": 8})
    monkeypatch.setattr(trained, "trained", partial(trained.trained, epochs=1))


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.mark.usefixtures("few")
def test_table2_on_digits(tmp_path, capsys):
    words = ("study", "table2", "--quick", "--data", "digits", "--workers", 1, "--checkpoints", tmp_path)
    words = (*words, "--out", tmp_path)
    status, out, err = run(capsys, *words)
    assert status in (0, 1), err
    assert "Table 2: attacks on LeNet-5" in out
    path = tmp_path / "study-table2-quick-digits-seed0.json"
    first = json.loads(path.read_text())
    assert [(row["attack"], row["images"]) for row in first["rows"]] == [("fgsm", 8), ("deepfool", 8)]
    shards = list((tmp_path / "attacks-lenet5-quick-digits-seed0").iterdir())
    times = {shard.name: shard.stat().st_mtime_ns for shard in shards}
    assert len(times) == 1 + 2 * (2 + 1 + 2) + 2 * 3
    assert (status == 1) == bool(first["alarms"]) == ("alarm: " in out)
    assert run(capsys, *words)[0] == status
    assert (tmp_path / "study-table2-quick-digits-seed0.png").stat().st_size > 10_000
    assert {shard.name: shard.stat().st_mtime_ns for shard in shards} == times
    assert json.loads(path.read_text())["rows"] == first["rows"]


def test_a_folder_that_cannot_be_is_refused_before_any_training(tmp_path, capsys):
    (tmp_path / "file").touch()
    words = ("study", "table2", "--data", "digits", "--checkpoints", tmp_path, "--out", tmp_path / "file")
    status, out, err = run(capsys, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "cannot be made a folder" in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_unknown_study_is_refused(capsys):
    status, out, err = run(capsys, "study", "table99")
    assert (status, out) == (2, "")
    assert err.startswith("axmac: unknown study 'table99': use ")
    assert run(capsys, "study") == (2, "", "axmac: name a study: `axmac study --list` prints all of them\n")
    status, out, err = run(capsys, "study", "--list")
    assert (status, err) == (0, "")
    assert {"table2", "table10"} <= set(out.split())


def test_a_study_of_two_sizes_of_images_takes_a_data_set_of_each(tmp_path, capsys, monkeypatch):
    wanted = []
    monkeypatch.setattr(cli_study, "_net", lambda need, *_: wanted.append(need.net) or 1 / 0)
    words = ("study", "table6", "--quick", "--checkpoints", tmp_path, "--out", tmp_path, "--data")
    status, _, err = run(capsys, *words, "digits")
    assert (status, err.count("\n")) == (2, 1)
    assert "takes images of 3 x 32 x 32, not those of digits: --data digits,cifar10" in err
    assert wanted == []
    with pytest.raises(ZeroDivisionError):
        main([*map(str, words), "digits,digits32"])
    assert wanted == ["lenet5"]
    names = ["digits", "digits32"]
    chosen = [data_that_fits(names, net, lambda *_: None) for net in ("lenet5", "alexnet_s", "dq_full_s")]
    assert chosen == ["digits", "digits32", "digits32"]


def test_an_optional_network_that_is_not_trained_is_named_and_done_without(tmp_path, capsys, monkeypatch):
    lenet = ("lenet5", "lenet5")
    entries = [Entry("ACC", lenet, "s8_exact", "all"), Entry("DR3", lenet, "s8_drum_k3", "all")]
    entries.append(Entry("ACC", ("lenet5_fc3", "lenet5_fc3"), "s8_exact", "all", optional=True))
    monkeypatch.setattr(approx_table3, "STUDY", replace(approx_table3.STUDY, entries=tuple(entries)))
    monkeypatch.setattr(accuracy_table, "_IMAGES", {"quick": 30})
    monkeypatch.setattr(trained, "trained", partial(trained.trained, epochs=1))
    words = ("study", "approx_table3", "--quick", "--data", "digits", "--workers", 1, "--checkpoints", tmp_path)
    status, out, err = run(capsys, *words, "--out", tmp_path, "--json")
    assert status == 0, err
    assert [(row["net"], row["label"], row["n"]) for row in json.loads(out)["rows"]] == [
        ("lenet5", "ACC", 30),
        ("lenet5", "DR3", 30),
    ]
    train = f"axmac train lenet5_fc3 --data digits --seed 0 --out {tmp_path}"
    assert f"no trained lenet5_fc3, so its rows are left out: run `{train}`, and the study again\n" in err
    trained.trained("lenet5_fc3", data.load("digits", "train"), tmp_path)
    status, out, err = run(capsys, *words, "--out", tmp_path, "--json")
    assert (status, len(json.loads(out)["rows"]), "no trained" in err) == (0, 3, False)


def test_of_an_untrained_network_a_study_gets_a_folder_and_its_first_weights(tmp_path):
    need = Need("lenet5", 3, untrained=True)
    entry = cli_study._net(need, lambda split: data.load("digits", split), tmp_path, None)
    first = checkpoint.digest(networks.build("lenet5", 3).state_dict())
    assert (entry["net"], entry["seed"], entry["path"], entry["sha256"]) == ("lenet5", 3, str(tmp_path), first)
    assert entry["data"]["name"] == "digits"
    assert not list(tmp_path.iterdir())
