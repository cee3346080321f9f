"""Reads exported layers: an ``.npz`` of arrays and the manifest that says what it is."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from axmac.model.spec import InputError

__all__ = ["REMEDY", "read_layer"]

REMEDY = "export the layer again with `axmac replay`"


def read_layer(
    manifest: Path, names: Sequence[str], check: Callable[[dict[str, Any]], None]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Manifest, and the arrays of those names, ``a`` [M, K] and ``b`` [K, N] among them.

    ``check`` sees the manifest before the arrays are read. ``InputError`` where a file is missing or damaged, and where
    sizes differ.
    """
    try:
        described = json.loads(Path(manifest).read_text(encoding="utf-8"))
        check(described)
        data = Path(manifest).with_name(described["file"]).read_bytes()
        if hashlib.sha256(data).hexdigest() != described["file_sha256"]:
            raise InputError(f"{manifest}: {described['file']} is not the file that was exported: {REMEDY}")
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in names}
        size = [len(arrays["a"]), len(arrays["b"]), arrays["b"].shape[1]]
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read ({error.strerror}): {REMEDY}") from error
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(f"{manifest}: is no exported layer ({error}): {REMEDY}") from error
    if size != [described["size"][name] for name in ("m", "k", "n")] or arrays["a"].shape[1] != size[1]:
        raise InputError(f"{manifest}: sizes differ from those of {described['file']}: {REMEDY}")
    return described, arrays
