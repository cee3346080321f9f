"""``axmac precision``: energy per operation of precision-scalable MACs against the bits of a layer."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError

if TYPE_CHECKING:
    from axmac.cli.precision_unit import Task

__all__ = ["precision"]

_USUAL = ("mac16_standard", "mac16_dg", "mac16_dvafs")


def precision(
    units: Annotated[list[str] | None, typer.Argument(help="Ids of MACs. Default: the three of 16 bits.")] = None,
    *,
    liberty: Annotated[Path | None, typer.Option(help="Liberty file, also .gz. Default: AXMAC_LIBERTY.")] = None,
    period: Annotated[float, typer.Option(min=0.001, help="Clock period in ns, for leakage.")] = 20.0,
    sums: Annotated[int, typer.Option("--n", min=1_000, help="Golden sums on each netlist and precision.")] = 4_096,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a core.")] = None,
    work: Annotated[Path, typer.Option(help="Folder of netlists; finished units are found there.")] = Path("build/ppa"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Synthesise precision-scalable MACs, run golden sums on the netlists, and print energy per product by precision.

    For layers of 1 bit up to the width of the MAC, in the lowest precision that holds them, with uniform operands,
    activations without a sign. Energy is computed from transitions counted on the netlist with its registers and its
    clock, glitches included; a library without a clock gate clocks all registers. Exit status 1 where a netlist
    differs from golden: it gets no figure.

    Voltage and frequency at constant throughput are a model on top, with columns of their own.

    Example: axmac precision --liberty sky130hd_tt.lib.gz --out build/results
    """
    from axmac.cli.precision_unit import Task
    from axmac.gen.liberty import open_library
    from axmac.gen.sta import opensta_version
    from axmac.gen.yosys import yosys_version
    from axmac.model.report import new_result
    from axmac.model.spec import parse_scalable_id

    specs = [parse_scalable_id(name) for name in dict.fromkeys(units or _USUAL)]
    check_out(out)
    folder = require_folder(work).resolve()
    library = open_library(liberty, folder)
    if library is None:
        raise InputError("energy needs a library: name a Liberty file with --liberty or AXMAC_LIBERTY")
    yosys_version()
    opensta_version()
    tasks = [Task(spec, library.path, folder, period, sums, seed) for spec in specs]
    with reporting() as progress:
        rows = [row for rows in _measured(tasks, workers or len(os.sched_getaffinity(0)), progress) for row in rows]
    alarms = tuple(
        f"{row['unit']}, {row['bits']} bits: {row['checked']['mismatches']} of {row['checked']['vectors']} sums differ "
        f"from golden; first: {row['checked']['first']}; no figure is given"
        for row in rows
        if row["checked"]["mismatches"]
    )
    result = new_result("precision", rows, seed=seed, alarms=alarms)
    name = "-".join(["precision", *(spec.id for spec in specs)])[:120] if units else "precision"
    finish(result, name, as_json=as_json, out=out)
    if out is not None and not alarms:
        from axmac.model.report.figures import draw_energies

        print(f"picture: {draw_energies(result, out / f'{name}.png')}", file=sys.stderr)
    return 1 if alarms else 0


def _measured(tasks: list["Task"], workers: int, progress: Any) -> list[list[dict[str, Any]]]:
    """The rows of each task, in the order of the tasks."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from axmac.cli.precision_unit import measure

    found = []
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
        for done, rows in enumerate(pool.map(measure, tasks), start=1):
            found.append(rows)
            progress("measure", done, len(tasks))
    return found
