"""MNIST from the four original IDX files: of ``$AXMAC_DATA`` where that is set, otherwise downloaded once.

``$AXMAC_DATA/mnist`` or ``$AXMAC_DATA`` holds the ``.gz`` files. Downloads go to ``$XDG_CACHE_HOME/axmac/mnist``. The
md5 of a file is checked before anything of it is read.
"""

import gzip
import os
from pathlib import Path

import numpy as np

from axmac.model.nn.download import check_md5, download

__all__ = ["load"]

_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
_FILES = {
    "train": (
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
    ),
    "test": (
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ),
}
_IMAGE_HEADER, _LABEL_HEADER = 16, 8


def load(split: str, progress: object) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 [n, 1, 28, 28] with values 0 to 1 and labels int64 [n]: 60,000 to train, 10,000 to test."""
    images, labels = (gzip.decompress(_file(name, md5, progress).read_bytes()) for name, md5 in _FILES[split])
    pixels = np.frombuffer(images, np.uint8, offset=_IMAGE_HEADER).reshape(-1, 1, 28, 28)
    return pixels.astype(np.float32) / np.float32(255), np.frombuffer(labels, np.uint8, offset=_LABEL_HEADER).astype(
        np.int64
    )


def _file(name: str, md5: str, progress: object) -> Path:
    """A file that has been checked. Raises ``InputError`` where it is missing, damaged, or cannot be downloaded."""
    given = os.environ.get("AXMAC_DATA")
    if given:
        folder = Path(given, "mnist")
        path = folder / name if (folder / name).exists() or folder.is_dir() else Path(given, name)
        check_md5(path, md5, "put the original file there, or unset AXMAC_DATA to download it")
        return path
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "axmac", "mnist")
    path = cache / name
    if not path.exists():
        download([mirror + name for mirror in _MIRRORS], path, md5, progress)
    check_md5(path, md5, "delete it and it will be downloaded again")
    return path
