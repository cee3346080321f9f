"""Adder, MACs, systolic arrays and matrix engines against the golden model, on both simulators."""

import pytest
from array_figures import assert_agreement, assert_an_array_agrees, assert_an_engine_agrees

from axmac.model.spec import catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.arrays import verify_adder, verify_array, verify_engine, verify_mac
from axmac.sim.directed import directed_pairs
from axmac.sim.directed_sums import directed_macs, directed_sums
from axmac.sim.int_stimulus import class_pairs

SIZES = [(1, 1, 1), (3, 5, 7), (17, 33, 9), (2, 37, 1), (64, 100, 20), (67, 3, 2), (2, 2, 2)]
ALL = pytest.mark.verify_all
CLASS_PAIRS = (18 * 2) ** 2


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
    ("mul", "rows", "cols", "dataflow", "sim", "sizes"),
    [
        ("fp32_plain", 2, 2, "ws", "icarus", SIZES[:4]),
        ("bf16_array_ama5_t4", 2, 2, "os", "icarus", SIZES[:4]),
        ("ax_fpm", 4, 4, "ws", "verilator", SIZES),
        pytest.param("ax_fpm", 4, 4, "os", "verilator", SIZES, marks=ALL),
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
    ],
)
def test_engine(mul, rows, cols, dataflow, sim, sizes):
    config = EngineConfig(catalog[mul], rows, cols, dataflow, max_k=128, max_n=64)
    full_load = (2 * config.chunk_rows, rows * cols, rows * cols)
    assert_an_engine_agrees(verify_engine(config, sim, sizes, full_load), sizes, rows * cols)
