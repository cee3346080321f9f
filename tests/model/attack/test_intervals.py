"""Wilson's interval against published values and its own defining equation."""

from math import sqrt

import pytest

from axmac.model.attack import wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_values(k, n, low, high):
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("k", "n"), [(1, 3), (7, 10), (362, 9730), (99, 100)])
def test_both_ends_are_1_96_standard_deviations_away(k, n):
    for end in wilson(k, n):
        assert abs(k / n - end) / sqrt(end * (1 - end) / n) == pytest.approx(1.959963984540054)


def test_ends():
    assert wilson(0, 0) is None
    assert wilson(0, 5)[0] == 0.0
    assert wilson(5, 5)[1] == 1.0
    with pytest.raises(ValueError, match="successes must be 0 to 3, not 4"):
        wilson(4, 3)
