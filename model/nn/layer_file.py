"""Writes exported layers: an ``.npz`` of arrays and the manifest that says what it is."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["write_layer"]


def write_layer(folder: Path | str, name: str, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Path:
    """Writes ``<name>.npz`` and its manifest ``<name>.json``, whose path it returns.

    The arrays have ``a`` [M, K] and ``b`` [K, N] among them, whose sizes the manifest holds, besides ``about`` and the
    hash of the file.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / f"{name}.npz"
    with data.open("wb") as file:
        np.savez(file, **arrays)
    manifest = {
        "schema": 1,
        "kind": "layer",
        "layer": name,
        "size": {"m": len(arrays["a"]), "k": len(arrays["b"]), "n": arrays["b"].shape[1]},
        "file": data.name,
        "file_sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        **about,
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return path
