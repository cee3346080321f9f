"""Many units side by side. The rate of ``ax_fpm`` is measured with ``-m verify_all``."""

import numpy as np
import pytest

from axmac.gen import generate
from axmac.model.spec import InputError, catalog
from axmac.sim import lanes
from axmac.sim.lanes import verify_lanes


@pytest.mark.verify_all
def test_all_pairs_of_significands_and_random_ones():
    report = verify_lanes("bf16_booth", n=100_000, lanes=16)
    assert report.first_mismatch == ""
    assert report.compared == 65_536 + 2 * 65_536
    assert report.passed
    assert report.rate <= min(report.simulator_rate, report.golden_rate)


def test_a_wrong_unit_is_found(monkeypatch):
    wrong = generate("bf16_array_exact_t8").replace("bf16_array_exact_t8", "bf16_array_ama1_t8")
    monkeypatch.setattr(lanes, "generate", lambda _spec: wrong)
    report = verify_lanes("bf16_array_ama1_t8", n=1, lanes=4)
    assert 0 < report.mismatches <= report.compared
    first = dict(part.split("=") for part in report.first_mismatch.splitlines()[0].split())
    exact = np.array([int(first[name], 16) for name in "ab"], np.uint32) << 16
    product = np.multiply(*exact.view(np.float32)).reshape(1).view(np.uint32)[0] >> 16
    assert int(first["dut"], 16) == product != int(first["golden"], 16)


@pytest.mark.parametrize(("unit", "sim", "pairs"), [("s10_drum_k4", "verilator", 0), ("u5_drum_k3", "icarus", 1024)])
def test_widths_that_are_no_whole_bytes(unit, sim, pairs):
    report = verify_lanes(unit, sim, n=1, lanes=64)
    assert report.first_mismatch == ""
    assert report.compared == pairs + 65_536
    assert report.passed


def test_a_wrong_unit_of_an_odd_width_is_found(monkeypatch):
    """The unit that drops two columns under the name of the one that drops three: column 2 is at most 3 * 4."""
    wrong = generate("u5_trunc_k2").replace("u5_trunc_k2", "u5_trunc_k3")
    monkeypatch.setattr(lanes, "generate", lambda _spec: wrong)
    report = verify_lanes("u5_trunc_k3", "icarus", n=1, lanes=64)
    assert 0 < report.mismatches < report.compared
    first = dict(part.split("=") for part in report.first_mismatch.splitlines()[0].split())
    assert int(first["dut"], 16) - int(first["golden"], 16) in (4, 8, 12)


@pytest.mark.verify_all
@pytest.mark.alone
def test_half_a_million_products_per_second():
    verify_lanes("ax_fpm", n=1)  # builds
    report = max((verify_lanes("ax_fpm", n=2_000_000) for _ in range(3)), key=lambda report: report.rate)
    print(f"{report.rate:,.0f}/s; simulator {report.simulator_rate:,.0f}/s, golden {report.golden_rate:,.0f}/s")
    assert report.passed
    assert report.rate >= 500_000


@pytest.mark.verify_all
@pytest.mark.parametrize("unit", [unit for unit in catalog if unit.startswith("bf16")])
def test_bfloat16_units(unit):
    assert verify_lanes(unit, n=1, lanes=16).passed


@pytest.mark.parametrize("arguments", [{"n": 0}, {"seed": -1}, {"lanes": 0}, {"lanes": 3}])
def test_bad_arguments(arguments):
    with pytest.raises(InputError, match="n must be at least 1"):
        verify_lanes("bf16_booth", **arguments)


def test_arguments_of_another_type():
    with pytest.raises(TypeError, match="lanes must be an integer"):
        verify_lanes("bf16_booth", lanes="4")
