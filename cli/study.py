"""``axmac study``: a published table or figure, computed again."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.networks import Checkpoints, Data, data_name, described, load_data
from axmac.cli.output import Json, Seed, check_out, finish, reporting, require_folder

__all__ = ["study"]


def study(
    name: Annotated[str, typer.Argument(help="Name of a study, for example table2.")],
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer images and steps, in minutes.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="A Dask scheduler, for example tcp://host:8786.")] = None,
    data: Data = "auto",
    checkpoints: Checkpoints = Path("build/networks"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for result and shards.")] = Path("build/studies"),
) -> None:
    """Train what the study needs, compute its shards, and print its table beside the paper's values.

    A run that is stopped goes on where it was. The networks and `--out` must be the same folders on all workers.

    Example: axmac study table2 --quick
    """
    from axmac.model.nn import trained
    from axmac.model.nn.registry import find
    from axmac.model.report import new_result
    from axmac.model.study import studies
    from axmac.model.study.planning import Setting
    from axmac.model.study.shards import run_shards

    found = find(studies.__name__, name, "study").STUDY
    check_out(out)
    begin = time.monotonic()
    with reporting() as progress:
        chosen = data_name(data, found.net, progress)
        training, test = (load_data(chosen, split, found.net, progress) for split in ("train", "test"))
        folder = require_folder(checkpoints)
        nets = [
            trained.trained(found.net, training, folder, seed=number, progress=progress, say=_say)
            for number in found.seeds
        ]
        files = tuple(
            {"path": str(net.path.resolve()), "sha256": net.metadata["sha256"], "seed": number}
            for net, number in zip(nets, found.seeds, strict=True)
        )
        setting = Setting(files, {"name": test.name, "sha256": test.sha256}, seed, quick)
        kind = f"{'-quick' * quick}-{test.name}-seed{seed}"
        place = require_folder(out) / f"{found.folder}{kind}"
        results = run_shards(found.plan(setting), place, workers=workers, scheduler=scheduler, progress=progress)
    rows = found.rows(setting, results)
    _say(f"{len(results)} shards, {time.monotonic() - begin:.0f} s")
    result = new_result(
        "study",
        rows,
        seed=seed,
        net={"name": found.net, "sha256": files[0]["sha256"]},
        data=described(test, f"0:{max(row['images'] for row in rows)}"),
        study={"name": name, "title": found.title, "quick": quick},
        threads=1,
    )
    finish(result, f"study-{name}{kind}", as_json=as_json, out=out)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
