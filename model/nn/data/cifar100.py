"""CIFAR-100, its 100 fine labels: `axmac.model.nn.cifar` says where its files are looked for.

They are the folder ``cifar-100-python`` or an archive of it, such as the original ``cifar-100-python.tar.gz``.
"""

import numpy as np

from axmac.model.nn.cifar import Files

__all__ = ["load"]

_ORIGINAL_MD5 = "eb9058c3a382ffc7106e4002c42a8d85"
_MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
_BATCHES = {
    "train": {"train": "16019d7e3df5f24257cddd939b257f8d"},
    "test": {"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
}


def load(split: str, progress: object) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 [n, 3, 32, 32] with values 0 to 1 and labels int64 [n]: 50,000 to train, 10,000 to test."""
    original = "cifar-100-python.tar.gz"
    files = Files("cifar100", "cifar-100-python", original, _ORIGINAL_MD5, _MIRRORS, _BATCHES)
    return files.load(split, b"fine_labels", progress)
