"""Transfer: the counting, by networks whose answers are known, and a real run."""

import os

import pytest
import torch
from torch import nn

from axmac.model import attack
from axmac.model.nn import approximate, data, networks, training
from axmac.model.spec import InputError


class Threshold(nn.Module):
    """Class 1 where the only pixel exceeds a limit; the gradient moves the pixel towards the limit."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def forward(self, x):
        margin = x.flatten(1) - self.limit
        return torch.cat([-margin, margin], dim=1)


def pixels(*values):
    images = torch.tensor(values).reshape(-1, 1, 1, 1)
    return data.Dataset("pixels", "test", images, (images.flatten() > 0.5).long(), "0" * 64)


def test_counts_by_hand():
    """Limits .5 and .56: .52 is wrong for the target, so it does not count; .6 and .65 fool the source at .2."""
    made = pixels(0.1, 0.52, 0.6, 0.65, 0.9, 0.4)
    result = attack.transfer(Threshold(0.5).eval(), Threshold(0.56).eval(), made, [0.05, 0.12, 0.2])
    assert result.indices == [0, 2, 3, 4, 5]
    counts = [(row["n"], row["k1"], row["k2"]) for row in result.rows]
    assert counts == [(5, 0, 0), (5, 2, 1), (5, 3, 3)]
    assert [row["rate"] for row in result.rows] == [None, 0.5, 1.0]
    assert result.rows[0]["interval"] is None
    assert result.rows[2]["source_rate"] == 0.6
    assert (result.rows[0]["source_accuracy"], result.rows[0]["target_accuracy"]) == (1.0, 5 / 6)


def test_examples_are_all_images_in_order():
    made = pixels(0.1, 0.52, 0.6, 0.65, 0.9, 0.4)
    shown = attack.transfer(Threshold(0.5).eval(), Threshold(0.56).eval(), made, [0.12]).examples[0]
    assert shown.indices == [0, 2, 3, 4, 5]
    assert shown.labels.tolist() == shown.wanted.tolist() == [0, 1, 1, 1, 0]
    assert shown.source.tolist() == [0, 0, 1, 1, 1]
    assert shown.target.tolist() == [0, 0, 0, 1, 0]
    torch.testing.assert_close(shown.clean.flatten(), torch.tensor([0.1, 0.6, 0.65, 0.9, 0.4]))
    torch.testing.assert_close(shown.adversarial.flatten(), torch.tensor([0.22, 0.48, 0.53, 0.78, 0.52]))


def test_minimal_and_its_margins():
    """.6 needs .1, .9 needs .4, .1 and .4 need .4 and .1 to pass .5; at 1.5 times that, .6 is .45 and .4 is .55."""
    made = pixels(0.1, 0.52, 0.6, 0.65, 0.9, 0.4)
    nets = Threshold(0.5).eval(), Threshold(0.56).eval()
    run = attack.transfer(*nets, made, [1.0, 1.5], protocol="minimal", settings={"scan": 1000})
    assert [(row["eps"], row["margin"]) for row in run.rows] == [(None, 1.0), (None, 1.5)]
    assert [(row["n"], row["k1"]) for row in run.rows] == [(5, 5), (5, 5)]
    assert [row["k2"] for row in run.rows] == [3, 4]
    first, second = (example.adversarial.flatten() for example in run.examples)
    torch.testing.assert_close(first, torch.tensor([0.5, 0.5, 0.5, 0.5, 0.5]), rtol=0, atol=2e-3)
    torch.testing.assert_close(second, torch.tensor([0.7, 0.45, 0.425, 0.3, 0.55]), rtol=0, atol=2e-3)
    assert run.rows[0]["distance"] == pytest.approx(0.151, abs=2e-3)
    assert run.attack["protocol"] == "minimal"
    assert run.rows[0]["forward_images"] == run.rows[1]["forward_images"] > 5 * 100


def test_a_target_is_the_next_class():
    """Of two classes the next one is the other one, so that the counts are those without a target."""
    made = pixels(0.1, 0.52, 0.6, 0.65, 0.9, 0.4)
    nets = Threshold(0.5).eval(), Threshold(0.56).eval()
    plain, aimed = (attack.transfer(*nets, made, [0.05, 0.12, 0.2], targeted=targeted) for targeted in (False, True))
    assert aimed.examples[0].wanted.tolist() == [1, 0, 0, 0, 1]
    assert [row["k2"] for row in aimed.rows] == [row["k2"] for row in plain.rows]
    assert aimed.attack["targeted"]


def test_a_real_network_and_its_approximation():
    name = "mnist" if os.environ.get("AXMAC_DATA") else "digits"
    train, test = (data.load(name, split) for split in ("train", "test"))
    first = data.Dataset(name, "train", train.images[:1400], train.labels[:1400], train.sha256)
    few = data.Dataset(name, "test", test.images[:120], test.labels[:120], test.sha256)
    source = networks.build("lenet5", seed=1)
    training.train(source, first, epochs=4, seed=1, batch_size=64)
    source.zero_grad()
    before = [parameter.clone() for parameter in source.parameters()]
    target, seen = approximate(source, "ax_fpm", layers="conv"), []
    run = attack.transfer(source, target, few, [0.1, 0.3], batch_size=50, progress=lambda *step: seen.append(step))
    low, high = run.rows
    assert low["images"] == 120
    assert low["n"] == high["n"] == len(run.indices) > 60
    assert low["k1"] <= high["k1"]
    assert 0 < high["k2"] <= high["k1"] <= high["n"]
    assert low["interval"] is None or low["interval"][0] <= low["rate"] <= low["interval"][1]
    assert seen[-1] == ("fgsm", 2 * low["n"], 2 * low["n"])
    assert run.attack["name"] == "fgsm"
    assert (run.threads, run.batch_size) == (torch.get_num_threads(), 50)
    assert all(torch.equal(a, b) for a, b in zip(before, source.parameters(), strict=True))
    assert all(parameter.grad is None and parameter.requires_grad for parameter in source.parameters())
    again = attack.transfer(source, target, few, [0.1, 0.3], batch_size=50)
    assert again.rows == run.rows


def test_names():
    eight = {"boundary", "cw", "deepfool", "fgsm", "hopskipjump", "jsma", "lsa", "pgd"}
    assert {*eight, "bim", "pgd_l2"} <= set(attack.attack_names())


def test_refuses_what_makes_no_sense():
    net, made = Threshold(0.5).eval(), pixels(0.1, 0.9)
    for arguments, words in (
        ((net, net, made, []), "eps must be one or more finite numbers"),
        ((net, net, made, [0.0]), r"above 0, not \[0.0\]"),
        ((net, Threshold(0.5).train(), made, [0.1]), "target is in training mode"),
        ((net, Threshold(2.0).eval(), pixels(0.9), [0.1]), "no image of pixels is classified right by both"),
    ):
        with pytest.raises(InputError, match=words):
            attack.transfer(*arguments)
    for options, words in (
        ({"attack": "none"}, "unknown attack 'none': use .*bim or"),
        ({"attack": "deepfool"}, "deepfool has no protocol 'budget': use minimal"),
        ({"protocol": "minimal"}, r"margins must be one or more numbers of at least 1, not \[0.1\]"),
        ({"settings": {"steps": 3}}, "fgsm has no setting 'steps'"),
    ):
        with pytest.raises(InputError, match=words):
            attack.transfer(net, net, made, [0.1], **options)
