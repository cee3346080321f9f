import pytest

from axmac.model.spec import AMA1, AMA5, EXACT, ArraySig, InputError, by_column, by_row


def test_a_uniform_map_is_no_map():
    assert ArraySig(EXACT, 4, cell_map=by_row(4, AMA5, {})) == ArraySig(AMA5, 4)


def test_cells_by_column_and_by_row():
    by_weight = ArraySig(AMA5, 4, cell_map=by_column(4, AMA5, {6: EXACT}))
    assert [(j, i) for j in (1, 2, 3) for i in range(4) if by_weight.cell_at(j, i) == EXACT] == [(3, 3)]
    rows = ArraySig(AMA5, 3, cell_map=by_row(3, AMA5, {2: AMA1}))
    assert [rows.cell_at(2, i) for i in range(3)] == [AMA1] * 3
    assert [rows.cell_at(1, i) for i in range(3)] == [AMA5] * 3


def test_exactness():
    assert ArraySig(EXACT, 8).exact
    assert ArraySig(AMA5, 1).exact
    assert not ArraySig(AMA5, 2).exact
    assert not ArraySig(EXACT, 4, cell_map=by_column(4, EXACT, {3: AMA5})).exact


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tile": 0}, "tile must be at least 1"),
        ({"topology": "wallace"}, "topology must be"),
        ({"rows": "columns"}, "rows must be"),
        ({"wiring": "pps"}, "wiring must be a permutation"),
        ({"cell_map": ((AMA5,),)}, "cell_map must have 3 rows of 4 cells"),
    ],
)
def test_values_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ArraySig(**{"cell": AMA5, "tile": 4, **options})


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="cell must be a FullAdder"):
        ArraySig("ama5", 4)
    with pytest.raises(TypeError, match="tile must be an integer"):
        ArraySig(AMA5, 4.0)
