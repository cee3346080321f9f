"""Training: Adam on cross-entropy, the same weights for the same seed and number of threads, resumable."""

from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model.nn import checkpoint, evaluate
from axmac.model.nn.data import Dataset, Progress
from axmac.model.spec import InputError

__all__ = ["Recipe", "train"]

_SEED_STEP = 1_000_003
"""Keeps the orders of different seeds apart, whatever the epoch."""


@dataclass(frozen=True)
class Recipe:
    """The settings of a training. Raises ``InputError`` for values that are not positive (``seed``: negative)."""

    epochs: int
    seed: int = 0
    batch_size: int = 128
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("seed", 0), ("batch_size", 1)):
            if getattr(self, name) < least:
                raise InputError(f"{name} must be at least {least}, not {getattr(self, name)!r}")
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate must be above 0, not {self.learning_rate!r}")


def train(
    module: nn.Module,
    dataset: Dataset,
    recipe: Recipe,
    *,
    test: Dataset | None = None,
    state: Path | str | None = None,
    progress: Progress | None = None,
) -> dict:
    """Trains ``module`` in place and leaves it in evaluation mode.

    Returns the metadata of a checkpoint: the recipe, data {name, split, sha256}, threads, and ``history``, for every
    epoch {epoch, loss (mean), accuracy (on ``test``, or None)}. ``state`` names a file that is written after every
    epoch; if it is there, training goes on from it and ends with the same bits as without the interruption. Delete it
    when the checkpoint is saved. Raises ``InputError`` for a state of another training.
    """
    optimizer = torch.optim.Adam(module.parameters(), lr=recipe.learning_rate)
    settings = {
        **{name: value for name, value in asdict(recipe).items() if name != "epochs"},
        "data": {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256},
        "threads": torch.get_num_threads(),
    }
    history: list[dict] = []
    if state is not None and Path(state).is_file():
        history = _restore(Path(state), module, optimizer, settings)
    for epoch in range(len(history), recipe.epochs):
        loss = _epoch(module.train(), optimizer, dataset, recipe, epoch, progress)
        accuracy = None if test is None else evaluate.accuracy(module.eval(), test)["accuracy"]
        history.append({"epoch": epoch + 1, "loss": loss, "accuracy": accuracy})
        if state is not None:
            _store(Path(state), module, optimizer, {**settings, "history": history})
    module.eval()
    return {**settings, "epochs": recipe.epochs, "history": history}


def _epoch(
    module: nn.Module,
    optimizer: torch.optim.Adam,
    dataset: Dataset,
    recipe: Recipe,
    epoch: int,
    progress: Progress | None,
) -> float:
    """One pass in an order that depends on seed and epoch only; returns the mean loss."""
    total = 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed * _SEED_STEP + epoch)
        order = torch.randperm(len(dataset))
        for start in range(0, len(order), recipe.batch_size):
            chosen = order[start : start + recipe.batch_size]
            optimizer.zero_grad()
            loss = F.cross_entropy(module(dataset.images[chosen]), dataset.labels[chosen])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
            if progress is not None:
                progress("train", epoch * len(order) + start + len(chosen), recipe.epochs * len(order))
    return total / len(order)


def _store(path: Path, module: nn.Module, optimizer: torch.optim.Adam, metadata: dict) -> None:
    tensors: dict[str, Tensor] = {f"net.{name}": tensor for name, tensor in module.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors.update({f"adam.{index}.{name}": value for name, value in values.items()})
    checkpoint.save_tensors(path, tensors, metadata)


def _restore(path: Path, module: nn.Module, optimizer: torch.optim.Adam, settings: dict) -> list[dict]:
    """Fills module and optimizer; returns the history of the epochs that are done."""
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
    return metadata["history"]
