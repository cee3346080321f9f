"""``axmac bench``: the speed of the kernels beside torch's own float32."""

from typing import Annotated

import typer

from axmac.cli.networks import Data, load_data
from axmac.cli.output import Json, Out, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError

__all__ = ["bench"]


def bench(
    *,
    unit: Annotated[list[str] | None, typer.Option("--mul", help="Unit to measure; may be given again.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="shapes, threads, sizes or tasks. Default: all.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads. Default: as many as torch takes.")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="Least length of a measurement.")] = 0.5,
    data: Data = "auto",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Measure products/s, ratio to torch, memory, scaling with threads and size; write JSON and a plot.

    Example: axmac bench --mul ax_fpm --group shapes --out build/bench
    """
    import torch

    from axmac.model.report import new_result
    from axmac.model.report.speed_figure import draw_speed
    from axmac.model.study.bench import GROUPS, NET, UNITS
    from axmac.model.study.bench import bench as run

    check_out(out)
    count = threads or torch.get_num_threads()
    groups = tuple(group) if group else GROUPS
    if count > 1024:
        raise InputError(f"--threads must be at most 1024, not {count}")
    with reporting() as progress:
        dataset = load_data(data, "test", NET, progress).name if "tasks" in groups else "digits"
        units = tuple(unit) if unit else UNITS
        rows = run(units, groups, threads=count, dataset=dataset, seconds=seconds, progress=progress)
    result = new_result("bench", rows, seed=0, threads=count)
    finish(result, "bench", as_json=as_json, out=out)
    if out is not None:
        draw_speed(result, require_folder(out) / "bench.png")
