"""Named integer units, and more of each family: emitted Verilog against golden on all pairs of 8-bit operands."""

import os

import pytest

from axmac.gen import generate
from axmac.model.spec import InputError, catalog
from axmac.sim import pairs
from axmac.sim.pairs import verify_pairs

SIMULATORS = [os.environ["SIM"]] if "SIM" in os.environ else ["verilator", "icarus"]
MORE = [f"{sign}8_{family}" for sign in "us" for family in ("drum_k6", "scaletrim_h3_m4", "trunc_k9")]


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


EVERY = [*catalog.integers, *MORE]
FEW = ["s8_exact", "u8_trunc_k4", "u8_drum_k4", "s8_drum_k4", "u8_scaletrim_h4_m8", "s8_scaletrim_h4_m8"]
RUNS = [("verilator", EVERY, ()), ("icarus", FEW, ()), ("icarus", EVERY, pytest.mark.verify_all)]


@pytest.mark.parametrize(
    ("sim", "units"),
    [pytest.param(*run, marks=marks, id=f"{run[0]}-{len(run[1])}") for *run, marks in RUNS if run[0] in SIMULATORS],
)
def test_rtl_equals_golden_on_all_pairs(sim, units):
    found = verify_pairs(units, sim)
    assert list(found) == units
    assert [figures["first"] for figures in found.values()] == [""] * len(units)
    assert {figures["compared"] for figures in found.values()} == {65_536}
    assert sum(figures["mismatches"] for figures in found.values()) == 0


def test_a_wrong_unit_among_right_ones_is_found(monkeypatch):
    """The Verilog that drops three columns under the name of the unit that drops four: column 3 holds at most 4 * 8."""

    def generate_other(spec):
        return generate("u4_trunc_k3").replace("u4_trunc_k3", spec.id) if spec.id == "u4_trunc_k4" else generate(spec)

    monkeypatch.setattr(pairs, "generate", generate_other)
    found = verify_pairs(["u4_exact", "u4_trunc_k4", "s4_drum_k3"], "icarus")
    assert {unit: bool(figures["mismatches"]) for unit, figures in found.items()} == {
        "u4_exact": False,
        "u4_trunc_k4": True,
        "s4_drum_k3": False,
    }
    figures = found["u4_trunc_k4"]
    assert 0 < figures["mismatches"] < figures["compared"] == 256
    fields = dict(part.split("=") for part in figures["first"].splitlines()[0].split())
    assert int(fields["dut"], 16) - int(fields["golden"], 16) in (8, 16, 24, 32)


@pytest.mark.parametrize(
    ("units", "message"),
    [
        ([], "units must be integer multipliers, at least one"),
        (["ax_fpm"], "units must be integer multipliers"),
        (["u8_exact", "u4_exact"], r"one width of at most 8 bits, not \[4, 8\]"),
        (["u10_exact"], r"one width of at most 8 bits, not \[10\]"),
    ],
)
def test_units_that_do_not_fit(units, message):
    with pytest.raises(InputError, match=message):
        verify_pairs(units)
