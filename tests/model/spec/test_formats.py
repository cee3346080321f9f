import pytest

from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32, FloatFormat, InputError
from axmac.model.spec.formats import format_named


@pytest.mark.parametrize(
    ("number_format", "width", "bias", "inf", "nan"),
    [
        (FLOAT32, 32, 127, 0x7F800000, 0x7FC00000),
        (BFLOAT16, 16, 127, 0x7F80, 0x7FC0),
        (FLOAT16, 16, 15, 0x7C00, 0x7E00),
        (FloatFormat(4, 4), 8, 7, 0x78, 0x7C),
    ],
)
def test_widths_and_special_patterns(number_format, width, bias, inf, nan):
    assert (number_format.width, number_format.bias) == (width, bias)
    assert (number_format.inf, number_format.nan) == (inf, nan)
    assert number_format.sign_mask == 1 << (width - 1)


def test_names_read_back():
    for exp_width in range(2, 12):
        for sig_width in range(2, min(24, 32 - exp_width) + 1):
            made = FloatFormat(exp_width, sig_width)
            assert format_named(made.name) == made


@pytest.mark.parametrize("name", ["fp64", "e8f23", "e1f2", "e08f7", "x", ""])
def test_an_unknown_name_is_refused(name):
    with pytest.raises(InputError):
        format_named(name)


def test_widths_out_of_range_are_refused():
    with pytest.raises(InputError, match="sig_width must be 2 to 24, not 53"):
        FloatFormat(11, 53)
    with pytest.raises(InputError, match="at most 32 bits, not 35"):
        FloatFormat(11, 24)
    with pytest.raises(TypeError, match="exp_width must be an integer"):
        FloatFormat(8.0, 24)
