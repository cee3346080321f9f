"""Parameters of engines and arrays: what follows from them, and which are refused."""

import pytest
from imported import keep, random_table

from axmac.model.spec import InputError, as_spec, catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.systolic_ws import check_array

AX_FPM = catalog["ax_fpm"]


def test_chunks():
    assert EngineConfig(AX_FPM, 8, 8).chunk_rows == 64
    assert EngineConfig(AX_FPM, 4, 4).chunk_rows == 32
    assert EngineConfig(AX_FPM, 4, 4, "os", add_stages=5).chunk_rows == 20
    assert EngineConfig(AX_FPM, 4, 4, chunk_rows=10).chunk_rows == 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 0}, "rows must be 1 to 128, not 0"),
        ({"cols": 129}, "cols must be 1 to 128, not 129"),
        ({"max_k": 5000}, "max_k must be 1 to 4096, not 5000"),
        ({"max_n": 0}, "max_n must be 1 to 4096, not 0"),
        ({"dataflow": "is"}, "dataflow must be 'ws' or 'os', not 'is'"),
        ({"dataflow": "os", "chunk_rows": 5}, r"chunk_rows must be 0 or 24 \(rows \* add_stages\), not 5"),
        ({"add_stages": 7}, "add_stages must be 1 to 6, not 7"),
        ({"mul_stages": 0}, "mul_stages must be 1 to"),
    ],
)
def test_values_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        EngineConfig(AX_FPM, **options)


def test_integers_have_one_stage_of_addition():
    config = EngineConfig(catalog["s8_drum_k4"], 4, 4)
    assert (config.add_stages, config.chunk_rows) == (1, 16)
    assert EngineConfig(catalog["s8_drum_k4"], 4, 4, "os").chunk_rows == 4
    assert EngineConfig(AX_FPM).add_stages == 3
    with pytest.raises(InputError, match="add_stages must be 1 for s8_drum_k4, whose sums are integers, not 2"):
        EngineConfig(catalog["s8_drum_k4"], add_stages=2)


def test_an_imported_unit_has_no_weight_stationary_engine(tmp_path, monkeypatch):
    """0 x 0 of it may be anything, and is what fills K up."""
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path))
    keep("odd", random_table(4))
    with pytest.raises(InputError, match=r"dataflow of an engine of odd must be 'os': a ws engine fills K up with 0"):
        EngineConfig(as_spec("odd"))
    assert EngineConfig(as_spec("odd"), dataflow="os").add_stages == 1


def test_products_that_float32_does_not_hold_are_refused():
    with pytest.raises(InputError, match="float32 does not hold the products"):
        EngineConfig(catalog["e11f3_plain"])


def test_arrays_refuse_the_same():
    with pytest.raises(InputError, match="rows must be 1 to 128, not 0"):
        check_array(AX_FPM, 0, 4, 3, 3)
    with pytest.raises(TypeError, match="cols must be an integer, not 4"):
        check_array(AX_FPM, 4, 4.0, 3, 3)
    with pytest.raises(TypeError, match="mul must be a multiplier spec, not 'ax_fpm'"):
        check_array("ax_fpm", 4, 4, 3, 3)
