"""Error figures: published statistics, closed forms of the integral, and constant memory."""

import math
import tracemalloc

import numpy as np
import pytest

from axmac.model.golden import ErrorStream, measure
from axmac.model.spec import InputError

PAIRS = 1_000_000


@pytest.fixture(scope="module")
def ax_fpm():
    return measure("ax_fpm", PAIRS, seed=1)


def test_ax_fpm_statistics(ax_fpm):
    assert ax_fpm.pairs + ax_fpm.zero == PAIRS
    assert ax_fpm.larger == pytest.approx(0.9574, abs=0.0006)
    assert ax_fpm.mred == pytest.approx(0.4108, abs=0.002)
    assert ax_fpm.nmed == pytest.approx(0.0906, abs=0.0003)


def test_one_array_has_closed_forms():
    figures = measure("fp32_array_ama5_t24", PAIRS, seed=1)
    assert figures.mred == pytest.approx(2 * math.log(2) - 1, abs=0.001)
    assert figures.nmed == pytest.approx(1 / 12, abs=0.0003)
    assert figures.ratio_of_means == pytest.approx(1 / 3, abs=0.001)


def test_counting_the_carry_makes_every_product_larger():
    assert measure("fp32_array_ama5_t4_xc", PAIRS, seed=1).larger == 1.0


@pytest.mark.parametrize(
    ("tile", "mred", "nmed", "larger"),
    [
        (2, 0.469, 0.1054, 0.879),
        (3, 0.432, 0.0965, 0.923),
        (6, 0.393, 0.0853, 0.989),
        (8, 0.388, 0.0838, 0.997),
        (12, 0.386, 0.0834, 0.9998),
    ],
)
def test_statistics_by_tile(tile, mred, nmed, larger):
    figures = measure(f"fp32_array_ama5_t{tile}", 400_000, seed=tile)
    assert figures.mred == pytest.approx(mred, abs=0.003)
    assert figures.nmed == pytest.approx(nmed, abs=0.0005)
    assert figures.larger == pytest.approx(larger, abs=0.0015)


def test_the_exact_unit_errs_by_rounding_only():
    figures = measure("fp32_ieee", 100_000, seed=2)
    assert 0 < figures.mred < 2**-24
    assert abs(figures.bias) < 1e-9


def test_figures_of_a_hand_made_stream():
    stream = ErrorStream(largest=4.0)
    stream.update(np.array([2.0, -4.0]), np.array([3.0, -4.0]))
    stream.update(np.array([1.0, 0.0, np.inf]), np.array([0.5, 1.0, 1.0]))
    figures = stream.figures()
    assert (figures.pairs, figures.zero, figures.non_finite) == (3, 1, 1)
    assert figures.med == pytest.approx(0.5)
    assert figures.nmed == pytest.approx(0.125)
    assert figures.mred == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert figures.ratio_of_means == pytest.approx(1.5 / 7)
    assert (figures.wce, figures.ep, figures.larger) == (1.0, pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert figures.bias == pytest.approx(0.5 / 3)


def test_memory_does_not_grow_with_the_pairs():
    peaks = []
    for pairs in (1 << 19, 1 << 21):
        tracemalloc.start()
        measure("fp32_ieee", pairs)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_same_seed_same_figures_and_progress():
    seen = []
    assert measure("ax_fpm", 5000, seed=3, progress=seen.append) == measure("ax_fpm", 5000, seed=3)
    assert seen == [5000]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"pairs": 0}, "pairs must be"), ({"low": 1.0, "high": -1.0}, "range must be"), ({"high": math.inf}, "range")],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        measure("ax_fpm", **options)
