"""What the verbs on networks share: options, data sets by name, checkpoints by network, data set and seed."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.model.spec import InputError

if TYPE_CHECKING:
    from axmac.model.nn.data import Dataset, Progress

__all__ = [
    "Checkpoints",
    "Data",
    "Datasets",
    "Net",
    "data_name",
    "data_of_shape",
    "data_that_fits",
    "described",
    "first",
    "load_data",
    "load_net",
]

Net = Annotated[str, typer.Argument(help="Name of a network, for example lenet5.")]
Data = Annotated[
    str,
    typer.Option(
        help="Data set: mnist, digits, cifar10, cifar100, digits32, or auto: the first that fits and can be had."
    ),
]
Datasets = Annotated[
    str, typer.Option(help="Data set, or auto; for networks of several image sizes one of each: mnist,cifar10.")
]
Checkpoints = Annotated[Path, typer.Option(help="Folder of the trained networks.")]

_AUTO = {
    ((1, 28, 28), 10): ("mnist", "digits"),
    ((3, 32, 32), 10): ("cifar10", "digits32"),
    ((3, 32, 32), 100): ("cifar100",),
}
"""What ``auto`` takes for a shape of images and a number of classes, and what where that cannot be had."""


def data_name(name: str, net: str, progress: "Progress") -> str:
    """The name of a data set; ``auto`` is the one that fits the network: MNIST or CIFAR, else digits of that shape.

    The digits are taken where the other one is neither on disk nor can be downloaded, by networks of ten classes.
    Raises ``InputError`` for an unknown network, for files that are there but damaged, and where there is none to take.
    """
    from axmac.model.nn import networks

    network = networks.get(net)
    return name if name != "auto" else _to_be_had(network.images, network.classes, progress)


def _to_be_had(shape: tuple[int, ...], classes: int, progress: "Progress") -> str:
    """The name of the data set that ``auto`` stands for."""
    from axmac.model.nn import data

    if (shape, classes) not in _AUTO:
        raise InputError(f"no data set is known for images of {_size(shape)}: name one with --data")
    wanted, *fallback = _AUTO[shape, classes]
    try:
        data.load(wanted, "test", progress)
    except InputError as error:
        if "damaged" in str(error) or not fallback:
            raise
        print(f"no {wanted} ({error}); taking {fallback[0]}", file=sys.stderr)
        return fallback[0]
    return wanted


def data_that_fits(names: Sequence[str], net: str, progress: "Progress") -> str:
    """Of the named data sets the first whose images fit the network; for ``auto`` see ``data_name``.

    ``InputError`` where none has.
    """
    from axmac.model.nn import networks

    network = networks.get(net)
    return data_of_shape(names, network.images, net, progress, classes=network.classes)


def data_of_shape(
    names: Sequence[str], shape: tuple[int, ...], who: str, progress: "Progress", *, classes: int = 10
) -> str:
    """The same for images of a shape that ``who`` takes, and as many classes at most."""
    from axmac.model.nn import data

    if list(names) == ["auto"]:
        return _to_be_had(shape, classes, progress)
    for name in names:
        if _misfit(data.load(name, "test", progress), shape, classes) is None:
            return name
    fitting = _AUTO.get((shape, classes), ("NAME",))[0]
    few = ",".join(names)
    raise InputError(f"{who} takes images of {_size(shape)}, not those of {few}: --data {few},{fitting}")


def load_data(name: str, split: str, net: str, progress: "Progress") -> "Dataset":
    """A data set by the name that ``data_name`` gives. ``InputError`` where it does not fit the network."""
    from axmac.model.nn import data, networks

    found = data.load(data_name(name, net, progress), split, progress)
    network = networks.get(net)
    misfit = _misfit(found, network.images, network.classes)
    if misfit is not None:
        fitting = " or ".join(_AUTO.get((network.images, network.classes), ("of that size",)))
        raise InputError(f"{net} takes {misfit}: use --data {fitting}")
    return found


def _misfit(dataset: "Dataset", images: tuple[int, ...], most: int) -> str | None:
    """What is taken, images of a shape and ``most`` classes, and what a data set has instead; None where it fits."""
    shape, classes = tuple(dataset.images.shape[1:]), int(dataset.labels.max()) + 1
    if shape != images:
        return f"images of {_size(images)}, {dataset.name} has {_size(shape)}"
    return None if classes <= most else f"{most} classes, {dataset.name} has {classes}"


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def first(dataset: "Dataset", count: int | None) -> tuple["Dataset", str]:
    """The first ``count`` images (all for None), and their indices as a result names them."""
    from dataclasses import replace

    size = len(dataset) if count is None else min(count, len(dataset))
    return replace(dataset, images=dataset.images[:size], labels=dataset.labels[:size]), f"0:{size}"


def load_net(folder: Path, net: str, dataset: "Dataset", seed: int) -> tuple[Any, dict[str, str]]:
    """The trained network, from the folder or the package, and its entry in a result.

    ``InputError`` names the command that trains it.
    """
    from axmac.model.nn import checkpoint, networks
    from axmac.model.nn.trained import checkpoint_path, find_checkpoint

    networks.get(net)
    path = find_checkpoint(folder, net, dataset.name, seed)
    if path is None:
        remedy = f"axmac train {net} --data {dataset.name} --seed {seed} --out {folder}"
        raise InputError(f"{checkpoint_path(folder, net, dataset.name, seed)} is missing: run `{remedy}` first")
    module, metadata = checkpoint.load(path)
    if metadata["net"] != net or metadata.get("data", {}).get("name") != dataset.name:
        raise InputError(f"{path} was not trained as {net} on {dataset.name}: rename it, or train again")
    return module, {"name": net, "sha256": metadata["sha256"]}


def described(dataset: "Dataset", indices: str | list[int]) -> dict[str, Any]:
    """The entry of a data set in a result."""
    return {"name": f"{dataset.name}/{dataset.split}", "sha256": dataset.sha256, "indices": indices}
