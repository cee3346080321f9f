"""Archives and pickles that were made to do harm: nothing of them is written or run."""

import hashlib
import io
import pickle
import tarfile

import cifar_files
import numpy as np
import pytest

from axmac.model.nn.archive import restricted, unpack
from axmac.model.spec import InputError

GOOD = b"content"
MEMBERS = {"folder/good": hashlib.md5(GOOD).hexdigest()}


def archive_of(path, *entries):
    with tarfile.open(path, "w:gz") as tar:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size = kind, len(content)
            entry.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            tar.addfile(entry, io.BytesIO(content))
    return path


def test_only_the_named_members_are_written_whatever_else_is_there(tmp_path):
    bad = [(name, tarfile.REGTYPE, b"bad") for name in ("../outside", "/tmp/outside", "folder/../../outside", "other")]
    links = [("folder/link", tarfile.SYMTYPE, b""), ("folder/hard", tarfile.LNKTYPE, b"")]
    archive = archive_of(tmp_path / "a.tar.gz", *bad, *links, ("folder/good", tarfile.REGTYPE, GOOD))
    unpack(archive, MEMBERS, tmp_path / "deep" / "out", "try again", lambda *_: None)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"a.tar.gz", "deep/out/good"}
    assert (tmp_path / "deep" / "out" / "good").read_bytes() == GOOD


@pytest.mark.parametrize(
    ("kind", "content"),
    [(tarfile.SYMTYPE, b""), (tarfile.LNKTYPE, b""), (tarfile.FIFOTYPE, b""), (tarfile.DIRTYPE, b"")],
)
def test_a_link_under_a_wanted_name_is_not_followed(kind, content, tmp_path):
    archive = archive_of(tmp_path / "a.tar.gz", ("folder/good", kind, content))
    with pytest.raises(InputError, match=r"a\.tar\.gz is damaged \(folder/good is not in it\): try again"):
        unpack(archive, MEMBERS, tmp_path / "out", "try again", lambda *_: None)
    assert not (tmp_path / "out").exists()


def test_a_member_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("axmac.model.nn.archive._LARGEST", len(GOOD) - 1)
    archive = archive_of(tmp_path / "a.tar.gz", ("folder/good", tarfile.REGTYPE, GOOD))
    with pytest.raises(InputError, match="folder/good is not in it"):
        unpack(archive, MEMBERS, tmp_path / "out", "try again", lambda *_: None)


class Harm:
    def __reduce__(self):
        return print, ("harm",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Harm(), 2),
        b"cos\nsystem\n(S'true'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\nscalar\n.",
        b"cnumpy.ndarray\ntofile\n.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
    ],
)
def test_a_pickle_that_calls_anything_is_refused(content, capsys):
    with pytest.raises(pickle.UnpicklingError, match="has no place in a data set"):
        restricted(content)
    assert capsys.readouterr().out == ""


def test_arrays_and_containers_of_python_2_are_read():
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    found = restricted(cifar_files.pickled(pixels, labels=[3, 1, 2, 0]))
    assert set(found) == {b"labels", b"data"}
    assert found[b"labels"] == [3, 1, 2, 0]
    np.testing.assert_array_equal(found[b"data"], pixels)
