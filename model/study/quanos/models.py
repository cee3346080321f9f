"""Shards of a QUANOS study that train: one network each, which goes on where it was stopped."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from axmac.model.attack.hardening import Hardener
from axmac.model.nn import data
from axmac.model.nn.data import Dataset
from axmac.model.study.quanos import procedure
from axmac.model.study.transfers import test_images

__all__ = ["trained"]


def trained(
    *,
    net: str,
    dataset: Mapping[str, str],
    images: int | None,
    folder: str,
    bits: int | None,
    hardening: Mapping[str, Any] | None,
    warmup_epochs: int,
    epochs: int,
    seed: int,
) -> dict[str, Any]:
    """Trains ``net`` by `procedure.run` in ``folder``, homogeneous with ``bits``, or as QUANOS for None.

    It learns from the first ``images`` training images (None: all) of the data set whose test part is ``dataset``
    {name, sha256}. ``hardening`` are the fields of a `Hardener`.

    Returns the record of `procedure.run`.
    """
    test_images(dataset, 0, 0)
    hardener = None if hardening is None else Hardener(**hardening)
    schedule = {"warmup_epochs": warmup_epochs, "epochs": epochs, "seed": seed}
    part = _first(dataset["name"], images)
    return procedure.run(net, part, bits=bits, hardening=hardener, folder=Path(folder), **schedule)[1]


@lru_cache(maxsize=1)
def _first(name: str, images: int | None) -> Dataset:
    whole = data.load(name, "train")
    if images is None:
        return whole
    return replace(whole, images=whole.images[:images].clone(), labels=whole.labels[:images].clone())
