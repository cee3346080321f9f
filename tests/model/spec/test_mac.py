import pytest

from axmac.model.spec import InputError, Mac, catalog


def test_defaults_and_id():
    assert Mac(catalog["ax_fpm"]).id == "fp32_array_ama5_t4+float32.sequential"


def test_wrong_values_are_refused():
    with pytest.raises(TypeError, match="mul must be a multiplier spec"):
        Mac("ax_fpm")
    with pytest.raises(InputError, match="acc must be 'float32' or 'float64', not 'int8'"):
        Mac(catalog["ax_fpm"], acc="int8")
    with pytest.raises(InputError, match="order must be 'sequential' or 'native', not 'tree'"):
        Mac(catalog["ax_fpm"], order="tree")
    with pytest.raises(InputError, match="order='native' goes with acc='float32' only"):
        Mac(catalog["ax_fpm"], acc="float64", order="native")


def test_other_sums_are_named_in_the_id():
    assert Mac(catalog["ax_fpm"], acc="float64").id == "fp32_array_ama5_t4+float64.sequential"
    assert Mac(catalog["ax_fpm"], order="native").id == "fp32_array_ama5_t4+float32.native"


def test_integers_are_summed_in_int32():
    assert Mac(catalog["u8_drum_k4"]).id == "u8_drum_k4+int32.sequential"
    assert Mac(catalog["u8_drum_k4"]) == Mac(catalog["u8_drum_k4"], acc="int32")
    for options in ({"acc": "float32"}, {"order": "native"}):
        with pytest.raises(InputError, match="u8_drum_k4 multiplies integers: their sums are 'int32', 'sequential'"):
            Mac(catalog["u8_drum_k4"], **options)
    with pytest.raises(InputError, match="acc must be 'float32' or 'float64', not 'int32'"):
        Mac(catalog["ax_fpm"], acc="int32")
