"""Bins of the adder are checked with sums that are known by hand, and with random ones that leave holes."""

import numpy as np
import pytest

from axmac.model.golden import add
from axmac.model.spec import FLOAT32, catalog
from axmac.sim.arrays import verify_adder
from axmac.sim.bins import PointHits, report_of
from axmac.sim.coverpoints_add import Addition, add_points, product_classes, reaches_the_ends
from axmac.sim.directed_sums import directed_macs, directed_sums, float32_products, unreachable_sums

ONE, BELOW_ONE, MAX, TINY = 0x3F800000, 0x3F7FFFFF, 0x7F7FFFFF, 0x00800000
MINUS = 0x80000000


def bins_of(a, b):
    """The bins that one sum hits."""
    a, b = np.array([a], np.uint32), np.array([b], np.uint32)
    hits = PointHits(add_points())
    hits.update(Addition.of(a, b, add(FLOAT32, a, b)))
    assert not hits.unexpected
    return {name for name, count in hits.by_bin().items() if count}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (
            ONE,
            ONE,
            {"normalise: carry", "distance: add, 0", "signs: +a +b, equal", "operands: normal + normal = normal"},
        ),
        (ONE, ONE | MINUS, {"normalise: to exact zero", "zero: x - x", "operands: normal + normal = zero"}),
        (ONE, BELOW_ONE | MINUS, {"normalise: left by 24", "distance: subtract, 1", "signs: +a -b, a larger"}),
        (ONE, ONE + 1 | MINUS, {"normalise: left by 23", "signs: +a -b, b larger"}),
        (MAX, MAX, {"range: overflow by the carry", "operands: normal + normal = inf"}),
        (
            MAX,
            0x73000000,
            {"rounding carry: add, to inf", "rounding: add, last 1 guard 1 sticky 0", "distance: add, 24"},
        ),
        (BELOW_ONE, 0x33000000, {"rounding carry: add, to the next power of two", "distance: add, 24"}),
        (ONE, 0x32000000 | MINUS, {"rounding carry: subtract, back to the power of two", "distance: subtract, 27"}),
        (ONE, 0x00000001, {"distance: add, more", "operands: normal + subnormal = normal"}),
        (ONE, 0x33800001, {"tie broken by the last bit alone: add", "rounding: add, last 0 guard 1 sticky 1"}),
        (TINY, 0x80000001, {"normalise: stopped at the least exponent", "operands: normal + subnormal = subnormal"}),
        (0x007FFFFF, 0x00000001, {"operands: subnormal + subnormal = normal", "distance: add, 0"}),
        (0, MINUS, {"zero: zeros of both signs", "operands: zero + zero = zero"}),
        (MINUS, MINUS, {"zero: -0 + -0"}),
        (0x7F800000, 0xFF800000, {"operands: inf + inf = NaN"}),
        (0x7F800001, ONE, {"operands: signalling NaN + normal = NaN"}),
    ],
)
def test_known_sums(a, b, expected):
    found = bins_of(a, b)
    assert {name.replace("distance: subtract, 27", "distance: subtract, more") for name in expected} <= found


def test_directed_sums_close_the_coverage():
    a, b = directed_sums()
    hits = PointHits(add_points())
    hits.update(Addition.of(a, b, add(FLOAT32, a, b)))
    report = report_of(hits.by_bin(), unexpected=hits.unexpected)
    assert report.problem == ""
    assert report.hit == report.bins > 150
    assert len(a) < 200


@pytest.mark.parametrize("unit", [*catalog.floats, "fp16_ieee", "e4f3_plain"])
def test_directed_macs_close_the_coverage(unit):
    mul = catalog[unit]
    a, b, acc = directed_macs(mul)
    product = float32_products(mul, a, b)
    hits = PointHits(add_points(product_classes(mul), ends=reaches_the_ends(mul)))
    hits.update(Addition.of(acc, product, add(FLOAT32, acc, product)))
    assert report_of(hits.by_bin(), unreachable_sums(mul), unexpected=hits.unexpected).problem == ""


def test_a_sum_that_the_contract_rules_out_is_told():
    hits = PointHits(add_points())
    one = np.array([ONE], np.uint32)
    hits.update(Addition.of(one, one, np.array([FLOAT32.nan], np.uint32)))
    assert hits.unexpected == {"operands: a result that the contract does not allow"}


def test_100_random_vectors_are_not_enough(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there
    figures = verify_adder("icarus", 100, directed=False)
    assert figures["stalls"]["mismatches"] == 0
    assert figures["stalls"]["compared"] == 100
    assert len(figures["coverage"].holes) > 20
    assert "bins were not hit" in figures["coverage"].problem
