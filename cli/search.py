"""``axmac search``: a unit for each layer of a network, for accuracy, robustness and energy."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.networks import Checkpoints, Data, Net, data_name, described, load_data, load_net
from axmac.cli.output import Json, Seed, check_out, finish, reporting
from axmac.cli.search_units import chosen_units, energies_of
from axmac.model.spec import InputError

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["search"]


def search(
    net: Net = "lenet5",
    *,
    units: Annotated[str, typer.Option(help="Ids of signed 8-bit units, separated by commas; s8_exact joins them.")],
    costs: Annotated[Path, typer.Option(help="Result of `axmac ppa` on a Liberty file, with all these units.")],
    data: Data = "auto",
    attack: Annotated[str, typer.Option("--net-attack", help="Name of an attack within eps.")] = "fgsm",
    eps: Annotated[float, typer.Option(help="Its distance, in its own norm.")] = 0.1,
    white_box: Annotated[
        bool, typer.Option("--white-box", help="Aim it at every network itself, not once at the accurate one.")
    ] = False,
    images: Annotated[int, typer.Option("--n", min=1, help="First test images, which the search judges by.")] = 1000,
    final: Annotated[
        int | None, typer.Option(min=1, help="Test images after those, for the final figures. Default: all.")
    ] = None,
    generations: Annotated[int, typer.Option(min=1, help="Generations of NSGA-II.")] = 20,
    population: Annotated[int, typer.Option(min=2, help="Assignments of a generation.")] = 24,
    loss: Annotated[
        float | None, typer.Option(help="Accuracy that may be lost, a share. Default: as far as intervals overlap.")
    ] = None,
    pick: Annotated[int | None, typer.Option(min=1, help="Row of the table to export, in place of the rule.")] = None,
    calibration: Annotated[int, typer.Option(min=1, help="Training images that give int8 its steps.")] = 512,
    percentile: Annotated[float, typer.Option(help="Of the magnitudes of activations.")] = 100.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more pay where an assignment takes seconds.")] = 1,
    checkpoints: Checkpoints = Path("build/networks"),
    net_seed: Annotated[int, typer.Option(min=0, help="Seed that the network was trained from.")] = 0,
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for result, picture and export.")] = Path(
        "build/search"
    ),
) -> None:
    """Assign a unit to each convolution and linear layer by NSGA-II (pymoo), and export one assignment.

    Three objectives: accuracy and robust accuracy in int8 on the first --n test images, and energy: products an image
    of each layer times pJ a product of its unit. Adversarial images are crafted once on the accurate int8 network, or
    with --white-box on every network itself. What no other assignment beats, and every unit in all layers, is measured
    again on the test images that follow.

    The cheapest assignment that is accurate enough on the images of the search is exported: assignment.json, which
    `axmac eval --layers` takes, and a folder rtl with the Verilog of its units. A run that was killed goes on; the same
    seed gives the same result on any number of --workers.

    Example: axmac search lenet5 --units s8_drum_k3,s8_drum_k4 --costs build/costs/ppa-all.json
    """
    from axmac.gen import check_unit_set, emit_unit_set
    from axmac.model.nn.assignment import Assignment
    from axmac.model.report import new_result
    from axmac.model.report.figures import draw_assignments
    from axmac.model.report.search import search_sentence
    from axmac.model.spec.files import write_whole
    from axmac.model.study.search import ACCURATE, Search, Space, explored, rows_of

    begin = time.monotonic()
    _check(eps, loss, pick, percentile)
    energies, costs_sha256 = energies_of(costs, chosen_units(units, population))
    check_out(out)
    with reporting() as progress:
        name = data_name(data, net, progress)
        train, test = (load_data(name, split, net, progress) for split in ("train", "test"))
        block, last = _blocks(len(test), images, final)
        module, entry = load_net(checkpoints, net, test, net_seed)
        word = "-".join(["search", net, name, attack, f"eps{eps:g}", *["white-box"] * white_box, f"seed{seed}"])
        folder = out / word
        check_unit_set(folder / "rtl")
        space = Space(_products(module, train.images[:1]), energies)
        steps = {"name": train.name, "sha256": train.sha256, "images": min(calibration, len(train))}
        steps["percentile"] = percentile
        params, described_attack = _attack(attack, eps, seed, white_box)
        plan = Search(
            net={"path": _path(checkpoints, net, name, net_seed), "sha256": entry["sha256"]},
            calibration=steps,
            test={"name": test.name, "sha256": test.sha256},
            attack=params,
            white_box=white_box,
            folder=folder / "shards",
            workers=workers,
        )
        sizes = {"generations": generations, "population": population}
        found = explored(plan, space, block, **sizes, seed=seed, progress=progress)
        rows = rows_of(plan, space, found, block, last, loss=loss, progress=progress)
    chosen = _chosen(rows, pick)
    for row in rows:
        row["chosen"] = row is chosen
    about = {
        "indices": "{}:{}".format(*block),
        "accurate": ACCURATE,
        "products": dict(space.products),
        "energies": energies,
        "operands": "uniform",
        "costs_sha256": costs_sha256,
        "possible": space.size,
        "evaluated": len(found),
        **sizes,
        "calibration": steps,
        "rule": _rule(loss),
    }
    context = {"net": entry, "data": described(test, "{}:{}".format(*last)), "attack": described_attack, "threads": 1}
    result = new_result("search", rows, seed=seed, search=about, **context)
    made = Assignment(net, name, steps["images"], percentile, chosen["units"])
    manifest = emit_unit_set(made.layers, folder / "rtl")
    path = write_whole(folder / "assignment.json", made.pack())
    picture = draw_assignments(result, out / f"{word}.png")
    finish(result, word, as_json=as_json, out=out)
    if not as_json:
        print(search_sentence(result))
    for what, where in (("picture", picture), ("assignment", path), ("Verilog", manifest)):
        print(f"{what}: {where}", file=sys.stderr)
    print(f"{len(found)} assignments, {time.monotonic() - begin:.0f} s", file=sys.stderr)


def _check(eps: float, loss: float | None, pick: int | None, percentile: float) -> None:
    if not 0 < eps < float("inf"):
        raise InputError(f"--eps must be a finite number above 0, not {eps:g}")
    if loss is not None and not 0 <= loss < 1:
        raise InputError(f"--loss must be a share, at least 0 and below 1, not {loss:g}")
    if loss is not None and pick is not None:
        raise InputError("--loss and --pick both choose: leave one out")
    if not 0 < percentile <= 100:
        raise InputError(f"--percentile must be above 0 and at most 100, not {percentile:g}")


def _blocks(size: int, images: int, final: int | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """The test images, [first, last + 1], of the search and of the final figures."""
    if images >= size:
        raise InputError(f"--n must leave test images for the final figures: at most {size - 1:,}, not {images:,}")
    last = size if final is None else images + final
    if last > size:
        raise InputError(f"--final must be at most {size - images:,} after the {images:,} of --n, not {final:,}")
    return (0, images), (images, last)


def _attack(name: str, eps: float, seed: int, white_box: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """An attack as shards take it, and as a result describes it."""
    from dataclasses import asdict

    from axmac.model.attack import methods
    from axmac.model.attack.craft import settings_of
    from axmac.model.nn.registry import find
    from axmac.model.study.search import ACCURATE

    settings = asdict(settings_of(name))
    method = find(methods.__name__, name, "attack")
    if not hasattr(method, "budget"):
        raise InputError(f"{name} looks for the nearest image, not within eps: use --net-attack fgsm or pgd")
    described_attack = {
        "name": name,
        "params": {"eps": eps, **settings},
        "protocol": "budget",
        "norm": method.NORM,
        "source": "every network itself" if white_box else f"{ACCURATE} in all layers",
        "target": "every network",
    }
    return {"name": name, "eps": eps, "settings": settings, "seed": seed}, described_attack


def _path(checkpoints: Path, net: str, data: str, seed: int) -> str:
    """Where the weights are that `load_net` found."""
    from axmac.model.nn.trained import find_checkpoint

    return str(find_checkpoint(checkpoints, net, data, seed).resolve())


def _products(module: "nn.Module", image: "Tensor") -> dict[str, int]:
    """Products an image of each layer that gets a unit."""
    from axmac.model.nn import quantize
    from axmac.model.nn.evaluate import layer_products
    from axmac.model.nn.int8 import Int8Mixin
    from axmac.model.study.search import ACCURATE

    made = quantize(module, image, ACCURATE)
    layers = {name for name, layer in made.named_modules() if isinstance(layer, Int8Mixin)}
    return {name: count for name, count in layer_products(made, image).items() if name in layers}


def _chosen(rows: list[dict[str, Any]], pick: int | None) -> dict[str, Any]:
    """The row that is exported: the first by energy that meets the rule, or the one that was named."""
    if pick is None:
        return next(row for row in rows if row["meets"])
    if pick > len(rows):
        raise InputError(f"--pick must be a row of the table, 1 to {len(rows)}, not {pick}")
    return rows[pick - 1]


def _rule(loss: float | None) -> str:
    if loss is None:
        return "the cheapest whose 95 % interval of accuracy overlaps that of the accurate network"
    return f"the cheapest that loses at most {100 * loss:g} points of accuracy to the accurate network"
