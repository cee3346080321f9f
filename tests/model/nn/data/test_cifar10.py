"""CIFAR-10: the real batches where AXMAC_DATA has them, and files of our own for everything that can go wrong."""

import hashlib
import os
from pathlib import Path

import cifar_files
import pytest
import torch

from axmac.model.nn import data
from axmac.model.nn.data import cifar10
from axmac.model.spec import InputError

COUNTS = {"train": 20, "test": 4}


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Batches of digits whose md5 is known, an empty ``$AXMAC_DATA``, and a cache."""
    contents = cifar_files.contents()
    monkeypatch.setattr(cifar10, "_BATCHES", cifar_files.known(contents))
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    return contents


def put(files, folder, name="cifar-10-batches-py.tar.xz", mode="w:xz"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(cifar_files.packed(files, mode))
    return folder / name


def assert_digits(split="train"):
    part, digits = data.load("cifar10", split), data.load("digits32", "test")
    first = 0 if split == "train" else 20
    assert len(part) == COUNTS[split]
    assert part.images.dtype == torch.float32
    assert torch.equal(part.labels, digits.labels[first : first + len(part)])
    assert float((part.images - digits.images[first : first + len(part)]).abs().max()) < 1 / 255


def test_the_real_batches_or_the_digits():
    """Where AXMAC_DATA has CIFAR-10, its figures; the same checks on the digits in its shape otherwise."""
    given = os.environ.get("AXMAC_DATA")
    name = "cifar10" if given and list(Path(given).glob("cifar*")) else "digits32"
    part = data.load(name, "test")
    assert part.images.shape == ((10_000 if name == "cifar10" else 360), 3, 32, 32)
    assert (float(part.images.min()), float(part.images.max())) == (0.0, 1.0)
    assert torch.bincount(part.labels).min() > len(part) // 11
    if name == "cifar10":
        assert part.labels[:5].tolist() == [3, 8, 8, 0, 6]
        assert [round(v, 4) for v in part.images.mean((0, 2, 3)).tolist()] == [0.4942, 0.4851, 0.4504]


@pytest.mark.parametrize("place", ["data", "data/cifar10"])
def test_a_folder_of_batches(files, tmp_path, place):
    folder = tmp_path / place / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for split in COUNTS:
        assert_digits(split)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("cifar-10-batches-py.tar.xz", "w:xz"),
        ("cifar-10-batches-py.tar.gz", "w:gz"),
        ("cifar-10-batches-py.tar", "w:"),
        ("cifar-10-python.tar.gz", "w:gz"),
    ],
)
def test_an_archive_is_unpacked_once_into_the_cache(files, tmp_path, monkeypatch, name, mode):
    archive = put(files, tmp_path / "data", name, mode)
    monkeypatch.setattr(cifar10, "_ORIGINAL_MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    steps = []
    data.load("cifar10", "test", lambda *step: steps.append(step))
    assert steps == [(name, done, 6) for done in range(1, 7)]
    for split in COUNTS:
        assert_digits(split)
    assert sorted(path.name for path in (tmp_path / "cache" / "axmac" / "cifar10").glob("*/*")) == sorted(files)
    assert archive.exists()


def refused(*words):
    with pytest.raises(InputError) as info:
        data.load("cifar10", "test")
    message = str(info.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


@pytest.mark.parametrize("keep", [0, 0.01, 0.5, 0.8])
@pytest.mark.parametrize("mode", ["w:xz", "w:gz", "w:"])
def test_a_truncated_archive(files, tmp_path, keep, mode):
    archive = put(files, tmp_path / "data", "cifar-10-batches-py.tar.xz", mode)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(keep * len(whole))])
    refused("cifar-10-batches-py.tar.xz is", "damaged", "put the original file there, or unset AXMAC_DATA")


def test_an_archive_with_a_changed_batch(files, tmp_path):
    put({**files, "data_batch_3": files["data_batch_2"]}, tmp_path / "data")
    refused("damaged (cifar-10-batches-py/data_batch_3 has another md5)", "put the original file there")


def test_an_original_with_another_md5_is_not_opened(files, tmp_path):
    put(files, tmp_path / "data", "cifar-10-python.tar.gz", "w:gz")
    refused("cifar-10-python.tar.gz is truncated or damaged (md5", "put the original file there")


def test_a_folder_that_lacks_a_batch_or_has_a_truncated_one(files, tmp_path):
    folder = tmp_path / "data" / "cifar-10-batches-py"
    folder.mkdir()
    refused("test_batch is missing: put the original file there")
    (folder / "test_batch").write_bytes(files["test_batch"][:-1])
    refused("test_batch is truncated or damaged", "put the original file there")


@pytest.mark.usefixtures("files")
def test_nothing_there(tmp_path):
    refused(str(tmp_path / "data"), "has neither cifar-10-batches-py nor cifar-10-python.tar.gz", "unset AXMAC_DATA")


def test_a_damaged_file_of_the_cache_is_named_and_made_again(files, tmp_path):
    put(files, tmp_path / "data")
    assert_digits()
    (damaged,) = (tmp_path / "cache").rglob("test_batch")
    damaged.write_bytes(b"")
    refused(f"{damaged} is truncated or damaged", "delete it and it will be made again")
    damaged.unlink()
    assert_digits("test")


def test_a_cache_that_cannot_be_written(files, tmp_path):
    put(files, tmp_path / "data")
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    refused("cannot be written", "set XDG_CACHE_HOME")


def test_downloads_once_with_progress_and_keeps_the_batches_only(files, tmp_path, monkeypatch):
    archive = put(files, tmp_path / "mirror", "cifar-10-python.tar.gz", "w:gz")
    monkeypatch.delenv("AXMAC_DATA")
    monkeypatch.setattr(cifar10, "_MIRRORS", ("file:///nowhere/", f"{archive.parent.as_uri()}/"))
    refused("could not download cifar-10-python.tar.gz", "md5", "set AXMAC_DATA to a folder that holds it")
    monkeypatch.setattr(cifar10, "_ORIGINAL_MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    steps = []
    data.load("cifar10", "train", lambda *step: steps.append(step))
    assert steps[0] == ("cifar-10-python.tar.gz", archive.stat().st_size, archive.stat().st_size)
    archive.unlink()
    assert_digits("test")
    kept = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(files)
