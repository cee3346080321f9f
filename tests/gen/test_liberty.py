"""Liberty files: what is read of them, and a line for each that cannot be."""

import gzip

import pytest
from small_library import CAPACITANCE, LEAKAGE, VOLTAGE, liberty_of_choice, small_liberty

from axmac.gen.liberty import open_library
from axmac.model.spec import InputError


def test_head_units_and_cells(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    assert (library.name, library.corner, library.voltage, library.temperature) == ("five", "typical", VOLTAGE, 25.0)
    assert [library.unit(kind) for kind in ("time", "leakage_power", "capacitive_load")] == [1e-9, 1e-9, 1e-12]
    cells = library.cells(["nand2", "inv"])
    assert list(cells) == ["nand2", "inv"]
    assert cells["nand2"].number("cell_leakage_power") == LEAKAGE["nand2"]
    pins = {pin.arguments[0]: pin for pin in cells["nand2"].of("pin")}
    assert set(pins) == {"a", "b", "y"}
    assert pins["b"].number("capacitance") == CAPACITANCE["nand2"] / 1000
    assert pins["y"].simple["function"] == "!(a & b)"
    assert [group.simple["related_pin"] for group in pins["y"].of("internal_power")] == ["a", "b"]
    assert pins["y"].of("timing") == []


def test_a_packed_file_is_the_same_library(tmp_path):
    plain = small_liberty(tmp_path)
    packed = tmp_path / "five.lib.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    one, other = open_library(plain, tmp_path), open_library(packed, tmp_path / "work")
    assert one.sha256 == other.sha256
    assert other.path.read_bytes() == plain.read_bytes()


def test_the_environment_names_the_file(tmp_path, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    assert open_library(None, tmp_path) is None
    monkeypatch.setenv("AXMAC_LIBERTY", str(small_liberty(tmp_path)))
    assert open_library(None, tmp_path).name == "five"


def test_any_library_has_voltage_and_cells(tmp_path):
    library = open_library(liberty_of_choice(tmp_path), tmp_path)
    assert 0 < library.voltage < 10
    assert library.unit("capacitive_load") in (1e-12, 1e-15)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.lib", None, "cannot be read"),
        ("text.lib", b"module five; endmodule", "is no Liberty file"),
        ("empty.lib", b"library (empty) { }", "has no cells"),
        ("short.lib.gz", gzip.compress(b"library (x) { cell (y) {} }", mtime=0)[:-9], "cannot be read"),
        ("bare.lib", b"library (x) { cell (y) { area : 1; } }", "no operating_conditions"),
    ],
    ids=["none", "no Liberty", "no cells", "cut short", "no conditions"],
)
def test_a_line_for_each_file_that_is_none(name, content, said, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        open_library(tmp_path / name, tmp_path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cell_that_is_not_there_and_one_that_does_not_end(tmp_path):
    path = small_liberty(tmp_path)
    with pytest.raises(InputError, match="has no cell 'dff'"):
        open_library(path, tmp_path).cells(["dff"])
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    with pytest.raises(InputError, match="not closed"):
        open_library(path, tmp_path).cells(["xor2"])
