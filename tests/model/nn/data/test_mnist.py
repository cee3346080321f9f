"""MNIST: the real files where AXMAC_DATA names them, and files of our own for everything that can go wrong."""

import gzip
import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from axmac.model.nn import data
from axmac.model.nn.data import mnist
from axmac.model.spec import InputError

COUNTS = {"train": 60_000, "test": 10_000}


@pytest.fixture
def files(monkeypatch, tmp_path):
    """A folder with IDX files of six digits, in the layout of the originals, and their md5 made known."""
    digits = data.load("digits", "test")
    pixels, labels = (digits.images[:6] * 255).to(torch.uint8).numpy(), digits.labels[:6].numpy().astype(np.uint8)
    folder = tmp_path / "mnist"
    folder.mkdir()
    known = {}
    for split, names in mnist._FILES.items():
        header = {"images": b"\0\0\x08\x03\0\0\0\x06\0\0\0\x1c\0\0\0\x1c", "labels": b"\0\0\x08\x01\0\0\0\x06"}
        contents = (header["images"] + pixels.tobytes(), header["labels"] + labels.tobytes())
        known[split] = []
        for (name, _), content in zip(names, contents, strict=True):
            (folder / name).write_bytes(gzip.compress(content, mtime=0))
            known[split].append((name, hashlib.md5((folder / name).read_bytes()).hexdigest()))
    monkeypatch.setattr(mnist, "_FILES", known)
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path))
    return folder


def test_the_original_or_the_digits():
    """With AXMAC_DATA the original files; the same checks on the digits otherwise."""
    name = "mnist" if os.environ.get("AXMAC_DATA") else "digits"
    counts = COUNTS if name == "mnist" else {"train": 1437, "test": 360}
    for split, count in counts.items():
        part = data.load(name, split)
        assert part.images.shape == (count, 1, 28, 28)
        assert (float(part.images.min()), float(part.images.max())) == (0.0, 1.0)
        assert torch.bincount(part.labels).min() > count // 15


def test_pixels_and_labels(files):
    part = data.load("mnist", "test")
    digits = data.load("digits", "test")
    assert len(part) == 6
    assert torch.equal(part.labels, digits.labels[:6])
    assert float((part.images - digits.images[:6]).abs().max()) < 1 / 255
    assert files.is_dir()


def test_files_beside_a_missing_folder(files):
    for file in files.iterdir():
        shutil.move(file, files.parent)
    files.rmdir()
    assert len(data.load("mnist", "train")) == 6


def test_a_truncated_file_is_named_before_it_is_read(files):
    path = files / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(
        InputError, match=r"t10k-images-idx3-ubyte\.gz is truncated or damaged .*unset AXMAC_DATA"
    ) as info:
        data.load("mnist", "test")
    assert "\n" not in str(info.value)


def test_a_missing_file_is_named(files):
    (files / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(InputError, match=r"train-labels-idx1-ubyte\.gz is missing: put the original file there"):
        data.load("mnist", "train")


def test_downloads_once_into_the_cache(files, monkeypatch, tmp_path):
    monkeypatch.delenv("AXMAC_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "_MIRRORS", ["file:///nowhere/", f"{files.as_uri()}/"])
    seen = []
    assert len(data.load("mnist", "test", lambda *step: seen.append(step))) == 6
    assert {what for what, _, _ in seen} == {name for name, _ in mnist._FILES["test"]}
    assert all(done <= total for _, done, total in seen)
    shutil.rmtree(files)
    assert len(data.load("mnist", "test")) == 6


def test_a_download_that_fails_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.delenv("AXMAC_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    for name, _ in mnist._FILES["test"]:
        Path(wrong, name).write_bytes(b"not MNIST")
    monkeypatch.setattr(mnist, "_MIRRORS", [f"{wrong.as_uri()}/"])
    with pytest.raises(InputError, match=r"could not download t10k-images.*md5 .*: set AXMAC_DATA to a folder"):
        data.load("mnist", "test")
    assert list((tmp_path / "axmac" / "mnist").iterdir()) == []
