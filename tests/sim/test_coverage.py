"""Bins are checked with operands whose class, rounding and exponent are known by hand, not with the cover points."""

import numpy as np
import pytest

from axmac.model.spec import catalog
from axmac.sim.bins import STREAM_BINS, CoverageReport
from axmac.sim.coverage import Coverage
from axmac.sim.directed import directed_pairs
from axmac.sim.stimulus import class_pairs, random_pairs

ONE, MAX, TINY, INF, NAN = 0x3F800000, 0x7F7FFFFF, 0x00800000, 0x7F800000, 0x7FC00000


def hits(unit, a, b):
    """The bins that one product hits."""
    spec = catalog[unit]
    coverage = Coverage(spec)
    dtype = np.uint32 if spec.format.width == 32 else np.uint16
    coverage.update(np.array([a], dtype), np.array([b], dtype))
    return coverage.report()


def names(unit, a, b):
    everything = set(Coverage(catalog[unit]).report().holes)
    return everything - set(hits(unit, a, b).holes)


@pytest.mark.parametrize(
    ("unit", "a", "b", "expected"),
    [
        ("fp32_ieee", ONE, 0x80000001, {"operands: normal x subnormal = subnormal", "signs: + x -, finite"}),
        ("fp32_ieee", ONE, 0x007FFFFF, {"exponent: 0", "shift: left, stopped at the least exponent"}),
        ("fp32_ieee", TINY, 0x3F000000, {"exponent: 0", "rounding: subnormal, last 0 guard 0 sticky 0"}),
        ("fp32_ieee", TINY, 0x34000000, {"shift: right by 22", "operands: normal x normal = subnormal"}),
        ("fp32_ieee", 0x3FFFFFFF, 0x3F800001, {"rounding: normal, last 0 guard 0 sticky 1"}),
        ("fp32_ieee", MAX, 0x40000000, {"exponent: overflow by 1", "operands: normal x normal = inf"}),
        ("fp32_ieee", 0x007FFFFF, 0x3F800001, {"rounding carry: subnormal to normal"}),
        ("fp32_ieee", INF, 0x80000000, {"operands: inf x zero = NaN"}),
        ("ax_fpm", INF, 0x00000001, {"operands: inf x subnormal = NaN"}),
        ("ax_fpm", 0x7F800001, NAN, {"operands: signalling NaN x quiet NaN = NaN"}),
        ("ax_fpm", TINY, TINY, {"operands: normal x normal = zero", "exponent: upper, below 0"}),
        ("fp32_array_ama5_t1", TINY, ONE, {"exponent: lower, 1", "rounding: exact", "normalise: lower"}),
        ("fp32_array_ama5_t1", TINY, 0x3F000000, {"exponent: lower, 0"}),
        ("bf16_booth", 0x3FC0, 0x3FC0, {"normalise: upper", "rounding: last 0 guard 0 sticky 0"}),
        ("bf16_booth", 0x3F81, 0x3F81, {"normalise: lower", "rounding: last 0 guard 0 sticky 1"}),
    ],
)
def test_known_products(unit, a, b, expected):
    assert expected <= names(unit, a, b)


@pytest.mark.parametrize("unit", [*catalog.floats, "fp32_csa_ama3_t6_xc"])
def test_class_pairs_and_directed_pairs_close_the_coverage(unit):
    spec = catalog[unit]
    coverage = Coverage(spec)
    for pairs in (class_pairs(spec), directed_pairs(spec)):
        coverage.update(*pairs)
    report = coverage.report()
    assert report.holes == report.unexpected == []
    assert report.closed
    assert report.hit + len(report.unreachable) == report.bins > 90
    assert len(report.unreachable) <= 0.05 * report.bins
    assert len(directed_pairs(spec)[0]) < 4000


@pytest.mark.parametrize("unit", catalog.floats)
def test_what_is_called_unreachable_is_not_reached(unit):
    spec = catalog[unit]
    coverage = Coverage(spec)
    coverage.update(*random_pairs(spec, 100_000, 5))
    report = coverage.report()
    assert report.unexpected == []
    assert {*report.unreachable, *report.constant}.isdisjoint(report.holes)


def test_100_random_pairs_leave_holes():
    for unit in catalog:
        coverage = Coverage(catalog[unit])
        coverage.update(*random_pairs(catalog[unit], 100, 1))
        assert not coverage.report().closed


def test_each_kind_of_cycle_has_its_bin():
    coverage = Coverage(catalog["bf16_booth"], stages=3)
    cycles = [(1, 1, 1, 1), (0, 1, 0, 1), (1, 1, 1, 0), (0, 0, 1, 0), (1, 0, 1, 0)]
    for seen, cycle in enumerate(cycles):
        holes = [hole for hole in coverage.report().holes if hole.startswith("streams")]
        assert len(holes) == len(STREAM_BINS) - seen
        names = ("in_valid", "in_ready", "out_valid", "out_ready")
        coverage.update_streams(**{name: bool(value) for name, value in zip(names, cycle, strict=True)})
    assert not [hole for hole in coverage.report().holes if hole.startswith("streams")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"holes": ["x"]}, "1 of 100 bins were not hit, the first: x"),
        ({"unexpected": ["y"]}, "not expected: y"),
        ({"unreachable": {str(k): "proof" for k in range(6)}}, "6 of 100 bins are unreachable: that is more than 5 %"),
        ({"unreachable": {str(k): "proof" for k in range(5)}}, ""),
    ],
)
def test_what_keeps_it_open(change, problem):
    fields = {"bins": 100, "hit": 90, "unreachable": {}, "constant": {}, "holes": [], "unexpected": []} | change
    report = CoverageReport(**fields)
    assert (report.problem, report.closed) == (problem, problem == "")
