"""Shares, correlations and differences of pairs: by hand, and beside Student's interval."""

import numpy as np
import pytest
from scipy import stats

from axmac.model.study.measures import compared, correlation, share


def test_by_hand():
    found = compared([1.0, 2.0, 3.0], [3.0, 4.0, 5.0])
    assert (found["n"], found["first"], found["second"]) == (3, 2.0, 4.0)
    assert found["difference"]["value"] == 2.0
    assert found["difference"]["interval"] == pytest.approx([2.0, 2.0])
    assert found["ratio"]["value"] == 2.0
    assert compared([2.0, 4.0], [6.0, 12.0])["ratio"]["interval"] == pytest.approx([3.0, 3.0])


def test_pairs_stay_together():
    """Large spread, the same in both: the interval of the difference is that of the differences, by Student's t."""
    rng = np.random.default_rng(1)
    first = 10 * rng.standard_normal(200)
    second = first + 1 + 0.1 * rng.standard_normal(200)
    low, high = compared(first, second)["difference"]["interval"]
    expected = stats.t.interval(0.95, 199, np.mean(second - first), stats.sem(second - first))
    assert (low, high) == pytest.approx(expected, abs=0.004)
    assert high - low == pytest.approx(expected[1] - expected[0], rel=0.15)


def test_without_pairs_and_without_a_base():
    assert compared([], []) == {"n": 0, "first": None, "second": None, "difference": None, "ratio": None}
    assert compared([0.0, 0.0], [1.0, 1.0])["ratio"] is None


def test_correlation():
    assert correlation([1, 2, 4], [-1, -2, -4]) == pytest.approx(-1)
    assert correlation([1, 2, 3, 4], [1, -1, -1, 1]) == pytest.approx(0)
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1], [1]) is None


def test_shares():
    assert share(0, 0) == {"n": 0, "k": 0, "rate": None, "interval": None}
    found = share(3, 4)
    assert (found["n"], found["k"], found["rate"]) == (4, 3, 0.75)
    assert found["interval"] == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson's formula by hand
