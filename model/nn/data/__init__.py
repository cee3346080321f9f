"""Data sets by name. To add one, add a module with ``load(split, progress)`` that returns (images, labels) in numpy."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from axmac.model.nn.registry import find
from axmac.model.nn.registry import names as _names
from axmac.model.spec import InputError

__all__ = ["Dataset", "Progress", "load", "names"]

Progress = Callable[[str, int, int], object]
"""Called as progress(what, done, total) while something takes long."""


@dataclass(frozen=True)
class Dataset:
    """Images float32 [n, C, H, W] with values 0 to 1, labels int64 [n], and the SHA-256 of both (whole split)."""

    name: str
    split: str
    images: Tensor
    labels: Tensor
    sha256: str

    def __len__(self) -> int:
        return len(self.labels)


def names() -> list[str]:
    """Every data set that ``load`` knows."""
    return _names(__name__)


def load(name: str, split: str, progress: Progress | None = None) -> Dataset:
    """The ``train`` or ``test`` part of a data set.

    Raises ``InputError`` for an unknown name or split and for files that are missing or damaged.
    """
    module = find(__name__, name, "data set")
    if split not in ("train", "test"):
        raise InputError(f"split must be 'train' or 'test', not {split!r}")
    images, labels = module.load(split, progress or (lambda *_: None))
    images, labels = np.ascontiguousarray(images, np.float32), np.ascontiguousarray(labels, np.int64)
    digest = hashlib.sha256(images)
    digest.update(labels)
    return Dataset(name, split, torch.from_numpy(images), torch.from_numpy(labels), digest.hexdigest())
