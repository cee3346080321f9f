"""Training: Adam on cross-entropy, the same weights for the same seed and number of threads, resumable."""

from math import inf
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model.nn import checkpoint
from axmac.model.nn.data import Dataset, Progress
from axmac.model.spec import InputError

__all__ = ["train"]

_SEED_STEP = 1_000_003
"""Keeps the orders of different seeds apart, whatever the epoch."""


def train(
    module: nn.Module,
    dataset: Dataset,
    *,
    epochs: int,
    seed: int = 0,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    state: Path | str | None = None,
    progress: Progress | None = None,
) -> dict:
    """Trains ``module`` in place and leaves it in evaluation mode.

    Returns the metadata of a checkpoint: data {name, split, sha256}, seed, epochs, batch_size, learning_rate, threads,
    and loss, the mean of every epoch. ``state`` names a file that is written after every epoch; if it is there,
    training goes on from it and ends with the same bits as without the interruption. Delete it when the checkpoint is
    saved. Raises ``InputError`` for settings out of range and for a state of another training.
    """
    for name, value, least in (("epochs", epochs, 1), ("seed", seed, 0), ("batch_size", batch_size, 1)):
        if value < least:
            raise InputError(f"{name} must be at least {least}, not {value!r}")
    if not 0 < learning_rate < inf:
        raise InputError(f"learning_rate must be above 0 and finite, not {learning_rate!r}")
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate)
    settings = {
        "data": {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256},
        "seed": seed,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "threads": torch.get_num_threads(),
    }
    loss: list[float] = []
    if state is not None and Path(state).is_file():
        loss = _restore(Path(state), module, optimizer, settings)
    module.train()
    for epoch in range(len(loss), epochs):
        batches = _Batches(seed, epoch, epochs, batch_size)
        loss.append(_epoch(module, optimizer, dataset, batches, progress))
        if state is not None:
            _store(Path(state), module, optimizer, {**settings, "loss": loss})
    module.eval()
    return {**settings, "epochs": epochs, "loss": loss}


class _Batches(NamedTuple):
    """What decides the batches of an epoch."""

    seed: int
    epoch: int
    epochs: int
    batch_size: int


def _epoch(
    module: nn.Module, optimizer: torch.optim.Adam, dataset: Dataset, batches: _Batches, progress: Progress | None
) -> float:
    """One pass in an order that depends on seed and epoch only; returns the mean loss."""
    total, count = 0.0, len(dataset)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(batches.seed * _SEED_STEP + batches.epoch)
        order = torch.randperm(count)
        for start in range(0, count, batches.batch_size):
            chosen = order[start : start + batches.batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(module(dataset.images[chosen]), dataset.labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
            if progress is not None:
                progress("train", batches.epoch * count + start + len(chosen), batches.epochs * count)
    return total / count


def _store(path: Path, module: nn.Module, optimizer: torch.optim.Adam, metadata: dict) -> None:
    tensors: dict[str, Tensor] = {f"net.{name}": tensor for name, tensor in module.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors.update({f"adam.{index}.{name}": value for name, value in values.items()})
    checkpoint.save_tensors(path, tensors, metadata)


def _restore(path: Path, module: nn.Module, optimizer: torch.optim.Adam, settings: dict) -> list[float]:
    """Fills module and optimizer; returns the losses of the epochs that are done."""
    tensors, metadata = checkpoint.load_tensors(path)
    wrong = [name for name, value in settings.items() if metadata.get(name) != value]
    if wrong:
        raise InputError(f"{path} belongs to a training with other {', '.join(wrong)}: delete it to start anew")
    module.load_state_dict({name.removeprefix("net."): t for name, t in tensors.items() if name.startswith("net.")})
    adam: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("adam."):
            _, index, field = name.split(".")
            adam.setdefault(int(index), {})[field] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": adam})
    return metadata["loss"]
