"""McNemar's exact test against scipy, closed forms and a textbook table; Holm's correction against worked examples."""

from math import comb

import pytest
import torch
from scipy.stats import binomtest

from axmac.model.attack.statistics import binomial_p, holm, mcnemar


def outcomes(both, only_first, only_second, neither):
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return torch.tensor(first), torch.tensor(second)


def test_presidential_approval():
    """Agresti, Categorical Data Analysis (1990), p. 350; exact p as R's exact2x2 prints it."""
    paired = mcnemar(*outcomes(794, 150, 86, 570))
    assert (paired.n, paired.only_first, paired.only_second) == (1600, 150, 86)
    assert paired.p == pytest.approx(3.716e-05, rel=2e-4)


def test_every_split_of_up_to_40_pairs_is_scipys():
    splits = [(one, coins - one) for coins in range(1, 41) for one in range(coins + 1)]
    for one, other in splits:
        assert binomial_p(one, other) == pytest.approx(binomtest(one, one + other).pvalue, rel=1e-9)
    assert len(splits) == 860


@pytest.mark.parametrize("coins", [1, 5, 30, 1074])
def test_closed_forms(coins):
    """All coins on one side: 2 / 2^n; an even split: 1; one coin on the other side: 2 (n + 1) / 2^n."""
    assert binomial_p(0, coins) == binomial_p(coins, 0) == min(1.0, 2 / 2**coins)
    assert binomial_p(coins, coins) == 1.0
    if coins > 2:
        assert binomial_p(1, coins - 1) == 2 * (coins + 1) / 2**coins
    assert binomial_p(coins, coins + 1) == 1.0
    assert binomial_p(coins, coins + 2) == pytest.approx(1 - comb(2 * coins + 2, coins + 1) / 2 ** (2 * coins + 2))


def test_many_pairs():
    assert binomial_p(4900, 5100) == pytest.approx(binomtest(4900, 10_000).pvalue, rel=1e-9)


def test_nothing_differs():
    assert mcnemar(*outcomes(3, 0, 0, 2)).p == 1.0
    none = torch.zeros(0, dtype=torch.bool)
    assert mcnemar(none, none).p == 1.0


def test_holm_by_hand():
    """Four rows: .005 x 4, .01 x 3, .03 x 2, and .04 x 1, which may not fall below the row before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_holm_rejects_what_its_step_down_rule_rejects():
    """The definition: go up the ordered values while p <= alpha / (rows left)."""
    generator = torch.Generator().manual_seed(1)
    compared = 0
    for _ in range(50):
        values = (torch.rand(8, generator=generator, dtype=torch.float64) ** 3).tolist()
        for alpha in (0.01, 0.05, 0.2):
            rejected = set()
            for rank, p in enumerate(sorted(values)):
                if p > alpha / (len(values) - rank):
                    break
                rejected.add(p)
            assert {p for p, adjusted in zip(values, holm(values), strict=True) if adjusted <= alpha} == rejected
            compared += 1
    assert compared == 150


def test_refuses_what_makes_no_sense():
    flags = torch.tensor([True, False])
    with pytest.raises(ValueError, match="of one length, not 2 and 1"):
        mcnemar(flags, flags[:1])
    with pytest.raises(ValueError, match=r"second must be bool \[n\], not torch.float32"):
        mcnemar(flags, flags.float())
    with pytest.raises(ValueError, match="at least 0, not -1 and 2"):
        binomial_p(-1, 2)
    with pytest.raises(ValueError, match=r"p must be 0 to 1, not 1\.5"):
        holm([0.1, 1.5])
