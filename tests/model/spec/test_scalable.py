"""Precision-scalable MACs: ids, precisions, places of the sums, and what they refuse."""

import itertools

import pytest

from axmac.model.spec import SCALABLE_DESIGNS, InputError, ScalableMac, as_spec, parse_scalable_id

DVAFS8, DVAFS16, DG8, STANDARD = (ScalableMac(*of) for of in (("dvafs", 8), ("dvafs", 16), ("dg", 8), ("standard", 16)))


def test_ids_name_one_spec_each():
    fields = itertools.product(("standard", "dg", "dvafs"), (8, 16), (2, 13))
    specs = [ScalableMac(*of) for of in fields]
    assert len({spec.id for spec in specs}) == len(specs) == 12
    assert all(parse_scalable_id(spec.id) == spec for spec in specs)
    assert [spec.id for spec in SCALABLE_DESIGNS] == [
        f"mac{width}_{kind}" for width in (8, 16) for kind in ("standard", "dg", "dvafs")
    ]
    assert eval(repr(DVAFS8)) == DVAFS8
    assert DVAFS8.sha256 != DVAFS16.sha256


def test_no_multiplier_but_a_mac():
    with pytest.raises(InputError, match="mac8_dg is a precision-scalable MAC and no multiplier: `axmac emit`"):
        as_spec("mac8_dg")
    with pytest.raises(InputError, match="unknown MAC 'mac9_dg': use mac8_ or mac16_"):
        as_spec("mac9_dg")


@pytest.mark.parametrize("text", ["mac8", "mac4_dg", "mac8_dvas", "mac8_dg_g", "mac8_dg_g0", "mac8_dg_g13"])
def test_texts_that_are_no_id(text):
    with pytest.raises(InputError):
        parse_scalable_id(text)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (("das", 8), InputError),
        (("dg", 12), InputError),
        (("dg", "8"), TypeError),
        (("dg", 8, True), TypeError),
        (("dg", 8, 0), InputError),
    ],
)
def test_fields_that_do_not_fit(fields, error):
    with pytest.raises(error, match=r"kind|width|guard"):
        ScalableMac(*fields)


def test_precisions_lanes_and_modes():
    assert STANDARD.precisions == (16,)
    assert DG8.precisions == (8, 7, 6, 5, 4, 3, 2, 1)
    assert [(k, DVAFS8.lanes(k), DVAFS8.mode_of(k)) for k in DVAFS8.precisions] == [(8, 1, 0), (4, 2, 1), (2, 4, 2)]
    assert [(k, DVAFS16.lanes(k)) for k in DVAFS16.precisions] == [(16, 1), (8, 2), (4, 4)]
    assert [DG8.shift(k) for k in DG8.precisions] == list(range(8))
    with pytest.raises(InputError, match="mac8_dvafs has no precision of 3 bits: use one of 8, 4, 2"):
        DVAFS8.lanes(3)


@pytest.mark.parametrize(
    ("spec", "widths"),
    [
        (DG8, [2, 2, 3, 4, 5, 6, 7, 8]),
        (DVAFS8, [2, 2, 4, 4, 8, 8, 8, 8]),
        (DVAFS16, [4, 4, 4, 4, 8, 8, 8, 8, *[16] * 8]),
        (STANDARD, [16] * 16),
    ],
)
def test_the_lowest_precision_that_holds_a_layer(spec, widths):
    """Codes -1 and +1 of a weight of one bit need two."""
    assert [spec.width_for(bits) for bits in range(1, spec.width + 1)] == widths
    for bits in (0, spec.width + 1):
        with pytest.raises(InputError, match=f"{spec.id} holds layers of 1 to {spec.width} bits, not of {bits}"):
            spec.width_for(bits)


def test_sums_of_one_mode_do_not_overlap():
    checked = 0
    for spec in [*SCALABLE_DESIGNS, ScalableMac("dvafs", 8, 2)]:
        for k in spec.precisions:
            starts = [spec.sum_start(k, lane) for lane in range(spec.lanes(k))]
            assert all(b - a >= spec.sum_width(k) for a, b in itertools.pairwise([*starts, spec.word_width]))
            checked += 1
    assert checked == 1 + 8 + 3 + 1 + 16 + 3 + 3
    assert [DVAFS8.sum_start(2, lane) for lane in range(4)] == [0, 17, 34, 51]
    assert (DVAFS8.word_width, DVAFS16.word_width, DG8.word_width) == (68, 84, 29)


def test_every_lane_holds_the_longest_dot_product():
    """4,608 products: the longest of VGG-19 and ResNet-18; with the default guard a lane holds at least 2^13."""
    modes = [(spec, k) for spec in SCALABLE_DESIGNS for k in spec.precisions]
    headrooms = [spec.headroom(k, a_signed=signed) for spec, k in modes for signed in (False, True)]
    assert min(headrooms) == 2**13 > 4608
    assert len(headrooms) == 64
