"""Files of CIFAR's python version: of ``$AXMAC_DATA`` where that is set, otherwise downloaded once.

``$AXMAC_DATA``, or the folder of the data set's name in it, holds the unpacked folder or an archive of it: the original
``.tar.gz``, or one named after the folder (``.tar.xz``, ``.tar.gz``, ``.tar``). What comes out of an archive is kept in
``$XDG_CACHE_HOME/axmac``. The files are pickles: their md5 is checked first, and ``restricted`` reads them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from axmac.model.nn.archive import restricted, unpack
from axmac.model.nn.download import check_md5, download
from axmac.model.spec import InputError

__all__ = ["Files"]


@dataclass(frozen=True)
class Files:
    """Of the data set ``name``: the ``folder`` of its files, the ``original`` archive with its md5, where it is, and by
    split the md5 of each file of ``batches``.
    """

    name: str
    folder: str
    original: str
    original_md5: str
    mirrors: tuple[str, ...]
    batches: Mapping[str, Mapping[str, str]]

    def load(self, split: str, labels: bytes, progress: object) -> tuple[np.ndarray, np.ndarray]:
        """Images float32 [n, 3, 32, 32] with values 0 to 1 and the labels int64 [n] under that key."""
        folder, remedy = self._unpacked(progress)
        found: list[Any] = []
        for name, md5 in self.batches[split].items():
            check_md5(folder / name, md5, remedy)
            found.append(restricted((folder / name).read_bytes()))
        pixels, numbers = (np.concatenate([batch[key] for batch in found]) for key in (b"data", labels))
        return pixels.reshape(-1, 3, 32, 32) / np.float32(255), numbers.astype(np.int64)

    def _unpacked(self, progress: object) -> tuple[Path, str]:
        """The folder of the files, and what to do where one of them is missing or damaged.

        Raises ``InputError`` for a missing or damaged archive, and where none can be downloaded.
        """
        given = os.environ.get("AXMAC_DATA")
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "axmac", self.name)
        members = {f"{self.folder}/{name}": md5 for batches in self.batches.values() for name, md5 in batches.items()}
        remedy = "put the original file there, or unset AXMAC_DATA to download it"
        if given:
            places = (Path(given, self.name), Path(given))
            folder = next((place / self.folder for place in places if (place / self.folder).is_dir()), None)
            if folder is not None:
                return folder, remedy
            names = (self.original, *(f"{self.folder}{ending}" for ending in (".tar.xz", ".tar.gz", ".tar")))
            archives = [place / name for place in places for name in names if (place / name).is_file()]
            if not archives:
                raise InputError(f"{given} has neither {self.folder} nor {' nor '.join(names[:2])}: {remedy}")
            archive = archives[0]
        else:
            archive = cache / self.original
        made = cache / self.folder, "delete it and it will be made again"
        if all((cache / name).is_file() for name in members):
            return made
        if not given and not archive.exists():
            download([mirror + self.original for mirror in self.mirrors], archive, self.original_md5, progress)
        if archive.name == self.original:
            check_md5(archive, self.original_md5, remedy if given else "delete it and it will be downloaded again")
        unpack(archive, members, cache / self.folder, remedy, progress)
        if not given:
            archive.unlink()
        return made
