"""Training on cross-entropy: the same weights for the same seed and number of threads, resumable."""

from collections.abc import Callable
from dataclasses import asdict
from math import cos, pi
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model.nn import checkpoint
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.network import Recipe
from axmac.model.spec import InputError

__all__ = ["Hardening", "recipe_settings", "train"]

Hardening = Callable[[nn.Module, Tensor, Tensor], Tensor]
"""Called as hardening(module, images, labels) on each batch; returns the images to learn from, of the same shape."""

_SEED_STEP = 1_000_003
"""Keeps the orders of different seeds apart, whatever the epoch."""


def train(
    module: nn.Module,
    dataset: Dataset,
    *,
    epochs: int,
    seed: int = 0,
    batch_size: int = 128,
    recipe: Recipe | None = None,
    hardening: Hardening | None = None,
    hardening_from: int = 0,
    until: int | None = None,
    state: Path | str | None = None,
    progress: Progress | None = None,
) -> dict:
    """Trains ``module`` in place by a recipe (by default Adam with its usual step) and leaves it in evaluation mode.

    Returns the metadata of a checkpoint: data {name, split, sha256}, seed, epochs, batch_size, the fields of the recipe
    but ``steps``, threads, and loss, the mean of every epoch. ``state`` names a file that is written after every epoch;
    if it is there, training goes on from it and ends with the same bits as without the interruption. Delete it when the
    checkpoint is saved. Raises ``InputError`` for settings out of range and for a state of another training, which is
    one with other epochs too where the step size falls along them.

    ``hardening`` moves the images of every batch from epoch ``hardening_from`` on, for adversarial training: it finds
    the module in training mode and leaves it so, and what it draws from torch's generator is the same for the same
    seed. Its repr stands for it in state and metadata. ``until`` ends the training after so many of the ``epochs``; it
    goes on from its state, also with another module of the same tensors.
    """
    for name, value, least in (("epochs", epochs, 1), ("seed", seed, 0), ("batch_size", batch_size, 1)):
        if value < least:
            raise InputError(f"{name} must be at least {least}, not {value!r}")
    recipe = recipe or Recipe()
    optimizer = _optimizer(module, recipe)
    settings = {
        "data": {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256},
        "seed": seed,
        "batch_size": batch_size,
        **recipe_settings(recipe),
        "threads": torch.get_num_threads(),
    }
    if hardening is not None:
        settings |= {"hardening": repr(hardening), "hardening_from": hardening_from}
    kept = settings if recipe.schedule == "constant" else {**settings, "epochs": epochs}
    loss: list[float] = []
    if state is not None and Path(state).is_file():
        loss = _restore(Path(state), module, optimizer, kept)
    module.train()
    for epoch in range(len(loss), epochs if until is None else min(until, epochs)):
        batches = _Batches(seed, epoch, epochs, batch_size)
        harden = hardening if epoch >= hardening_from else None
        loss.append(_epoch(module, optimizer, dataset, batches, recipe, harden, progress))
        if state is not None:
            _store(Path(state), module, optimizer, {**kept, "loss": loss})
    module.eval()
    return {**settings, "epochs": epochs, "loss": loss}


def recipe_settings(recipe: Recipe) -> dict:
    """The fields of a recipe that decide the weights, as the metadata of a checkpoint holds them."""
    return {name: value for name, value in asdict(recipe).items() if name != "steps"}


def _optimizer(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    options = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "adam":
        return torch.optim.Adam(module.parameters(), **options)
    return torch.optim.SGD(module.parameters(), momentum=recipe.momentum, **options)


class _Batches(NamedTuple):
    """What decides the batches of an epoch."""

    seed: int
    epoch: int
    epochs: int
    batch_size: int


def _epoch(
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    dataset: Dataset,
    batches: _Batches,
    recipe: Recipe,
    hardening: Hardening | None,
    progress: Progress | None,
) -> float:
    """One pass in an order that depends on seed and epoch only; returns the mean loss."""
    total, count = 0.0, len(dataset)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(batches.seed * _SEED_STEP + batches.epoch)
        order = torch.randperm(count)
        for start in range(0, count, batches.batch_size):
            done = (batches.epoch * count + start) / (batches.epochs * count)
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * (1 if recipe.schedule == "constant" else (1 + cos(pi * done)) / 2)
            chosen = order[start : start + batches.batch_size]
            images = _mirrored(dataset.images[chosen]) if recipe.mirror else dataset.images[chosen]
            if hardening is not None:
                images = hardening(module, images, dataset.labels[chosen])
            optimizer.zero_grad()
            loss = F.cross_entropy(module(images), dataset.labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
            if progress is not None:
                progress("train", batches.epoch * count + start + len(chosen), batches.epochs * count)
    return total / count


def _mirrored(images: Tensor) -> Tensor:
    """Images [B, C, H, W], each turned left to right with probability 1/2."""
    turned = torch.rand(len(images)) < 0.5
    return torch.where(turned[:, None, None, None], images.flip(-1), images)


def _store(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, metadata: dict) -> None:
    tensors: dict[str, Tensor] = {f"net.{name}": tensor for name, tensor in module.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors.update({f"optimizer.{index}.{name}": v for name, v in values.items() if v is not None})
    checkpoint.save_tensors(path, tensors, metadata)


def _restore(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, settings: dict) -> list[float]:
    """Fills module and optimizer; returns the losses of the epochs that are done."""
    tensors, metadata = checkpoint.load_tensors(path)
    wrong = [name for name, value in settings.items() if metadata.get(name) != value]
    if wrong:
        raise InputError(f"{path} belongs to a training with other {', '.join(wrong)}: delete it to start anew")
    module.load_state_dict({name.removeprefix("net."): t for name, t in tensors.items() if name.startswith("net.")})
    values: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, index, field = name.split(".")
            values.setdefault(int(index), {})[field] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": values})
    return metadata["loss"]
