"""The model of voltage: the alpha-power law by hand, and its inverse."""

import pytest

from axmac.gen.scaling import ALPHA, LEAST_SHARE, THRESHOLD_SHARE, stretched, supply_share


def test_delay_against_voltage():
    """At .9 of the nominal voltage: .9 / .55^1.3 x .65^1.3."""
    assert stretched(1.0) == 1.0
    assert (ALPHA, THRESHOLD_SHARE) == (1.3, 0.35)
    assert stretched(0.9) == pytest.approx(0.9 * (0.65 / 0.55) ** 1.3)


def test_the_voltage_that_a_slack_allows():
    assert [supply_share(slack) for slack in (0.5, 1.0)] == [1.0, 1.0]
    assert supply_share(100.0) == supply_share(stretched(LEAST_SHARE)) == LEAST_SHARE == 0.8
    for share in (0.82, 0.9, 0.99):
        assert supply_share(stretched(share)) == pytest.approx(share)
