"""``axmac attack --adaptive``: what it runs on, its result file, its exit status, and options it refuses."""

import json

import pytest
import torch

from axmac.cli.main import main
from axmac.model.attack import adaptive
from axmac.model.attack.audit import Alarm
from axmac.model.nn import checkpoint, data, networks

ROW = {"run": "worst_case", "attack": "all", "gradient": None, "n": 3, "k": 1, "rate": 1 / 3, "interval": (0.1, 0.8)}


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.fixture
def calls(monkeypatch):
    """The attack itself replaced by one that notes what it was given; an alarm rings at the second eps."""
    given = []

    def attack(targets, source, images, labels, eps, **options):
        given.append({"targets": targets, "source": source, "n": len(labels), "eps": eps, **options})
        rung = [("unit", Alarm("bounded", {}, "it stands"))] if eps > 0.15 else []
        return adaptive.Adaptive(eps, [ROW | {"eps": eps, "left": 2}], rung, torch.ones(len(images)).bool())

    monkeypatch.setattr(adaptive, "adaptive", attack)
    return given


@pytest.fixture
def words(tmp_path):
    about = {"data": {"name": "digits", "sha256": data.load("digits", "test").sha256}}
    checkpoint.save(tmp_path / "lenet5-digits-seed0.safetensors", "lenet5", networks.build("lenet5").eval(), about)
    return ("attack", "lenet5", "--adaptive", "--data", "digits", "--checkpoints", tmp_path)


def test_each_eps_meets_both_backward_passes(words, calls, tmp_path, capsys):
    more = ("--quick", "--eps", "0.05,0.1", "--seed", 0, "--out", tmp_path / "out")
    status, out, err = run(capsys, *words, *more)
    assert status == 0, err
    assert [(call["eps"], call["n"], call["quick"], call["seed"]) for call in calls] == [
        (0.05, 20, True, 0),
        (0.1, 20, True, 0),
    ]
    targets, image = calls[0]["targets"], data.load("digits", "test").images[:2]
    assert list(targets) == ["exact", "unit"]
    assert [targets[way].conv1.gradient for way in targets] == ["exact", "unit"]
    with torch.no_grad():
        assert torch.equal(targets["exact"](image), targets["unit"](image))
        assert not torch.equal(targets["exact"](image), calls[0]["source"](image))
    assert "ALARMS" not in out
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "adaptive-quick-lenet5-digits-fp32_array_ama5_t4-conv.json"
    result = json.loads(path.read_text())
    assert (result["kind"], result["alarms"], result["gradient"]) == ("adaptive", [], "exact, unit")
    assert [row["eps"] for row in result["rows"]] == [0.05, 0.1]
    assert result["attack"]["params"]["square"] == {"queries": 300, "share": 0.8}


def test_an_alarm_is_printed_and_is_exit_status_1(words, calls, capsys):
    status, out, _ = run(capsys, *words, "--eps", "0.1,0.2", "--n", 3)
    assert status == 1
    assert "ALARMS RANG: it cannot be called robust" in " ".join(out.split())
    assert "alarm: bounded at eps 0.2, gradient unit: it stands" in out
    assert [call["n"] for call in calls] == [3, 3]


@pytest.mark.parametrize(
    ("more", "option"),
    [
        (("--attack", "fgsm"), "--attack"),
        (("--protocol", "minimal"), "--protocol minimal"),
        (("--margin", "1.1"), "--margin"),
        (("--targeted",), "--targeted"),
        (("--source", "unit"), "--source unit"),
    ],
)
def test_options_of_single_attacks_are_refused(more, option, words, calls, capsys):
    status, out, err = run(capsys, *words, *more)
    assert (status, out, calls) == (2, "", [])
    assert err == (f"axmac: {option} does not go with --adaptive, which runs all attacks within --eps: leave it out\n")
