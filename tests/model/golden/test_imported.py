"""Tables of imported units: products are the table's entries; files that were changed or cannot be written."""

import numpy as np
import pytest
from imported import keep, random_table, record_of

from axmac.model.golden import matmul, measure, multiply, trace
from axmac.model.golden.imported import keep_unit
from axmac.model.golden.metrics import measure_table
from axmac.model.spec import ImportedProduct, InputError, IntFormat, IntMul, as_spec, units_folder


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("width", "dtype"), [(2, np.uint8), (3, np.uint8), (8, np.uint16), (9, np.uint32)])
def test_products_are_the_entries_of_the_table(width, dtype, signed):
    table = random_table(width)
    keep("tiny", table, signed=signed)
    patterns = np.arange(1 << width).astype(np.uint8 if width <= 8 else np.uint16)
    found = multiply("tiny", patterns[:, None], patterns)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, table)


def test_the_first_operand_is_the_row():
    table = np.zeros((4, 4), np.int64)
    table[1, 3] = 9
    keep("tiny", table)
    assert multiply("tiny", np.uint8(1), np.uint8(3)) == 9
    assert multiply("tiny", np.uint8(3), np.uint8(1)) == 0


def test_bits_above_the_operand_are_ignored_as_by_other_units():
    keep("tiny", random_table(3))
    assert multiply("tiny", np.uint8(0xF8 | 5), np.uint8(0x10 | 2)) == multiply("tiny", np.uint8(5), np.uint8(2))


def test_trace_shows_value_and_exact_product():
    table = np.full((16, 16), 0xFE)
    keep("tiny", table, signed=True)
    text = trace("tiny", np.array([0xF], np.uint8), np.array([3], np.uint8)).describe()
    for part in ("tiny  a=0xf  b=0x3", "value          -2", "exact          -3", "result         0xfe"):
        assert part in text


def test_matrix_products_are_signed_sums():
    table = np.full((4, 4), 0xF)  # -1
    keep("tiny", table, signed=True)
    ones = np.ones((2, 3), np.uint8)
    np.testing.assert_array_equal(matmul("tiny", ones, ones.T).view(np.int32), np.full((2, 2), -3))


@pytest.mark.parametrize("signed", [False, True])
def test_figures_of_a_table_are_those_of_all_pairs(signed):
    table = random_table(6)
    keep("tiny", table, signed=signed)
    by_table = measure_table(IntFormat(6, signed=signed), table).as_dict()
    assert by_table == pytest.approx(measure("tiny").as_dict(), rel=1e-12)
    assert by_table["pairs"] == 63 * 63


def test_changed_tables_are_refused():
    record = keep("tiny", random_table(5))
    path = units_folder() / record.sha256 / "table.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"table.npy: was changed since tiny was imported"):
        multiply("tiny", np.uint8(1), np.uint8(1))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros((8, 8), np.int64), "must hold 16 x 16 products of uint8"),
        (np.zeros((4, 4), np.int64), "must hold 16 x 16 products of uint8"),
        (np.full((8, 8), 64), "has products of more than 6 bits"),
    ],
)
def test_tables_of_another_kind_are_refused(table, message):
    keep_unit(record_of("tiny", 3 if "6 bits" in message else 4), table, "")
    with pytest.raises(InputError, match=message):
        multiply("tiny", np.uint8(1), np.uint8(1))


def test_another_format_is_refused():
    record = keep("tiny", random_table(4))
    other = IntMul(IntFormat(4, signed=True), ImportedProduct("tiny", record.sha256))
    with pytest.raises(InputError, match="tiny was imported as u4, not as s4"):
        multiply(other, np.uint8(1), np.uint8(1))


def test_a_store_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"file: cannot be written .* set AXMAC_UNITS to another folder"):
        keep("tiny", random_table(3))


def test_nothing_half_written_stays(monkeypatch):
    keep("tiny", random_table(3))
    before = sorted(units_folder().rglob("*"))

    def fail(_from, _to):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("axmac.model.golden.imported.os.rename", fail)
    with pytest.raises(InputError, match="No space left on device"):
        keep("other", random_table(3))
    assert sorted(units_folder().rglob("*")) == before
    assert as_spec("tiny").id == "tiny"
