"""The Verilog of all units of a network: emit's bytes, a manifest by layer, and a folder that is whole or as before."""

import hashlib
import json

import pytest

from axmac.gen import check_unit_set, emit_unit_set, generate, unit_set
from axmac.model.spec import InputError

LAYERS = {"conv1": "s8_drum_k3", "conv2": "s8_exact", "fc": "s8_drum_k3"}


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_unit_is_there_once_and_every_layer_names_its_own(tmp_path):
    manifest = json.loads(emit_unit_set(LAYERS, tmp_path / "rtl").read_text())
    files = content(tmp_path / "rtl")
    endings = ("core", "json", "v")
    assert set(files) == {"manifest.json", *(f"{unit}.{end}" for unit in LAYERS.values() for end in endings)}
    assert list(manifest["layers"]) == list(LAYERS)
    for layer, unit in LAYERS.items():
        entry = manifest["layers"][layer]
        verilog = files[entry["verilog"]]
        assert verilog.decode() == generate(unit)
        assert entry["sha256"] == hashlib.sha256(verilog).hexdigest()
        assert entry["unit"] == entry["core"] == unit
        assert f"module {entry['pipeline']}(" in verilog.decode()
        assert entry["manifest"] in files
    assert [path.name for path in tmp_path.iterdir()] == ["rtl"]


def test_an_older_set_is_replaced_as_a_whole(tmp_path):
    emit_unit_set(LAYERS, tmp_path / "rtl")
    emit_unit_set({"conv1": "s8_exact"}, tmp_path / "rtl")
    assert set(content(tmp_path / "rtl")) == {"manifest.json", "s8_exact.v", "s8_exact.json", "s8_exact.core"}
    assert [path.name for path in tmp_path.iterdir()] == ["rtl"]


def test_a_folder_of_something_else_is_refused_and_stays(tmp_path):
    for name, text in (("notes.txt", "mine"), ("manifest.json", '{"schema": "another"}'), ("manifest.json", "[]")):
        folder = tmp_path / f"{name}{len(text)}"
        folder.mkdir()
        (folder / name).write_text(text)
        with pytest.raises(InputError, match="holds other files than a set of units: choose another folder"):
            emit_unit_set(LAYERS, folder)
        assert content(folder) == {name: text.encode()}
    empty = tmp_path / "empty"
    empty.mkdir()
    check_unit_set(empty)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        check_unit_set(tmp_path / "file")


def test_a_failure_leaves_the_older_set(tmp_path, monkeypatch):
    emit_unit_set(LAYERS, tmp_path / "rtl")
    before = content(tmp_path / "rtl")
    emitted = unit_set.emit

    def full(spec, *rest):
        if spec.id == "s8_drum_k4":
            raise OSError(28, "No space left on device")
        return emitted(spec, *rest)

    monkeypatch.setattr(unit_set, "emit", full)
    with pytest.raises(InputError, match="No space left on device; choose another folder"):
        emit_unit_set({"conv1": "s8_exact", "fc": "s8_drum_k4"}, tmp_path / "rtl")
    assert content(tmp_path / "rtl") == before
    assert [path.name for path in tmp_path.iterdir()] == ["rtl"]
