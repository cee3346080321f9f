"""Files of an exported layer, written by hand for the tests of replay."""

import hashlib
import json

import numpy as np

__all__ = ["K", "M", "N", "describe", "write"]

M, K, N = 6, 11, 5
"""Sizes of the layer ``made``."""


def write(folder, arrays, spec):
    """The arrays and their manifest."""
    np.savez(folder / "made.npz", **arrays)
    describe(folder, spec)


def describe(folder, spec):
    """The manifest of the file as it stands."""
    size = {"m": M, "k": K, "n": N}
    unit = {"id": spec.id, "sha256": spec.sha256}
    file = {"file": "made.npz", "file_sha256": hashlib.sha256((folder / "made.npz").read_bytes()).hexdigest()}
    (folder / "made.json").write_text(json.dumps({"layer": "made", "spec": unit, "size": size} | file))
