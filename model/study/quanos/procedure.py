"""Algorithm 1 of QUANOS: warm-up at one width, sensitivity, a width for each layer, training to the end."""

from pathlib import Path
from typing import Any

from torch import nn

from axmac.model.attack.hardening import Hardener
from axmac.model.nn.data import Dataset, Progress

__all__ = ["run"]


def run(
    net: str,
    dataset: Dataset,
    *,
    initial_bits: int = 16,
    warmup_epochs: int,
    epochs: int,
    seed: int = 0,
    iterations: int = 1,
    hardening: str | Hardener | None = None,
    bits: int | None = None,
    batch_size: int = 128,
    folder: Path,
    progress: Progress | None = None,
) -> tuple[nn.Module, dict[str, Any]]:
    """Trains ``net`` on ``dataset``: ``epochs`` in all, the first ``warmup_epochs`` of them at ``initial_bits``.

    Returns the network in evaluation mode, and its record:

    * ``net``, ``data`` {name, split, sha256}, ``seed``, ``threads``, ``batch_size``, ``initial_bits``,
      ``warmup_epochs``, ``epochs``, ``iterations``, ``hardening`` (its repr or None), ``homogeneous`` (``bits``, None);
    * ``sample`` {n, seed, eps}: the training images that sensitivity is measured on;
    * ``ans`` {"warmup": {layer: value}, "final": {layer: value}}, for homogeneous networks, too;
    * ``rounds`` [{epoch, ans, bits}]: each time that widths were assigned (none for a homogeneous network);
    * ``bits`` {layer: width} in the order of the forward pass; ``loss``, the mean of every epoch;
    * ``path`` and ``sha256`` of the checkpoint, which `checkpoint.load` reads.

    With ``bits`` all layers have that width from the first epoch on: the homogeneous baseline with the same schedule.
    ``hardening`` begins after the warm-up, also there.
    """
    raise NotImplementedError
