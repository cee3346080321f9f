"""Trained networks: found in a folder, part of the package, or trained now; a killed training goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from axmac.model.nn import checkpoint, networks, training
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.network import Recipe
from axmac.model.spec import InputError

__all__ = ["Trained", "checkpoint_path", "find_checkpoint", "trained"]


@dataclass(frozen=True)
class Trained:
    """Where the weights lie, their metadata, and whether they were there before."""

    path: Path
    metadata: dict
    found: bool


def checkpoint_path(folder: Path, net: str, data: str, seed: int) -> Path:
    """Where the weights of a network that was trained on a data set from a seed lie."""
    return folder / f"{net}-{data}-seed{seed}.safetensors"


def find_checkpoint(folder: Path, net: str, data: str, seed: int) -> Path | None:
    """The weights in ``folder``, else those of the package; None where neither has them."""
    places = (folder, Path(str(resources.files("axmac.model.nn") / "weights")))
    found = (checkpoint_path(place, net, data, seed) for place in places)
    return next((path for path in found if path.is_file()), None)


def trained(
    net: str,
    dataset: Dataset,
    folder: Path,
    *,
    seed: int = 0,
    epochs: int | None = None,
    batch_size: int = 128,
    recipe: Recipe | None = None,
    shipped: bool = False,
    progress: Progress | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train ``net`` on ``dataset``, unless ``folder`` has it trained with these settings; by its own recipe by default.

    With ``shipped``, the weights of the package will do too, if they were made with these settings. The state of a
    training lies beside its weights until it is finished. ``say`` is told of a file that is damaged and therefore
    replaced. Raises what `training.train` raises.
    """
    recipe = networks.get(net).recipe if recipe is None else recipe
    epochs = epochs or -(-recipe.steps * batch_size // len(dataset))
    path = checkpoint_path(folder, net, dataset.name, seed)
    wanted = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    settings = {**wanted, **training.recipe_settings(recipe)}
    there = find_checkpoint(folder, net, dataset.name, seed) if shipped or path.is_file() else None
    if there is not None:
        try:
            metadata = checkpoint.load(there)[1]
        except InputError as error:
            say(f"{error}; training it now")
        else:
            known = {**metadata, "sha256": metadata.get("data", {}).get("sha256")}
            if all(known.get(name) == value for name, value in {**settings, "sha256": dataset.sha256}.items()):
                return Trained(there, metadata, True)
    module, state = networks.build(net, seed), path.with_suffix(".state")
    metadata = training.train(module, dataset, recipe=recipe, state=state, progress=progress, **wanted)
    checkpoint.save(path, net, module, metadata)
    state.unlink(missing_ok=True)
    return Trained(path, checkpoint.load(path)[1], False)
