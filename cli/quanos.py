"""``axmac quanos``: a width for each layer by adversarial noise sensitivity, trained from scratch."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.networks import Data, Net, data_name, described, load_data
from axmac.cli.output import Json, Seed, finish, reporting, require_folder
from axmac.model.spec import InputError

__all__ = ["quanos"]

_SHARE = 7
"""The paper warms up for 30 of 210 epochs."""


def quanos(
    net: Net = "vgg19_q",
    *,
    data: Data = "auto",
    initial_bits: Annotated[int, typer.Option(help="Bits of all layers during the warm-up, 1 to 16.")] = 16,
    bits: Annotated[
        int | None, typer.Option(help="These bits in all layers, all the time: a homogeneous baseline.")
    ] = None,
    warmup: Annotated[
        int | None, typer.Option(help="Epochs before widths are assigned. Default: a seventh of all, at least one.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=2, help="Epochs in all. Default: that of the network's recipe, at least two.")
    ] = None,
    iterations: Annotated[int, typer.Option(min=1, help="How often widths are assigned.")] = 1,
    hardening: Annotated[
        str | None, typer.Option(help="Adversarial training after the warm-up: fgsm or pgd, on half of each batch.")
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    images: Annotated[int, typer.Option("--n", min=1, help="First test images, which are attacked.")] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for weights and result.")] = Path("build/quanos"),
) -> None:
    """Train a network whose layers get their bits from their adversarial noise sensitivity (QUANOS, ISLPED 2020).

    All layers but the last start at --initial-bits; after the warm-up the layers that move most under FGSM of eps .05
    get the fewest bits, and training goes on. Prints sensitivity and bits of each layer, accuracy, robust accuracy
    under FGSM of eps .05 and PGD of eps 8/255 (7 steps of 2/255), and memory and energy of an image beside homogeneous
    networks. A killed run goes on where it stopped, a finished one is only loaded.

    Example: axmac quanos vgg19_q --data cifar10 --warmup 4 --epochs 30

    Example: axmac quanos vgg19_q --data cifar10 --bits 5 --epochs 30
    """
    from axmac.model.attack.hardening import hardener
    from axmac.model.nn import networks
    from axmac.model.report import new_result
    from axmac.model.study.quanos.costs import costs_beside_homogeneous
    from axmac.model.study.quanos.procedure import check_settings, run
    from axmac.model.study.quanos.robustness import measured

    recipe = networks.get(net).recipe
    chosen = None if hardening is None else hardener(hardening)
    if bits is not None and (iterations != 1 or initial_bits != 16):
        raise InputError("--bits is for all epochs: leave --iterations and --initial-bits out")
    with reporting() as progress:
        name = data_name(data, net, progress)
        train, test = (load_data(name, split, net, progress) for split in ("train", "test"))
        whole = epochs or max(2, -(-recipe.steps * batch_size // len(train)))
        settings = {"initial_bits": initial_bits, "bits": bits, "epochs": whole, "iterations": iterations}
        settings["warmup_epochs"] = max(1, whole // _SHARE) if warmup is None else warmup
        check_settings(**settings)
        settings |= {"seed": seed, "batch_size": batch_size, "hardening": chosen}
        module, record = run(net, train, **settings, folder=require_folder(out), progress=progress)
        rows = measured(module, test, images, seed=seed, progress=progress)
    layers = [
        {"layer": name, "ans": record["ans"]["warmup"][name], "bits": width, "ans_final": record["ans"]["final"][name]}
        for name, width in record["bits"].items()
    ]
    path = Path(record["path"])
    kept = ("initial_bits", "homogeneous", "warmup_epochs", "epochs", "iterations", "hardening", "batch_size")
    about = {field: record[field] for field in (*kept, "sample", "rounds", "loss")}
    result = new_result(
        "quanos",
        layers,
        seed=seed,
        net={"name": net, "sha256": record["sha256"]},
        data=described(test, f"0:{len(test)}"),
        threads=record["threads"],
        quanos={**about, "measured": rows, "costs": costs_beside_homogeneous(module, networks.get(net).images)},
    )
    print(f"weights: {path}", file=sys.stderr)
    finish(result, f"quanos-{path.stem}", as_json=as_json, out=out)
