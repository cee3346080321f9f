"""The adaptive attack: the union of all it runs, by networks whose robust images are known."""

from itertools import pairwise

import pytest
from attacked import digits, distances_to_boundary, inner_images, linear, trained
from torch import nn

from axmac.model.attack.adaptive import adaptive
from axmac.model.attack.methods.square import Settings
from axmac.model.spec import InputError

SETTINGS = {"square": Settings(queries=20)}


class Hidden(nn.Module):
    """A network without its gradient."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.eval()

    def forward(self, x):
        return self.net(x.detach())


def test_what_stands_is_known_of_a_linear_network():
    net, images = linear(6), inner_images(40)
    labels = net(images).argmax(1)
    labels[:4] = (labels[:4] + 1) % 6
    near = distances_to_boundary(net, images, labels, 1)[4:]
    eps = float(near.median())
    found = adaptive({"exact": net, "unit": net}, linear(6, seed=1), images, labels, eps, settings=SETTINGS, quick=True)
    assert not found.standing[:4].any()
    standing = found.standing[4:]
    assert 10 <= int(standing.sum()) <= 26
    assert (near[standing] > 0.99 * eps).all()
    assert (near[~standing] < 1.0001 * eps).all()
    assert found.alarms == []


@pytest.fixture(scope="module")
def part():
    return digits("test", 30)


@pytest.fixture(scope="module")
def blind(part):
    """Only a backward pass that leads nowhere, and images of another network."""
    return run({"hidden": Hidden(trained(0))}, part)


@pytest.fixture(scope="module")
def both(part):
    """The same network through both backward passes."""
    return run({"hidden": Hidden(trained(0)), "plain": trained(0)}, part)


def run(targets, part):
    return adaptive(targets, trained(1), part.images, part.labels, 0.06, settings=SETTINGS, quick=True)


def test_the_strongest_backward_pass_counts(blind, both):
    """Without a gradient little falls; what falls then, falls to both together too."""
    assert not (both.standing & ~blind.standing).any()
    assert int(both.standing.sum()) + 2 < int(blind.standing.sum())
    fell = {row["gradient"] for row in both.rows if row["k"] > 0 and row["run"] == "white_box"}
    assert fell == {"plain"}


def test_alarms_name_the_backward_pass(blind, both):
    for found in (blind, both):
        assert [(way, alarm.name) for way, alarm in found.alarms] == [("hidden", "zero_gradients")]
        (line,) = found.alarm_lines()
        assert line.startswith("zero_gradients at eps 0.06, gradient hidden: the gradient in the image is zero")


def test_rows_add_up(both, part):
    right = int((trained(0)(part.images).argmax(1) == part.labels).sum())
    *runs, worst = (row for row in both.rows if row["run"] != "unbounded")
    assert worst["run"] == "worst_case"
    assert (worst["n"], worst["n"] - worst["k"]) == (right, int(both.standing.sum()))
    assert worst["k"] >= max(row["k"] for row in runs)
    assert all(after["left"] <= before["left"] for before, after in pairwise(runs))
    assert runs[-1]["left"] == worst["left"] == int(both.standing.sum())
    names = [row["run"] for row in runs]
    assert names.count("square") == names.count("transfer") == 1
    for name in ("white_box", "lead_1", "lead_10", "scale_free"):
        ways = [row["gradient"] for row in runs if row["run"] == name]
        assert ways == ["hidden", "plain"]
    for before, after in pairwise(runs):
        if after["run"] in ("apgd_dlr", "apgd_t", "fab_t"):
            assert after["n"] == before["left"] == after["left"] + after["k"]
    assert {"apgd_dlr", "apgd_t", "fab_t"} <= set(names)
    assert [row["gradient"] for row in both.rows if row["run"] == "unbounded"] == ["hidden", "plain"]


def test_refuses_what_makes_no_sense(part):
    with pytest.raises(InputError, match="exact, unit must be one network"):
        run({"exact": trained(0), "unit": trained(1)}, part)
    with pytest.raises(InputError, match="at least one backward pass"):
        run({}, part)
    net, wrong = trained(0), (trained(0)(part.images).argmax(1) + 1) % 10
    with pytest.raises(InputError, match="classifies no image right"):
        adaptive({"exact": net}, net, part.images, wrong, 0.06, quick=True)
