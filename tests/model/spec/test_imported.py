"""The store of imported units: names, descriptions, and what stands in the way of reading one."""

import json

import pytest
from imported import keep, random_table, record_of

from axmac.model import spec as names
from axmac.model.spec import ImportedProduct, InputError, IntFormat, IntMul, as_spec, catalog, imported_units
from axmac.model.spec import imported as module


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))
    return tmp_path / "units"


def test_the_folder_is_that_of_the_variable_else_of_the_user(monkeypatch, tmp_path):
    assert module.units_folder() == tmp_path / "units"
    monkeypatch.delenv("AXMAC_UNITS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert module.units_folder() == tmp_path / "data" / "axmac" / "units"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert module.units_folder() == tmp_path / ".local" / "share" / "axmac" / "units"


def test_a_name_is_a_unit_from_the_import_on(store):
    with pytest.raises(InputError, match="unknown unit 'tiny'"):
        as_spec("tiny")
    assert "tiny" not in catalog
    record = keep("tiny", random_table(3), signed=True)
    spec = as_spec("tiny")
    assert "tiny" in catalog
    assert spec == IntMul(IntFormat(3, signed=True), ImportedProduct("tiny", record.sha256))
    assert spec.id == "tiny"
    assert eval(repr(spec), {}, vars(names)) == spec
    assert [path.name for path in store.iterdir()] == [record.sha256]
    assert sorted(path.name for path in (store / record.sha256).iterdir()) == ["spec.json", "table.npy", "unit.v"]


def test_units_come_by_name_and_do_not_join_the_named_designs():
    before = list(catalog)
    for name in ("zebra", "ape"):
        keep(name, random_table(2))
    assert list(imported_units()) == ["ape", "zebra"]
    assert list(catalog) == before


def test_what_decides_the_unit_decides_the_hash():
    record = record_of("one", 4)
    others = [
        record_of("two", 4),
        record_of("one", 5),
        record_of("one", 4, signed=True),
        *(module.UnitRecord(**vars(record) | change) for change in (
            {"top": "x"}, {"ports": ("b", "a", "p")}, {"table_sha256": "2" * 64}, {"verilog_sha256": "2" * 64},
        )),
    ]  # fmt: skip
    assert len({record.sha256, *(other.sha256 for other in others)}) == 8
    assert module.UnitRecord(**vars(record) | {"source": {}, "measured": {}}).sha256 == record.sha256


@pytest.mark.parametrize("name", ["Mul", "a-b", "a__b", "_a", "a_", "1a", "a.b", "a/b", "", "x" * 41, "ä"])
def test_names_of_other_characters_are_refused(name):
    with pytest.raises(InputError, match="the name of a unit has at most 40 of a-z"):
        ImportedProduct(name, "0" * 64)


@pytest.mark.parametrize("name", ["u8_mine", "s12_x", "fp32_x", "bf16_x", "e5f2_x", "mac", "adder", "axmac", "axmac_x"])
def test_names_that_look_like_ours_are_refused(name):
    with pytest.raises(InputError, match="is kept for units and modules of axmac"):
        ImportedProduct(name, "0" * 64)


def test_wrong_hashes_and_widths():
    with pytest.raises(InputError, match="sha256 must be 64 hex digits"):
        ImportedProduct("tiny", "../x")
    with pytest.raises(TypeError, match="name must be a string"):
        ImportedProduct(3, "0" * 64)
    with pytest.raises(InputError, match="has operands of 2 to 12 bits, not 13"):
        IntMul(IntFormat(13, signed=False), ImportedProduct("tiny", "0" * 64))


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda _: "[" * 100_000,
        lambda _: "[]",
        lambda text: text.replace("axmac-unit-1", "axmac-unit-2"),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "top"}),
        *(
            lambda text, field=field, value=value: json.dumps(json.loads(text) | {field: value})
            for field, value in (
                ("more", 1),
                ("name", "../x"),
                ("name", 3),
                ("width", "3"),
                ("width", 13),
                ("signed", 1),
                ("ports", ["a", "b"]),
                ("ports", ["a", "b", 3]),
                ("top", None),
                ("source", []),
                ("measured", {"mred": "x"}),
                ("measured", {"mred": 0.5}),
                ("measured", dict.fromkeys(module.FIGURES, float("nan"))),
                ("source", {"kind": "table"}),
                ("table_sha256", "z"),
            )
        ),
    ],
)
def test_a_description_that_is_none_is_refused(store, change):
    record = keep("tiny", random_table(3))
    path = store / record.sha256 / "spec.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=r"spec.json: does not describe a unit: delete the folder"):
        imported_units()
    assert catalog["u8_drum_k6"].id == "u8_drum_k6"  # other units are not held up


def test_a_description_that_was_changed_is_refused(store):
    record = keep("tiny", random_table(3))
    path = store / record.sha256 / "spec.json"
    path.write_text(path.read_text().replace('"signed": false', '"signed": true'))
    with pytest.raises(InputError, match=r"spec.json: is not what was imported"):
        imported_units()


@pytest.mark.parametrize("file_name", ["unit.v", "spec.json"])
def test_a_missing_file_is_named(store, file_name):
    record = keep("tiny", random_table(3))
    spec = as_spec("tiny")
    (store / record.sha256 / file_name).unlink()
    with pytest.raises(InputError, match=rf"{file_name}: cannot be read"):
        _ = spec.product.verilog


def test_changed_verilog_is_refused(store):
    record = keep("tiny", random_table(3))
    path = store / record.sha256 / "unit.v"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(InputError, match=r"unit.v: was changed since tiny was imported"):
        _ = as_spec("tiny").product.verilog
