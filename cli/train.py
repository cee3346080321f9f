"""``axmac train``: trains a network on exact arithmetic, or finds it trained."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.networks import Data, Net, data_name, described, load_data
from axmac.cli.output import Json, Seed, finish, reporting, require_folder

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
    from axmac.model.nn import checkpoint, evaluate, networks, trained
    from axmac.model.report import new_result

    recipe = networks.get(net).recipe
    if learning_rate is not None:
        recipe = replace(recipe, learning_rate=learning_rate)
    with reporting() as progress:
        name = data_name(data, net, progress)
        dataset, test = load_data(name, "train", net, progress), load_data(name, "test", net, progress)
        settings = {"seed": seed, "epochs": epochs, "batch_size": batch_size, "recipe": recipe}
        say = partial(print, file=sys.stderr)
        made = trained.trained(net, dataset, require_folder(out), **settings, progress=progress, say=say)
        if made.found:
            say(f"already trained: {made.path}")
        module, metadata = checkpoint.load(made.path)
        tested = evaluate.accuracy(module, test, progress=progress)
    rows = [{"epoch": epoch, "loss": loss, "accuracy": None} for epoch, loss in enumerate(metadata["loss"], start=1)]
    rows[-1]["accuracy"] = tested["accuracy"]
    entry = {"name": net, "sha256": metadata["sha256"]}
    context = {"net": entry, "data": described(dataset, f"0:{len(dataset)}"), "threads": metadata["threads"]}
    finish(new_result("train", rows, seed=seed, **context), f"train-{made.path.stem}", as_json=as_json, out=out)
