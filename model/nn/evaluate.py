"""Evaluation: how many images a network classifies right, and at what speed."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn

from axmac.model.nn.checkpoint import digest, load_tensors, save_tensors
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.hooks import watching
from axmac.model.nn.int8 import Int8Mixin
from axmac.model.nn.layers import ApproxMixin
from axmac.model.spec import InputError

__all__ = ["accuracy", "batch_seconds", "layer_products", "predict"]

_MULTIPLYING = (nn.modules.conv._ConvNd, nn.Linear)


def accuracy(
    module: nn.Module,
    dataset: Dataset,
    *,
    batch_size: int = 256,
    progress: Progress | None = None,
    state: Path | str | None = None,
) -> dict:
    """Classifies every image. Returns plain numbers:

    n, correct, accuracy; seconds of the forward passes, images_per_s; products (activation times weight, of all
    convolution and linear layers) and unit_products (those of approximate and int8 layers), products_per_s; batch_size,
    threads.

    ``state`` names a file that is written after every batch; if it is there, the batches in it are not repeated, and
    their seconds and products count. Raises ``InputError`` for an empty data set and a state of another evaluation.
    """
    if len(dataset) == 0:
        raise InputError(f"the {dataset.split} part of {dataset.name} is empty: choose at least one image")
    settings = _identity(module, dataset) if state is not None else {}
    predictions, seconds, products = _restore(state, settings)
    for start in range(len(predictions), len(dataset), batch_size):
        with _count_products(module) as counted:
            begin = time.perf_counter()
            classes = predict(module, dataset.images[start : start + batch_size], batch_size=batch_size)
            seconds += time.perf_counter() - begin
        predictions = torch.cat([predictions, classes])
        products = {kind: products[kind] + count for kind, count in counted.items()}
        if state is not None:
            so_far = {"settings": settings, "seconds": seconds, "products": products}
            save_tensors(state, {"classes": predictions}, so_far)
        if progress is not None:
            progress("classify", len(predictions), len(dataset))
    correct = int((predictions == dataset.labels).sum())
    return {
        "n": len(dataset),
        "correct": correct,
        "accuracy": correct / len(dataset),
        "seconds": seconds,
        "images_per_s": len(dataset) / seconds,
        "products": sum(products.values()),
        "unit_products": products["unit"],
        "products_per_s": sum(products.values()) / seconds,
        "batch_size": batch_size,
        "threads": torch.get_num_threads(),
    }


def predict(module: nn.Module, images: Tensor, *, batch_size: int = 256, progress: Progress | None = None) -> Tensor:
    """The class int64 [n] that the network gives each image float32 [n, C, H, W], without gradients."""
    classes = []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            classes.append(module(images[start : start + batch_size]).argmax(dim=1))
            if progress is not None:
                progress("classify", min(start + batch_size, len(images)), len(images))
    return torch.cat(classes) if classes else torch.empty(0, dtype=torch.int64)


def batch_seconds(
    modules: Sequence[nn.Module], images: Tensor, *, repeats: int = 5, progress: Progress | None = None
) -> list[float]:
    """Seconds that each module takes to classify the images float32 [n, C, H, W] in one batch.

    Every module classifies them once before the clock starts, so that kernels are compiled and memory is mapped; then
    they take turns ``repeats`` times, and the median of each counts. Other loads that come and go meet all of them.
    """
    seconds: list[list[float]] = [[] for _ in modules]
    with torch.no_grad():
        for turn in range(repeats + 1):
            for module, taken in zip(modules, seconds, strict=True):
                begin = time.perf_counter()
                module(images)
                taken.append(time.perf_counter() - begin)
            if progress is not None:
                progress("measure", turn + 1, repeats + 1)
    return [median(taken[1:]) for taken in seconds]


def layer_products(module: nn.Module, image: Tensor) -> dict[str, int]:
    """Products of each convolution and linear layer, by name, in one forward pass over image float32 [1, C, H, W]."""
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, _MULTIPLYING)}
    counts = dict.fromkeys(layers, 0)

    def count(name: str, _inputs: tuple, out: Tensor) -> None:
        counts[name] += _products(layers[name], out)

    with watching(layers, count), torch.no_grad():
        module(image)
    return counts


def _identity(module: nn.Module, dataset: Dataset) -> dict[str, str]:
    """What an evaluation depends on: layers with their units, parameters and buffers, images and labels."""
    return {
        "layers": hashlib.sha256(repr(module).encode()).hexdigest(),
        "net": digest(module.state_dict()),
        "data": digest({"images": dataset.images, "labels": dataset.labels}),
    }


def _restore(state: Path | str | None, settings: dict[str, str]) -> tuple[Tensor, float, dict[str, int]]:
    """Predictions, seconds and products of the batches that are done."""
    if state is None or not Path(state).is_file():
        return torch.empty(0, dtype=torch.int64), 0.0, {"unit": 0, "native": 0}
    tensors, metadata = load_tensors(state)
    saved = metadata.get("settings") or {}
    other = [name for name in settings if saved.get(name) != settings[name]]
    if other:
        raise InputError(f"{state} belongs to an evaluation with other {', '.join(other)}: delete it or name another")
    return tensors["classes"], metadata["seconds"], metadata["products"]


@contextmanager
def _count_products(module: nn.Module) -> Iterator[dict[str, int]]:
    """Counts, while open, the products of convolution and linear layers: ``unit`` by approximate layers, ``native``."""
    counts = {"unit": 0, "native": 0}

    def hook(layer: nn.Module, _inputs: tuple, out: Tensor) -> None:
        kind = "unit" if isinstance(layer, ApproxMixin | Int8Mixin) else "native"
        counts[kind] += _products(layer, out)

    layers = [layer for layer in module.modules() if isinstance(layer, _MULTIPLYING)]
    handles = [layer.register_forward_hook(hook) for layer in layers]
    try:
        yield counts
    finally:
        for handle in handles:
            handle.remove()


def _products(layer: nn.Module, out: Tensor) -> int:
    """Products of one call of a convolution or linear layer with that output."""
    return out.numel() * layer.weight[0].numel()
