"""Adversarial images in a file: an npz without pickles, which names the data set, the attack and the seed.

Arrays of n images each: ``indices`` (places in the data set), ``label``, ``wanted`` (the class to reach, the label
itself without a target), ``clean`` and ``adversarial`` float32 [n, C, H, W], and the classes that both networks gave
before and after: ``source_before``, ``source_after``, ``target_before``, ``target_after``. ``description`` is JSON.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

import numpy as np
import torch
from torch import Tensor

from axmac.model.attack.transfer import Examples
from axmac.model.nn.data import Dataset
from axmac.model.spec import InputError

__all__ = ["Saved", "pack", "read"]

_REMEDY = "name an .npz of `axmac attack --out`"


@dataclass(frozen=True)
class Saved:
    """What ``read`` found: a data set of adversarial images with true labels, and how they were made."""

    dataset: Dataset
    indices: list[int]
    attack: dict[str, Any]
    seed: int


def pack(examples: Examples, dataset: Dataset, attack: dict[str, Any], seed: int) -> bytes:
    """The content of a file; ``attack`` is plain data: name, params and so on, as a result holds it."""
    arrays = {
        "indices": torch.tensor(examples.indices),
        "label": examples.labels,
        "wanted": examples.wanted,
        "clean": examples.clean,
        "adversarial": examples.adversarial,
        "source_before": examples.labels,
        "source_after": examples.source,
        "target_before": examples.labels,
        "target_after": examples.target,
    }
    description = {
        "attack": attack,
        "size": examples.size,
        "seed": seed,
        "data": {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256},
    }
    content = io.BytesIO()
    text = np.array(json.dumps(description, sort_keys=True))
    np.savez_compressed(content, description=text, **{name: array.numpy() for name, array in arrays.items()})
    return content.getvalue()


def read(path: Path, dataset: Dataset) -> Saved:
    """The adversarial images of a file that was made from ``dataset``.

    Raises ``InputError`` for a file that cannot be read, holds something else, or belongs to another data set.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            description = json.loads(str(file["description"]))
            indices, labels, moved = (file[name] for name in ("indices", "label", "adversarial"))
        attack, seed, data = (description[name] for name in ("attack", "seed", "data"))
        origin = data["sha256"]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}): {_REMEDY}") from error
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile, ZlibError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: holds no adversarial images ({reason}): {_REMEDY}") from error
    if origin != dataset.sha256:
        raise InputError(f"{path}: was made from other images than {dataset.name}/{dataset.split}: choose its --data")
    shape = (len(indices), *dataset.images.shape[1:]) if indices.ndim == 1 else None
    if moved.shape != shape or moved.dtype != np.float32 or not (moved.size and moved.min() >= 0 and moved.max() <= 1):
        raise InputError(f"{path}: its images are not float32 in [0, 1] of the data set's size: {_REMEDY}")
    if not _fits(indices, labels, dataset):
        raise InputError(f"{path}: its labels are not those of {dataset.name}/{dataset.split}: {_REMEDY}")
    images: Tensor = torch.from_numpy(np.ascontiguousarray(moved))
    found = Dataset(dataset.name, dataset.split, images, torch.from_numpy(labels), dataset.sha256)
    return Saved(found, indices.tolist(), attack, seed)


def _fits(indices: np.ndarray, labels: np.ndarray, dataset: Dataset) -> bool:
    if indices.dtype != np.int64 or labels.dtype != np.int64 or labels.shape != indices.shape:
        return False
    if indices.min() < 0 or indices.max() >= len(dataset):
        return False
    return np.array_equal(dataset.labels.numpy()[indices], labels)
