"""Cells against the figures that their papers print: wrong sums, wrong carries, sum of the error distances."""

import pytest

from axmac.model.spec import AMA5, CELLS, FullAdder, InputError

PUBLISHED = {
    "exact": (0, 0, 0),
    "ama1": (2, 1, 2),
    "ama2": (2, 0, 2),
    "ama3": (3, 1, 3),
    "ama4": (3, 2, 3),
    "ama5": (4, 2, 4),
    "axa2": (4, 0, 4),
    "axa3": (2, 0, 2),
    "inxa1": (0, 2, 4),
    "inxa2": (2, 0, 2),
}


@pytest.mark.parametrize("name", CELLS)
def test_published_error_counts(name):
    cell = CELLS[name]
    wrong_sum = wrong_cout = distance = 0
    for row in range(8):
        exact = row.bit_count()
        got_sum, got_cout = int(cell.sum[row]), int(cell.cout[row])
        wrong_sum += got_sum != exact & 1
        wrong_cout += got_cout != exact >> 1
        distance += abs(2 * got_cout + got_sum - exact)
    assert (wrong_sum, wrong_cout, distance) == PUBLISHED[name]


def test_ama5_is_two_wires():
    for row in range(8):
        assert int(AMA5.sum[row]) == row >> 1 & 1
        assert int(AMA5.cout[row]) == row >> 2 & 1


def test_names_and_sources():
    assert [cell.name for cell in CELLS.values()] == list(CELLS)
    assert all(cell.source != "user" for cell in CELLS.values())
    own = FullAdder("11111111", "00010111")
    assert (own.name, own.source) == ("cff17", "user")
    assert eval(repr(own)) == own


@pytest.mark.parametrize("bits", ["0011001", "0011001x", 51])
def test_a_table_that_is_not_eight_bits_is_refused(bits):
    with pytest.raises(InputError, match="sum must be eight characters 0 or 1"):
        FullAdder(bits, "00001111")
