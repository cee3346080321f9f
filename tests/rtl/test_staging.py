import pytest

from axmac.model.spec import InputError
from axmac.rtl.staging import check_range


@pytest.mark.parametrize("value", [0, 7])
def test_values_out_of_range_are_refused(value):
    with pytest.raises(InputError, match=f"stages must be 1 to 6, not {value}"):
        check_range("stages", value, 6)


@pytest.mark.parametrize("value", [True, 1.0, "3"])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError, match="stages must be an integer"):
        check_range("stages", value, 6)
