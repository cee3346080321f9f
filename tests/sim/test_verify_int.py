"""Integer units: emitted Verilog against the golden model on all pairs of 8 bits; coverage; planted faults.

`make verify-all` does so for every named integer unit (``axmac regress``, ``axmac mutate``).
"""

import os

import numpy as np
import pytest

from axmac.gen import emit
from axmac.model.spec import catalog
from axmac.sim.coverage import Coverage
from axmac.sim.directed import directed_pairs
from axmac.sim.int_stimulus import all_pairs, class_pairs, leading_pairs
from axmac.sim.mutate import mutate
from axmac.sim.stimulus import random_pairs
from axmac.sim.verify import verify

SIMULATORS = [os.environ["SIM"]] if "SIM" in os.environ else ["verilator", "icarus"]
RUN = [("s8_scaletrim_h4_m8", "verilator"), ("u8_drum_k4", "icarus")]
WIDER = ("u4_trunc_k3", "s10_drum_k4", "u12_scaletrim_h4_m8")


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def check(unit, sim, n):
    report = verify(unit, sim=sim, n=n)
    spec = catalog[unit]
    assert report.first_mismatch == ""
    assert report.alarm == ""
    assert report.passed
    assert report.exhaustive == 1 << 2 * spec.format.width
    assert report.pipeline == n + len(class_pairs(spec)[0]) + len(directed_pairs(spec)[0])
    assert report.core == report.pipeline + report.exhaustive
    assert (report.latency, report.bubbles, report.protocol_errors) == (3, 0, 0)


@pytest.mark.parametrize(("unit", "sim"), [pair for pair in RUN if pair[1] in SIMULATORS])
def test_rtl_equals_golden_on_all_pairs(unit, sim):
    check(unit, sim, 500)


@pytest.mark.verify_all
@pytest.mark.parametrize("sim", SIMULATORS)
@pytest.mark.parametrize("unit", [*catalog.integers, "u8_drum_k6", "s8_scaletrim_h3_m4", "s6_trunc_k4"])
def test_rtl_of_every_unit_equals_golden_on_all_pairs(unit, sim):
    check(unit, sim, 5000)


@pytest.mark.verify_all
@pytest.mark.parametrize("unit", ["s16_exact", "u16_drum_k6", "s12_scaletrim_h4_m8", "u10_trunc_k7"])
def test_wider_units(unit):
    report = verify(unit, sim="icarus", n=5000)
    assert report.alarm == ""
    assert report.exhaustive == 0


def test_a_wrong_unit_is_found_and_shown(monkeypatch):
    """The RTL that drops three columns, under the name of the unit that drops four."""

    def emit_other(_spec, folder, stages):
        files = emit("u4_trunc_k3", folder, stages)
        files.manifest.write_text(files.manifest.read_text().replace("u4_trunc_k3", "u4_trunc_k4"))
        files.verilog.write_text(files.verilog.read_text().replace("u4_trunc_k3", "u4_trunc_k4"))
        return files

    monkeypatch.setattr("axmac.sim.verify.emit", emit_other)
    report = verify("u4_trunc_k4", sim="icarus", n=100)
    assert not report.passed
    assert 0 < report.mismatches < report.compared
    fields = dict(part.split("=") for part in report.first_mismatch.splitlines()[0].split())
    assert int(fields["dut"], 16) - int(fields["golden"], 16) in (8, 16, 24, 32)  # what column 3 holds


@pytest.mark.parametrize("unit", [*catalog.integers, *WIDER])
def test_class_pairs_and_directed_pairs_close_the_coverage(unit):
    spec = catalog[unit]
    coverage = Coverage(spec)
    for pairs in (class_pairs(spec), directed_pairs(spec)):
        coverage.update(*pairs)
    report = coverage.report()
    assert report.problem == ""
    assert report.hit == report.bins >= (spec.format.width + 1) ** 2
    assert len(directed_pairs(spec)[0]) < 600


def test_bins_of_known_pairs():
    spec = catalog["s8_drum_k4"]
    coverage = Coverage(spec)
    coverage.update(np.array([0x80], np.uint8), np.array([0x03], np.uint8))  # -128 x 3 = -144 x 3
    found = {name for name in Coverage(spec).report().holes if name not in coverage.report().holes}
    ones = {f"product: bit {bit} is {144 * 3 >> bit & 1}" for bit in range(16)}
    kept = {"leading ones: 2^7 x 2^1", "signs: - x +", "segments: a shortened"}
    assert found == (ones | kept) & set(Coverage(spec).report().holes)
    assert kept <= found


def test_100_random_pairs_leave_holes():
    for unit in ("u8_exact", "s8_trunc_k4", "u8_drum_k4", "s8_scaletrim_h4_m8"):
        coverage = Coverage(catalog[unit])
        coverage.update(*random_pairs(catalog[unit], 100, 1))
        assert not coverage.report().closed


def test_stimulus_holds_what_it_says():
    spec = catalog["s8_exact"]
    a, b = all_pairs(spec)
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == 65_536
    assert {(0x80, 0x80), (0, 0x7F), (0xFF, 0x80)} <= set(zip(*(x.tolist() for x in class_pairs(spec)), strict=True))
    a, _ = leading_pairs(spec, 4000, 1)
    magnitudes = np.abs(a.view(np.int8).astype(int))
    assert {int(m).bit_length() for m in magnitudes} == set(range(9))
    assert all_pairs(catalog["u12_exact"])[0].size == 0


FAULTED = ["s4_exact", "s4_trunc_k3", "s5_drum_k3", "s5_scaletrim_h4_m4"]


@pytest.mark.parametrize(
    "unit", ["s5_drum_k3", *(pytest.param(u, marks=pytest.mark.verify_all) for u in FAULTED if u != "s5_drum_k3")]
)
def test_no_planted_fault_survives(unit):
    report = mutate(unit, sim="icarus", n=500)
    print(f"{report.spec}: {report.count('killed')} killed, {report.count('equivalent')} equivalent")
    assert [mutant.what for mutant in report.mutants if mutant.outcome == "survived"] == []
    assert report.count("killed") > 40
    assert report.count("equivalent") == (2 if unit.endswith("h4_m4") else 0)
