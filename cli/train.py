"""``axmac train``: trains a network on exact arithmetic, or finds it trained."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.networks import Data, Net, checkpoint_path, data_name, described, load_data
from axmac.cli.output import Json, Seed, finish, reporting, require_folder
from axmac.model.spec import InputError

__all__ = ["train"]

_STEPS = 900
"""Steps of the optimizer that the default number of epochs makes at least."""


def train(
    net: Net = "lenet5",
    *,
    data: Data = "auto",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the data. Default: at least 900 steps.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    learning_rate: Annotated[float, typer.Option(help="Step size of Adam.")] = 1e-3,
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for weights and result.")] = Path("build/networks"),
) -> None:
    """Train a network with Adam, seeded; a killed run goes on where it stopped, a finished one is only loaded.

    Example: axmac train lenet5 --data mnist --seed 0
    """
    from axmac.model.nn import checkpoint, evaluate, networks, training
    from axmac.model.report import new_result

    module = networks.build(net, seed)
    with reporting() as progress:
        name = data_name(data, progress)
        dataset, test = load_data(name, "train", progress), load_data(name, "test", progress)
        epochs = epochs or -(-_STEPS * batch_size // len(dataset))
        path = checkpoint_path(require_folder(out), net, dataset, seed)
        wanted = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
        metadata = _finished(path, {**wanted, "sha256": dataset.sha256})
        if metadata is None:
            state = path.with_suffix(".state")
            metadata = training.train(module, dataset, state=state, progress=progress, **wanted)
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
