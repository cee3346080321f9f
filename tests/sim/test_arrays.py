"""Adder, MACs, systolic arrays and matrix engines against the golden model, on both simulators."""

import pytest
from imported import keep, random_table

from axmac.model.spec import catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.arrays import verify_adder, verify_array, verify_engine, verify_mac
from axmac.sim.directed import directed_pairs
from axmac.sim.directed_sums import directed_macs, directed_sums
from axmac.sim.int_stimulus import class_pairs

SIZES = [(1, 1, 1), (3, 5, 7), (17, 33, 9), (2, 37, 1), (64, 100, 20), (67, 3, 2), (2, 2, 2)]
ALL = pytest.mark.verify_all
CLASS_PAIRS = (18 * 2) ** 2


def assert_agreement(figures, tests):
    """No mismatch, no breach of a stream's contract, and something compared."""
    for test in tests:
        assert figures[test]["compared"] > 0
        assert (figures[test]["mismatches"], figures[test]["protocol_errors"]) == (0, 0), figures[test]["first"]
    assert figures["coverage"].problem == ""


def assert_an_array_agrees(figures, dataflow, add_stages):
    """Also its latency, and work in every cycle at full load."""
    assert_agreement(figures, ("stalls", "slow_sink", "full_load"))
    full_load = figures["full_load"]
    assert full_load["latency"] == figures["expected"]["latency"]
    assert full_load["waves"] == full_load["cycles"] > 0  # each wave is rows x cols MACs: no cycle without
    if dataflow == "os":
        assert_agreement(figures, ("fewer_slots",))
        one_slot = figures["fewer_slots"]
        assert one_slot["cycles"] == (one_slot["waves"] - 1) * add_stages + 1  # one wave per addition


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


@pytest.mark.parametrize(
    ("sim", "n", "stages"),
    [("verilator", 40_000, 3), ("icarus", 2000, 3), *(pytest.param("icarus", 2000, s, marks=ALL) for s in (1, 6))],
)
def test_adder(sim, n, stages):
    figures = verify_adder(sim, n, stages=stages)
    assert_agreement(figures, ("stalls", "full_load"))
    assert figures["stalls"]["compared"] >= n + CLASS_PAIRS + len(directed_sums()[0])
    assert (figures["full_load"]["latency"], figures["full_load"]["bubbles"]) == (stages, 0)


@pytest.mark.parametrize(
    ("mul", "sim", "n"),
    [
        ("ax_fpm", "verilator", 20_000),
        ("bf16_array_ama5_t4", "icarus", 500),
        ("fp16_ieee", "icarus", 500),
        *(pytest.param(unit, "icarus", 500, marks=ALL) for unit in catalog.floats),
    ],
)
def test_mac(mul, sim, n):
    figures = verify_mac(mul, sim, n)
    assert_agreement(figures, ("stalls", "full_load"))
    directed = len(directed_pairs(catalog[mul])[0]) + len(directed_macs(catalog[mul])[0])
    assert figures["stalls"]["compared"] == n + CLASS_PAIRS + directed
    assert (figures["full_load"]["latency"], figures["full_load"]["bubbles"]) == (6, 0)


@pytest.mark.parametrize(
    ("mul", "sim"),
    [
        ("s8_scaletrim_h4_m8", "icarus"),
        *(pytest.param(unit, "verilator", marks=ALL) for unit in catalog.integers),
    ],
)
def test_mac_of_integers(mul, sim):
    figures = verify_mac(mul, sim, 2000)
    assert_agreement(figures, ("stalls", "full_load"))
    assert figures["stalls"]["compared"] == 2000 + len(directed_pairs(catalog[mul])[0]) + len(
        class_pairs(catalog[mul])[0]
    )
    assert (figures["full_load"]["latency"], figures["full_load"]["bubbles"]) == (4, 0)


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "dataflow", "sim", "add_stages"),
    [
        ("fp32_plain", 2, 3, "ws", "icarus", 3),
        ("fp32_plain", 3, 2, "os", "icarus", 3),
        ("fp32_plain", 1, 1, "ws", "icarus", 1),
        ("fp32_plain", 1, 1, "os", "icarus", 1),
        ("ax_fpm", 4, 4, "ws", "icarus", 3),
        ("ax_fpm", 4, 4, "os", "icarus", 3),
        pytest.param("ax_fpm", 8, 8, "ws", "verilator", 3, marks=ALL),
        pytest.param("ax_fpm", 8, 8, "os", "verilator", 3, marks=ALL),
        pytest.param("bf16_array_ama5_t4", 8, 8, "ws", "verilator", 1, marks=ALL),
        pytest.param("bf16_array_ama5_t4", 5, 3, "os", "verilator", 6, marks=ALL),
    ],
)
def test_array(mul, rows, cols, dataflow, sim, add_stages):
    figures = verify_array(mul, rows, cols, dataflow, sim, add_stages=add_stages)
    assert_an_array_agrees(figures, dataflow, add_stages)


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "dataflow", "sim"),
    [
        ("s8_drum_k4", 2, 3, "ws", "icarus"),
        ("s8_drum_k4", 3, 2, "os", "icarus"),
        ("u8_scaletrim_h4_m8", 2, 2, "ws", "verilator"),
        ("s16_exact", 2, 2, "os", "icarus"),
        pytest.param("u8_scaletrim_h4_m8", 1, 1, "os", "icarus", marks=ALL),
        pytest.param("s8_scaletrim_h4_m8", 8, 8, "ws", "verilator", marks=ALL),
        pytest.param("s8_drum_k6", 8, 8, "os", "verilator", marks=ALL),
        pytest.param("s16_exact", 4, 4, "os", "verilator", marks=ALL),
        pytest.param("u4_trunc_k3", 3, 5, "ws", "icarus", marks=ALL),
    ],
)
def test_array_of_integers(mul, rows, cols, dataflow, sim):
    """Operands at the ends of the format, partial sums at those of int32: no coverage without sums that wrap."""
    assert_an_array_agrees(verify_array(mul, rows, cols, dataflow, sim), dataflow, add_stages=1)


def test_arrays_of_an_imported_unit_of_which_0_makes_more_than_0(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path))
    keep("odd", random_table(4, 3), signed=True)
    for dataflow in ("ws", "os"):
        assert_an_array_agrees(verify_array("odd", 2, 2, dataflow, "icarus"), dataflow, add_stages=1)


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "dataflow", "sim", "sizes"),
    [
        ("fp32_plain", 2, 2, "ws", "icarus", SIZES[:4]),
        ("bf16_array_ama5_t4", 2, 2, "os", "icarus", SIZES[:4]),
        ("ax_fpm", 4, 4, "ws", "verilator", SIZES),
        ("ax_fpm", 4, 4, "os", "verilator", SIZES),
        pytest.param("ax_fpm", 8, 8, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("ax_fpm", 8, 8, "os", "verilator", SIZES, marks=ALL),
        pytest.param("bf16_array_ama5_t4", 4, 4, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("bf16_array_ama5_t4", 8, 8, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("bf16_array_ama5_t4", 4, 4, "os", "verilator", SIZES, marks=ALL),
        pytest.param("bf16_booth_to_fp32", 8, 8, "os", "verilator", SIZES, marks=ALL),
        pytest.param("fp32_ieee", 4, 4, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("fp32_ieee", 3, 5, "os", "verilator", SIZES, marks=ALL),
        pytest.param("fp32_ieee", 5, 3, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("e4f3_plain", 3, 5, "ws", "verilator", SIZES, marks=ALL),
        ("s8_drum_k4", 2, 2, "ws", "icarus", SIZES[:4]),
        ("u8_scaletrim_h4_m8", 2, 2, "os", "icarus", SIZES[:4]),
        pytest.param("s8_drum_k4", 4, 4, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("s8_drum_k4", 4, 4, "os", "verilator", SIZES, marks=ALL),
        pytest.param("s16_exact", 3, 5, "os", "verilator", SIZES, marks=ALL),
    ],
)
def test_engine(mul, rows, cols, dataflow, sim, sizes):
    config = EngineConfig(catalog[mul], rows, cols, dataflow, max_k=128, max_n=64)
    macs_per_wave = rows * cols
    deep = macs_per_wave * (2 if mul in catalog.integers else 1)  # slots of integers take no turns: results want time
    full_load = (2 * config.chunk_rows, deep, macs_per_wave)
    figures = verify_engine(config, sim, sizes, full_load)
    assert_agreement(figures, ("products", "full_load", "reset"))
    assert figures["products"]["compared"] == sum(m * n for m, _, n in sizes)
    assert figures["products"]["state"] == 0  # not busy, nothing went wrong
    states = {"state_after_wrong_tlast": 0b1100, "state_without_tlast": 0b0110}
    assert figures["registers"] == {"refused": 5} | states
    busy = figures["full_load"]
    assert busy["waves"] * macs_per_wave == busy["macs"]
    assert busy["cycles"] == busy["waves"]  # rows x cols MACs in every cycle from the first wave to the last one
