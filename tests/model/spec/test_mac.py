import pytest

from axmac.model.spec import InputError, Mac, catalog


def test_defaults_and_id():
    assert Mac(catalog["ax_fpm"]).id == "fp32_array_ama5_t4+float32.sequential"


def test_wrong_values_are_refused():
    with pytest.raises(TypeError, match="mul must be a multiplier spec"):
        Mac("ax_fpm")
    with pytest.raises(InputError, match="acc must be 'float32'"):
        Mac(catalog["ax_fpm"], acc="int8")
    with pytest.raises(InputError, match="order must be 'sequential'"):
        Mac(catalog["ax_fpm"], order="tree")
