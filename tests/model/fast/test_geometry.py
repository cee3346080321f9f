"""Arguments of convolutions: every misfit is one line that names it."""

import pytest
import torch

from axmac.model import fast
from axmac.model.spec import InputError

X, W = torch.zeros(1, 4, 5, 5), torch.zeros(6, 2, 3, 3)
MISFITS = [
    ({"stride": 0}, "stride must be one number or 2 of at least 1, not 0"),
    ({"stride": (1, 0)}, r"stride must be one number or 2 of at least 1, not \(1, 0\)"),
    ({"stride": (1, 1, 1)}, r"stride must be one number or 2 of at least 1, not \(1, 1, 1\)"),
    ({"stride": 1.5}, "stride must be one number or 2 of at least 1, not 1.5"),
    ({"stride": "same"}, "stride must be one number or 2 of at least 1, not 'same'"),
    ({"stride": None}, "stride must be one number or 2 of at least 1, not None"),
    ({"padding": -1}, "padding must be one number or 2 of at least 0, not -1"),
    ({"padding": (0, -2)}, r"padding must be one number or 2 of at least 0, not \(0, -2\)"),
    ({"padding": ()}, r"padding must be one number or 2 of at least 0, not \(\)"),
    ({"dilation": 0}, "dilation must be one number or 2 of at least 1, not 0"),
    ({"dilation": True}, "dilation must be one number or 2 of at least 1, not True"),
    ({"groups": 0}, "groups must be a number of at least 1, not 0"),
    ({"groups": -2}, "groups must be a number of at least 1, not -2"),
    ({"groups": 1}, r"x and w must be \[B, C, H, W\] and \[O, C/1, kh, kw\], not \[1, 4, 5, 5\] and \[6, 2, 3, 3\]"),
    ({"groups": 4}, r"\[O, C/4, kh, kw\] with O and C multiples of 4, not \[1, 4, 5, 5\] and \[6, 2, 3, 3\]"),
    ({"w": torch.zeros(5, 2, 3, 3)}, r"with O and C multiples of 2, not \[1, 4, 5, 5\] and \[5, 2, 3, 3\]"),
    ({"w": torch.zeros(0, 2, 3, 3)}, r"w must hold at least one filter, one channel and one place, not \[0, 2, 3, 3\]"),
    ({"w": torch.zeros(6, 0, 3, 3)}, r"w must hold at least one filter, one channel and one place, not \[6, 0, 3, 3\]"),
    ({"w": torch.zeros(6, 2, 3, 0)}, r"w must hold at least one filter, one channel and one place, not \[6, 2, 3, 0\]"),
    ({"w": torch.zeros(6, 2, 3)}, r"one, two or three dimensions, not \[1, 4, 5, 5\] and \[6, 2, 3\]"),
    ({"x": torch.zeros(4, 5, 5)}, r"one, two or three dimensions, not \[4, 5, 5\] and \[6, 2, 3, 3\]"),
    ({"x": torch.zeros(4, 4), "w": torch.zeros(4, 4)}, r"one, two or three dimensions, not \[4, 4\] and \[4, 4\]"),
    ({"x": torch.zeros(1, 4, 2, 5)}, r"x is 2 x 5 with padding: too small for the \[3, 3\] kernel"),
    ({"dilation": 3}, r"x is 5 x 5 with padding: too small for the \[3, 3\] kernel"),
    ({"x": X.to_sparse()}, r"x must be dense, not torch\.sparse_coo: convert it with \.to_dense\(\)"),
    ({"x": X.to("meta")}, r"x must be on the CPU or a CUDA device, not on meta: move it with \.cpu\(\)"),
]


@pytest.mark.parametrize(("change", "words"), MISFITS)
def test_a_misfit_is_one_line(change, words):
    with pytest.raises(InputError, match=words) as info:
        fast.conv("ax_fpm", **{"x": X, "w": W, "groups": 2, **change})
    assert "\n" not in str(info.value)


def test_one_number_stands_for_every_dimension():
    x, w = torch.rand(2, 2, 9, 8), torch.rand(3, 2, 3, 3)
    whole = fast.conv("ax_fpm", x, w, (2, 2), (1, 1), (2, 2))
    assert torch.equal(fast.conv("ax_fpm", x, w, 2, [1, 1], 2), whole)
    assert fast.conv("ax_fpm", x, w).shape == (2, 3, 7, 6)
    assert fast.conv("ax_fpm", torch.rand(1, 2, 9), torch.rand(3, 2, 3), 2).shape == (1, 3, 4)


def test_views_whose_signs_are_not_written_yet():
    values = torch.rand(3, 4, dtype=torch.complex64)
    view = values.conj().imag
    assert view.is_neg()
    plain = view.resolve_neg()
    assert torch.equal(fast.multiply("ax_fpm", view, view), fast.multiply("ax_fpm", plain, plain))
    assert torch.equal(fast.matmul("ax_fpm", view, view.T), fast.matmul("ax_fpm", plain, plain.T))
    assert torch.equal(fast.slope_over_x("ax_fpm", view), fast.slope_over_x("ax_fpm", plain))
    image, filters = view.reshape(1, 1, 3, 4), view[:2, :2].reshape(1, 1, 2, 2)
    expected = fast.conv("ax_fpm", image.resolve_neg(), filters.resolve_neg())
    assert torch.equal(fast.conv("ax_fpm", image, filters), expected)
    with pytest.raises(TypeError, match=r"x must be float32, not torch\.complex64"):
        fast.multiply("ax_fpm", values.conj(), view)
