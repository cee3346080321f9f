"""Archives and pickles from outside: only files that are named in advance and have a known md5 are taken.

Nothing is extracted by the names that an archive gives: the wanted members are read, checked, and written under names
of ours. A pickle may only build what ``restricted`` lists.
"""

import hashlib
import io
import lzma
import pickle
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy._core import multiarray

from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole

__all__ = ["restricted", "unpack"]

_LARGEST = 256 << 20
"""Bytes of a member that are read at most."""
_DAMAGES = (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error)
_CLASSES = {
    ("numpy.core.multiarray", "_reconstruct"): multiarray._reconstruct,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def unpack(
    archive: Path, members: Mapping[str, str], folder: Path, remedy: str, progress: Callable[[str, int, int], object]
) -> None:
    """Writes the members (name in the archive: md5) to ``folder``, each under the last part of its name, in one step.

    ``progress`` is called with (file name of the archive, members done, members in all). Raises ``InputError`` with
    ``remedy`` for an archive that is damaged or lacks a member, for a member with another md5, and for a folder that
    cannot be written.
    """
    done: set[str] = set()
    try:
        with tarfile.open(archive, "r|*") as tar:
            for entry in tar:
                if entry.name not in members or not entry.isfile() or entry.size > _LARGEST:
                    continue
                content = tar.extractfile(entry).read()
                if hashlib.md5(content).hexdigest() != members[entry.name]:
                    raise InputError(f"{archive} is damaged ({entry.name} has another md5): {remedy}")
                _write(folder / Path(entry.name).name, content)
                done.add(entry.name)
                progress(archive.name, len(done), len(members))
    except _DAMAGES as error:
        raise InputError(f"{archive} is truncated or damaged ({error or type(error).__name__}): {remedy}") from None
    missing = sorted(set(members) - done)
    if missing:
        raise InputError(f"{archive} is damaged ({missing[0]} is not in it): {remedy}")


def restricted(content: bytes) -> Any:
    """What a pickle holds that was made by Python 2: plain containers, numbers, byte strings, numpy arrays.

    Raises ``pickle.UnpicklingError`` for anything else.
    """
    return _Restricted(io.BytesIO(content), encoding="bytes").load()


class _Restricted(pickle.Unpickler):
    """Finds what rebuilds a numpy array, by the names that numpy had then, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a data set")
        return _CLASSES[module, name]


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): set XDG_CACHE_HOME") from None
