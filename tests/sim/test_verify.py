"""The emitted Verilog against the golden model. SIM= picks one simulator, SEED= the random products, WAVES=1 waves."""

import os
from pathlib import Path

import pytest

from axmac.gen import emit
from axmac.model.spec import InputError, catalog
from axmac.sim.directed import directed_pairs
from axmac.sim.harness import harness
from axmac.sim.verify import verify

PRODUCTS = {"verilator": 100_000, "icarus": 2_000}
FEWER = {"verilator": 10_000, "icarus": 500}
"""Random products of the other units; `make verify-all` has more of them."""
SIMULATORS = [os.environ["SIM"]] if "SIM" in os.environ else list(PRODUCTS)
SEED = int(os.environ.get("SEED", "1"))
WAVES = os.environ.get("WAVES", "0") == "1"
CLASS_PAIRS = (18 * 2) ** 2
SIBLINGS = ["fp32_array_ama5_t3", "fp32_array_ama5_t24", "fp32_array_ama5_t4_xc"]
"""Tiles of other sizes than ax_fpm's, and its carry kept: in `make verify-all` only."""
UNITS = [
    "ax_fpm",
    *SIBLINGS,
    "bf16_array_ama5_t4",
    "fp32_ieee",
    "bf16_booth",
]
FAMILIES = [
    "fp32_plain",
    "bf16_ieee_to_fp32",
    "e5f2_plain_to_fp32",
    "fp32_csa_ama3_t6_xc",
    "bf16_array_ama2_t8_xc_rne_to_fp32_wspc",
]
"""With the catalog, every field of a spec and every block of the data path occurs."""


def _later(unit, sim):
    """Whether a family waits for `make verify-all`: on Icarus, tiles of other sizes than ax_fpm's, and other cells."""
    cells = ("bf16_array_ama1_t8", "bf16_array_exact_t8", "bf16_csa_ama4_t8", "bf16_array_ama2_t8")
    return sim == "icarus" or unit.startswith("fp32_array_ama5_t") or unit in cells


def directed(unit):
    return len(directed_pairs(catalog[unit])[0])


def all_significands(unit):
    width = catalog[unit].format.sig_width
    return 1 << 2 * width if width <= 8 else 0


@pytest.mark.parametrize("sim", SIMULATORS)
@pytest.mark.parametrize(
    "unit", [pytest.param(unit, marks=pytest.mark.verify_all if unit in SIBLINGS else ()) for unit in UNITS]
)
def test_rtl_equals_golden(unit, sim):
    report = verify(unit, sim=sim, n=PRODUCTS[sim], seed=SEED, waves=WAVES)
    print(f"{report.spec} {report.simulator}: {report.core} + {report.pipeline} + {report.full_load} products")
    assert report.first_mismatch == ""
    assert report.mismatches == 0
    assert report.pipeline == PRODUCTS[sim] + CLASS_PAIRS + directed(unit)
    assert report.core == report.pipeline + all_significands(unit)
    assert report.full_load == CLASS_PAIRS
    assert (report.latency, report.bubbles, report.protocol_errors) == (report.stages, 0, 0)
    assert report.passed
    assert (report.spec, report.seed) == (catalog[unit].id, SEED)


@pytest.mark.parametrize(
    ("unit", "sim"),
    [
        pytest.param(unit, sim, marks=pytest.mark.verify_all if _later(unit, sim) else ())
        for unit in [*sorted(set(catalog.floats) - {catalog[unit].id for unit in UNITS}), *FAMILIES]
        for sim in SIMULATORS
    ],
)
def test_rtl_of_every_family_equals_golden(unit, sim):
    n = FEWER[sim]
    report = verify(unit, sim=sim, n=n, seed=SEED)
    print(f"{report.spec} {report.simulator}: {report.core} + {report.pipeline} + {report.full_load} products")
    assert report.first_mismatch == ""
    assert report.alarm == ""
    assert report.passed
    assert report.pipeline == n + CLASS_PAIRS + directed(unit)
    assert report.core == report.pipeline + all_significands(unit)


def test_a_wrong_unit_is_found_and_shown(monkeypatch):
    """The RTL that counts the extra carry, under the name of the unit that loses it."""
    monkeypatch.setattr("axmac.sim.verify.emit", lambda _spec, folder, stages: emit("ax_fpm_xc", folder, stages))
    monkeypatch.setitem(catalog._ids, "ax_fpm_xc", "fp32_array_ama5_t4_xc")
    report = verify("ax_fpm", sim="icarus", n=500)
    assert not report.passed
    assert 0 < report.mismatches < report.compared
    first, *stages = report.first_mismatch.splitlines()
    fields = dict(part.split("=") for part in first.split())
    assert list(fields) == ["a", "b", "golden", "dut"]
    golden, dut = int(fields["golden"], 16), int(fields["dut"], 16)
    assert dut - golden == 1 << 23 or dut & 0x7FFFFFFF == 0x7F800000
    assert any("product" in stage for stage in stages)


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("ready_s3 = out_ready", "ready_s3 = 1'h1", "protocol_errors"),  # the output does not wait
        ("out_valid <= _", "out_valid <= 1'h0 & _", "mismatches"),  # no product ever comes
        ("in_ready = ready_s2", "in_ready = 1'h0 & ready_s2", "mismatches"),  # operands are lost
    ],
)
def test_a_broken_stream_is_found(monkeypatch, right, wrong, field):
    def emit_broken(spec, folder, stages):
        files = emit(spec, folder / "broken", stages)
        text = files.verilog.read_text()
        assert text.count(right) == 1
        files.verilog.write_text(text.replace(right, wrong))
        return files

    monkeypatch.setattr("axmac.sim.verify.emit", emit_broken)
    report = verify("bf16_array_ama5_t4", sim="icarus", n=100)
    assert getattr(report, field) > 0
    assert not report.passed


def test_100_random_vectors_are_not_enough():
    report = verify("bf16_array_ama5_t4", sim="icarus", n=100, directed=False)
    assert (report.mismatches, report.protocol_errors) == (0, 0)
    assert not report.passed
    assert len(report.coverage["core"].holes) > 20
    assert "bins were not hit" in report.alarm


def test_a_reset_that_does_not_empty_the_pipeline_is_found(monkeypatch):
    def emit_broken(spec, folder, stages):
        files = emit(spec, folder / "broken", stages)
        text = files.verilog.read_text()
        resets = text.count("= rst ? 1'h0 :")
        assert resets == stages
        files.verilog.write_text(text.replace("= rst ? 1'h0 :", "= 1'h0 ? 1'h0 :"))
        return files

    monkeypatch.setattr("axmac.sim.verify.emit", emit_broken)
    report = verify("bf16_array_ama5_t4", sim="verilator", n=100)
    assert report.mismatches > 0


def test_bubbles_are_found(monkeypatch):
    """A unit that takes operands in every other cycle only."""

    def slow_harness(modules):
        text = harness(modules).replace(".in_valid(in_valid)", ".in_valid(in_valid & turn)")
        text = text.replace(".in_ready(in_ready)", ".in_ready(ready)")
        extra = "reg turn; wire ready; assign in_ready = ready & turn; always @(posedge clk) turn <= ~rst & ~turn;"
        return text.replace(");\n", f");\n{extra}\n", 1)

    monkeypatch.setattr("axmac.sim.verify.harness", slow_harness)
    report = verify("bf16_array_ama5_t4", sim="icarus", n=100)
    assert report.mismatches == report.protocol_errors == 0
    assert report.bubbles == CLASS_PAIRS - 1
    assert not report.passed


@pytest.mark.parametrize("stages", [1, 5])
def test_latency_on_a_simulator(stages):
    report = verify("bf16_array_ama5_t4", sim="icarus", n=100, stages=stages)
    assert report.passed
    assert report.latency == stages


def test_same_seed_same_products_and_waves_are_kept():
    reports = [verify("bf16_array_ama5_t4", sim="icarus", n=50, seed=7, waves=waves) for waves in (False, True)]
    assert reports[0].as_dict()["waves"] == ""
    assert Path(reports[1].waves).stat().st_size > 0
    unit = "bf16_array_ama5_t4"
    assert reports[0].core == reports[1].core == 50 + CLASS_PAIRS + directed(unit) + all_significands(unit)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"spec": "nope"}, "unknown unit 'nope'"),
        ({"sim": "modelsim"}, "unknown simulator 'modelsim': use verilator or icarus"),
        ({"n": 0}, "n must be at least 1"),
        ({"seed": -1}, "seed at least 0"),
        ({"stages": 9}, "stages must be 1 to 5"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        verify(**({"spec": "ax_fpm", "sim": "icarus"} | arguments))


def test_arguments_of_another_type():
    with pytest.raises(TypeError, match="n and seed must be integers"):
        verify("ax_fpm", n="many")


def test_folder_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").write_text("a file")
    with pytest.raises(InputError, match="choose another folder"):
        verify("bf16_array_ama5_t4", sim="icarus", n=1)
