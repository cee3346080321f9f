"""Critical strength on planted curves, intervals by hand, and what counts as held."""

import numpy as np
import pytest

from axmac.model.study.geometry.claims import above, critical_strength, image_claims, spiral_claims, within
from axmac.model.study.geometry.measures import critical, useful, with_interval

EPS = [0.0, 0.005, 0.01, 0.015, 0.02]


def planted(crossing=2):
    """Two seeds, three widths whose lines cross at one eps; all wrong at the last."""
    slopes = np.array([0.02, 0.06, 0.1])
    lines = 0.8 - slopes[:, None] * (np.arange(5) - crossing)
    lines[:, -1] = 0
    return np.stack([lines, lines])


def test_critical_strength_of_lines_that_cross():
    """Where all are wrong nothing varies: that is the least variance of all, and no use."""
    lines = planted()[0]
    assert critical(lines) == 4
    assert useful(lines).tolist() == [True] * 4 + [False]
    assert critical(lines, useful(lines)) == 2
    found = critical_strength(planted(), EPS)
    assert (found["all"]["eps"], found["useful"]["eps"]) == (0.02, 0.01)
    assert found["useful"]["seeds"] == [0.01, 0.01]
    assert found["useful"]["deviation"] == pytest.approx(0)


def test_intervals_by_hand():
    """t of two degrees of freedom is 4.3027 at 97.5 %."""
    found = with_interval([1.0, 2.0, 3.0])
    assert found["mean"] == 2
    assert found["interval"] == pytest.approx([2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5], rel=1e-4)
    assert with_interval([0.5]) == {"mean": 0.5, "interval": None}


@pytest.mark.parametrize(
    ("interval", "inside", "larger"),
    [
        ([0.2, 0.3], True, True),
        ([0.2, 0.6], None, True),
        ([0.6, 0.7], False, True),
        ([-0.1, 0.05], False, None),
        ([-0.1, 0.0], False, False),
        ([0.0, 0.0], False, False),
        (None, True, True),
    ],
)
def test_held_open_or_not(interval, inside, larger):
    found = {"mean": 0.25, "interval": interval}
    assert within(found, 0.1, 0.5) is inside
    assert above(found, 0) is larger


def test_claims_on_images():
    """Accuracies that obey the paper in all but the clean accuracy at 1 bit of the sigmoid."""
    eps = [place * 0.05 for place in range(5)]
    falling = np.array([[0.95, 0.9, 0.8, 0.7, 0.6], [0.96, 0.9, 0.5, 0.3, 0.1]])
    noise = np.array([-0.001, 0.001, 0.0])[:, None, None]
    by_activation = {"sigmoid": falling * 0.9 + noise, "relu": falling + noise}
    claims = image_claims(by_activation, [1, 10], eps, 0.05)
    held = {(claim["claim"], claim["where"]): claim["held"] for claim in claims}
    assert held["clean accuracy at 1 bit", "sigmoid"] is False
    assert held["clean accuracy at 1 bit", "relu"] is True
    assert held["eps 0, 10 bits less 1 bit", "relu"] is True
    assert held["FGSM eps 0.1, 1 bit less 10 bits", "relu"] is True
    assert held["FGSM eps 0.05, 1 bit less 10 bits", "relu"] is False
    assert held["critical strength, where accuracy is useful", "relu"] is True
    assert held["1 bit, mean over all eps, relu less sigmoid", "relu"] is True
    assert len(held) == len(claims) == 2 * 6 + 1


def test_claims_on_spirals():
    """Accuracy that falls to 2 % and rises; step as flat as ReLU at low bits, sigmoid not."""
    eps = [0.0, 0.1, 0.2, 0.3]
    base = np.array([[0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5], [0.97, 0.5, 0.02, 0.4]])
    steep = base + np.array([0, 0.2, 0])[:, None]
    noise = np.array([-0.001, 0.001, 0.0])[:, None, None]
    by_activation = {"step": base + noise, "sigmoid": steep + noise, "relu": base + noise}
    claims = spiral_claims(by_activation, [1, 2, 10], eps, 0.1)
    held = {(claim["claim"], claim["where"]): claim["held"] for claim in claims}
    assert held["clean accuracy at 1 bit", "relu"] is True
    assert held["clean accuracy at 2 bits", "sigmoid"] is False
    assert held["clean accuracy at 10 bits", "relu"] is None
    assert held["critical strength, where accuracy is useful", "relu"] is True
    assert held["least accuracy over eps, 10 bits (at eps 0.2)", "relu"] is True
    assert held["eps 0.3 less the least, 10 bits", "relu"] is True
    assert held["eps 0, range over 1 to 4 bits, sigmoid less relu", "relu"] is True
    assert held["eps 0, range over 1 to 4 bits, step less relu", "relu"] is False
    assert len(held) == len(claims) == 3 * 6 + 2
