"""Files written in one step."""

import os

import pytest

from axmac.model.spec.files import write_whole


def test_the_file_is_there_whole_and_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "folder" / "file.bin"
    assert write_whole(path, b"one") == path
    assert write_whole(path, b"two").read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["file.bin"]


def test_a_write_that_breaks_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = write_whole(tmp_path / "file.bin", b"old")

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file.bin"]
