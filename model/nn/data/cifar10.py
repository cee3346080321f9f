"""CIFAR-10 from the batches of its python version: of ``$AXMAC_DATA`` where that is set, otherwise downloaded once.

``$AXMAC_DATA/cifar10`` or ``$AXMAC_DATA`` holds the folder ``cifar-10-batches-py`` or an archive of it: the original
``cifar-10-python.tar.gz``, or ``cifar-10-batches-py.tar.xz`` (or ``.tar.gz``, ``.tar``). What comes out of an archive
is kept in ``$XDG_CACHE_HOME/axmac/cifar10``. The batches are pickles: their md5 is checked first, and ``restricted``
reads them.
"""

import os
from pathlib import Path

import numpy as np

from axmac.model.nn.archive import restricted, unpack
from axmac.model.nn.download import check_md5, download
from axmac.model.spec import InputError

__all__ = ["load"]

_FOLDER = "cifar-10-batches-py"
_ORIGINAL, _ORIGINAL_MD5 = "cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a"
_ARCHIVES = (_ORIGINAL, f"{_FOLDER}.tar.xz", f"{_FOLDER}.tar.gz", f"{_FOLDER}.tar")
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
    folder, remedy = _unpacked(progress)
    batches = []
    for name, md5 in _BATCHES[split].items():
        check_md5(folder / name, md5, remedy)
        batches.append(restricted((folder / name).read_bytes()))
    pixels, labels = (np.concatenate([batch[key] for batch in batches]) for key in (b"data", b"labels"))
    return pixels.reshape(-1, 3, 32, 32) / np.float32(255), labels.astype(np.int64)


def _unpacked(progress: object) -> tuple[Path, str]:
    """The folder of the batches, and what to do where one of them is missing or damaged.

    Raises ``InputError`` for a missing or damaged archive, and where none can be downloaded.
    """
    given = os.environ.get("AXMAC_DATA")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "axmac", "cifar10")
    members = {f"{_FOLDER}/{name}": md5 for batches in _BATCHES.values() for name, md5 in batches.items()}
    remedy = "put the original file there, or unset AXMAC_DATA to download it"
    if given:
        places = (Path(given, "cifar10"), Path(given))
        folder = next((place / _FOLDER for place in places if (place / _FOLDER).is_dir()), None)
        if folder is not None:
            return folder, remedy
        archives = [place / name for place in places for name in _ARCHIVES if (place / name).is_file()]
        if not archives:
            raise InputError(f"{given} has neither {_FOLDER} nor {' nor '.join(_ARCHIVES[:2])}: {remedy}")
        archive = archives[0]
    else:
        archive = cache / _ORIGINAL
    made = cache / _FOLDER, "delete it and it will be made again"
    if all((cache / name).is_file() for name in members):
        return made
    if not given and not archive.exists():
        download([mirror + _ORIGINAL for mirror in _MIRRORS], archive, _ORIGINAL_MD5, progress)
    if archive.name == _ORIGINAL:
        check_md5(archive, _ORIGINAL_MD5, remedy if given else "delete it and it will be downloaded again")
    unpack(archive, members, cache / _FOLDER, remedy, progress)
    if not given:
        archive.unlink()
    return made
