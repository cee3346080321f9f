"""``axmac study``: a published table or figure, computed again."""

import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.networks import Checkpoints, Datasets, data_of_shape, data_that_fits, described, load_data
from axmac.cli.output import Json, Seed, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError

if TYPE_CHECKING:
    from axmac.model.nn.data import Dataset, Progress
    from axmac.model.study.planning import Need, Study

__all__ = ["study"]


def study(
    name: Annotated[str, typer.Argument(help="Name of a study, for example table2.")] = "",
    *,
    names: Annotated[bool, typer.Option("--list", help="Print the names of all studies.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer images and steps, in minutes.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A Dask scheduler, for example tcp://host:8786.")] = None,
    data: Datasets = "auto",
    checkpoints: Checkpoints = Path("build/networks"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for result and shards.")] = Path("build/studies"),
) -> int:
    """Train what the study needs, compute its shards, and print its tables beside the paper's values.

    Exit status 1 where an alarm rang: then nothing in it can be called robust. A run that is stopped goes on where it
    was. The networks and `--out` must be the same folders on all workers.

    Example: axmac study table2 --quick
    """
    from axmac.model.nn import registry
    from axmac.model.report import new_result
    from axmac.model.report.figures import draw_study
    from axmac.model.study import studies
    from axmac.model.study.planning import Setting
    from axmac.model.study.shards import run_shards

    if names:
        print("\n".join(registry.names(studies.__name__)))
        return 0
    if not name:
        raise InputError("name a study: `axmac study --list` prints all of them")
    found = registry.find(studies.__name__, name, "study").STUDY
    check_out(out)
    begin = time.monotonic()
    with reporting() as progress:
        folder = require_folder(checkpoints)
        load = cache(partial(load_data, progress=progress))
        chosen = {need: data_that_fits(data.split(","), need.net, progress) for need in found.needs(quick)}
        made = {need: _net(need, partial(load, name, net=need.net), folder, progress) for need, name in chosen.items()}
        nets = {need: net for need, net in made.items() if net is not None}
        own, tested = _own(name, found, data.split(","), progress)
        setting = Setting(nets, seed, quick, own)
        datasets = dict.fromkeys([*(net["data"]["name"] for net in nets.values()), *([own["name"]] if own else [])])
        kind = "-".join(["", *["quick"] * quick, *datasets, f"seed{seed}"])
        place = require_folder(out) / f"{found.folder}{kind}"
        results, shards = {}, found.plan(setting)
        while shards:
            results |= run_shards(shards, place, workers=workers, scheduler=scheduler, progress=progress)
            shards = found.follow(setting, results)
    rows = found.rows(setting, results)
    _say(f"{len(results)} shards, {time.monotonic() - begin:.0f} s")
    about = {"name": name, "title": found.title, "quick": quick, "form": found.form}
    about["nets"] = [{key: net[key] for key in ("net", "seed", "sha256", "data")} for net in nets.values()]
    result = new_result(
        "study", rows, seed=seed, alarms=tuple(found.alarms(results)), study=about, data=tested, threads=1
    )
    picture = draw_study(result, out / f"study-{name}{kind}.png")
    finish(result, f"study-{name}{kind}", as_json=as_json, out=out)
    if picture is not None:
        _say(f"picture: {picture}")
    return 1 if result["alarms"] else 0


def _own(
    name: str, study: "Study", names: list[str], progress: "Progress"
) -> tuple[dict[str, str] | None, dict[str, Any] | None]:
    """The data set that a study trains on itself, for its setting, and its test part as a result names it."""
    from axmac.model.nn import data

    if study.images is None:
        return None, None
    chosen = data_of_shape(names, study.images, name, progress)
    train, test = (data.load(chosen, part, progress) for part in ("train", "test"))
    return {"name": chosen, "train": train.sha256, "test": test.sha256}, described(test, f"0:{len(test)}")


def _net(need: "Need", load: Callable[[str], "Dataset"], folder: Path, progress: "Progress") -> dict[str, Any] | None:
    """The entry of a trained network in a setting; it is trained now on what ``load`` gives where it is not there.

    None for an optional one that is not there, after a line that names the command.
    """
    from axmac.model.nn import checkpoint, networks, trained

    test = load("test")
    if need.untrained:
        path, metadata = folder, {"sha256": checkpoint.digest(networks.build(need.net, need.seed).state_dict())}
    elif need.optional:
        path = trained.find_checkpoint(folder, need.net, test.name, need.seed)
        if path is None:
            train = f"axmac train {need.net} --data {test.name} --seed {need.seed} --out {folder}"
            _say(f"no trained {need.net}, so its rows are left out: run `{train}`, and the study again")
            return None
        metadata = checkpoint.load(path)[1]
    else:
        options = {"seed": need.seed, "shipped": True, "progress": progress, "say": _say}
        made = trained.trained(need.net, load("train"), folder, **options)
        path, metadata = made.path, made.metadata
    return {
        "net": need.net,
        "seed": need.seed,
        "path": str(path.resolve()),
        "sha256": metadata["sha256"],
        "data": {"name": test.name, "sha256": test.sha256},
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr)
