"""CIFAR-100: small files in its format, fine labels, one file a split; where it is looked for is that of CIFAR-10."""

import hashlib

import cifar_files
import pytest
import torch

from axmac.model.nn import data
from axmac.model.nn.data import cifar100
from axmac.model.spec import InputError

FOLDER, ORIGINAL = "cifar-100-python", "cifar-100-python.tar.gz"
COUNTS = {"train": 6, "test": 4}


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Digits with fine labels of ten times their own, and coarse ones that are wrong; an empty ``$AXMAC_DATA``."""
    digits, first, contents = data.load("digits32", "test"), 0, {}
    for split, count in COUNTS.items():
        part = slice(first, first + count)
        labels = {"coarse_labels": [19] * count, "fine_labels": (10 * digits.labels[part]).tolist()}
        contents[split] = cifar_files.pickled((digits.images[part] * 255).byte().flatten(1).numpy(), **labels)
        first += count
    md5 = {split: {split: hashlib.md5(content).hexdigest()} for split, content in contents.items()}
    monkeypatch.setattr(cifar100, "_BATCHES", md5)
    monkeypatch.setenv("AXMAC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    return contents


def assert_digits():
    digits, first = data.load("digits32", "test"), 0
    for split, count in COUNTS.items():
        part, own = data.load("cifar100", split), slice(first, first + count)
        assert (len(part), part.images.shape[1:], part.images.dtype) == (count, (3, 32, 32), torch.float32)
        assert torch.equal(part.labels, 10 * digits.labels[own])
        assert float((part.images - digits.images[own]).abs().max()) < 1 / 255
        first += count


def test_a_folder_of_files(files, tmp_path):
    folder = tmp_path / "data" / "cifar100" / FOLDER
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert_digits()
    (folder / "test").write_bytes(files["test"][:-1])
    with pytest.raises(InputError, match="test is truncated or damaged"):
        data.load("cifar100", "test")


def test_the_original_archive(files, tmp_path, monkeypatch):
    archive = tmp_path / "data" / ORIGINAL
    archive.write_bytes(cifar_files.packed(files, "w:gz", folder=FOLDER))
    with pytest.raises(InputError, match=f"{ORIGINAL} is truncated or damaged"):
        data.load("cifar100", "test")
    monkeypatch.setattr(cifar100, "_ORIGINAL_MD5", hashlib.md5(archive.read_bytes()).hexdigest())
    assert_digits()


@pytest.mark.usefixtures("files")
def test_nothing_there_names_what_is_missing():
    with pytest.raises(InputError, match=f"has neither {FOLDER} nor {ORIGINAL} .*: put the original file there"):
        data.load("cifar100", "train")
