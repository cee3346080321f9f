"""CIFAR-10: `axmac.model.nn.cifar` says where its files are looked for.

They are the folder ``cifar-10-batches-py`` or an archive of it, such as the original ``cifar-10-python.tar.gz``.
"""

import numpy as np

from axmac.model.nn.cifar import Files

__all__ = ["load"]

_ORIGINAL_MD5 = "c58f30108f718f92721af3b95e74349a"
_MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
_BATCHES = {
    "train": {
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    "test": {"test_batch": "40351d587109b95175f43aff81a1287e"},
}


def load(split: str, progress: object) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 [n, 3, 32, 32] with values 0 to 1 and labels int64 [n]: 50,000 to train, 10,000 to test."""
    original = "cifar-10-python.tar.gz"
    files = Files("cifar10", "cifar-10-batches-py", original, _ORIGINAL_MD5, _MIRRORS, _BATCHES)
    return files.load(split, b"labels", progress)
