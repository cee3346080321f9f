"""Parameters of engines and arrays: what follows from them, and which are refused."""

import pytest

from axmac.model.spec import InputError, catalog
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
