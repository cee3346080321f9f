"""Systolic arrays and matrix engines of integer units against the golden model, on both simulators."""

import pytest
from array_figures import assert_an_array_agrees, assert_an_engine_agrees
from imported import keep, random_table

from axmac.model.spec import as_spec, catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.arrays import verify_array, verify_engine

SIZES = [(1, 1, 1), (3, 5, 7), (17, 33, 9), (2, 37, 1), (64, 100, 20), (67, 3, 2), (2, 2, 2)]
ALL = pytest.mark.verify_all


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "dataflow", "sim"),
    [
        ("s8_drum_k4", 2, 3, "ws", "icarus"),
        ("s8_drum_k4", 3, 2, "os", "icarus"),
        pytest.param("u8_scaletrim_h4_m8", 2, 2, "ws", "verilator", marks=ALL),
        pytest.param("s16_exact", 2, 2, "os", "icarus", marks=ALL),
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


@ALL
@pytest.mark.parametrize("dataflow", ["ws", "os"])
def test_array_of_an_imported_unit_of_which_0_makes_more_than_0(dataflow, tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path))
    keep("odd", random_table(4, 3), signed=True)
    assert_an_array_agrees(verify_array("odd", 2, 2, dataflow, "icarus"), dataflow, add_stages=1)


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "dataflow", "sim", "sizes"),
    [
        ("s8_drum_k4", 2, 2, "ws", "icarus", SIZES[:4]),
        pytest.param("u8_scaletrim_h4_m8", 2, 2, "os", "icarus", SIZES[:4], marks=ALL),
        pytest.param("s8_drum_k4", 4, 4, "ws", "verilator", SIZES, marks=ALL),
        pytest.param("s8_drum_k4", 4, 4, "os", "verilator", SIZES, marks=ALL),
        pytest.param("s16_exact", 3, 5, "os", "verilator", SIZES, marks=ALL),
    ],
)
def test_engine_of_integers(mul, rows, cols, dataflow, sim, sizes):
    config = EngineConfig(catalog[mul], rows, cols, dataflow, max_k=128, max_n=64)
    deep = 2 * rows * cols  # at least min_steps of an output-stationary array
    figures = verify_engine(config, sim, sizes, (2 * config.chunk_rows, deep, rows * cols))
    assert_an_engine_agrees(figures, sizes, rows * cols)


@ALL
def test_engine_of_an_imported_unit_of_which_0_makes_more_than_0(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path))
    keep("odd", random_table(4, 3), signed=True)
    config = EngineConfig(as_spec("odd"), 2, 2, "os", max_k=64, max_n=16)
    figures = verify_engine(config, "icarus", SIZES[:4], (2 * config.chunk_rows, 8, 4))
    assert_an_engine_agrees(figures, SIZES[:4], 4)
