"""``axmac train``: trains a network on exact arithmetic, or finds it trained."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.networks import Data, Net, checkpoint_path, data_name, described, load_data
from axmac.cli.output import Json, Seed, finish, reporting, require_folder
from axmac.model.spec import InputError

__all__ = ["train"]


def train(
    net: Net = "lenet5",
    *,
    data: Data = "auto",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the data. Default: that of the network's recipe.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    learning_rate: Annotated[
        float | None, typer.Option(help="First step size. Default: that of the network's recipe.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for weights and result.")] = Path("build/networks"),
) -> None:
    """Train a network by its recipe, seeded; a killed run goes on where it stopped, a finished one is only loaded.

    Example: axmac train lenet5 --data mnist --seed 0
    """
    from axmac.model.nn import checkpoint, evaluate, networks, training
    from axmac.model.report import new_result

    recipe = networks.get(net).recipe
    if learning_rate is not None:
        recipe = replace(recipe, learning_rate=learning_rate)
    with reporting() as progress:
        name = data_name(data, net, progress)
        dataset, test = load_data(name, "train", net, progress), load_data(name, "test", net, progress)
        epochs = epochs or -(-recipe.steps * batch_size // len(dataset))
        path = checkpoint_path(require_folder(out), net, dataset, seed)
        wanted = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
        settings = {**wanted, **training.recipe_settings(recipe), "sha256": dataset.sha256}
        metadata = _finished(path, settings)
        if metadata is None:
            module, state = networks.build(net, seed), path.with_suffix(".state")
            metadata = training.train(module, dataset, recipe=recipe, state=state, progress=progress, **wanted)
            checkpoint.save(path, net, module, metadata)
            state.unlink(missing_ok=True)
        else:
            print(f"already trained: {path}", file=sys.stderr)
        module, metadata = checkpoint.load(path)
        tested = evaluate.accuracy(module, test, progress=progress)
    rows = [{"epoch": epoch, "loss": loss, "accuracy": None} for epoch, loss in enumerate(metadata["loss"], start=1)]
    rows[-1]["accuracy"] = tested["accuracy"]
    entry = {"name": net, "sha256": metadata["sha256"]}
    context = {"net": entry, "data": described(dataset, f"0:{len(dataset)}"), "threads": metadata["threads"]}
    finish(new_result("train", rows, seed=seed, **context), f"train-{path.stem}", as_json=as_json, out=out)


def _finished(path: Path, wanted: dict) -> dict | None:
    """Metadata of a finished training with the wanted settings, otherwise None."""
    from axmac.model.nn import checkpoint

    if not path.is_file():
        return None
    try:
        metadata = checkpoint.load(path)[1]
    except InputError as error:
        print(f"{error}; training it now", file=sys.stderr)
        return None
    found = {**metadata, "sha256": metadata.get("data", {}).get("sha256")}
    return metadata if all(found.get(name) == value for name, value in wanted.items()) else None
