"""``axmac ppa``: area, delay and energy of the emitted Verilog of units."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axmac.cli.networks import Checkpoints, Datasets, data_that_fits
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError, as_float_spec, catalog

if TYPE_CHECKING:
    from axmac.cli.ppa_unit import Task

__all__ = ["ppa"]


def ppa(
    units: Annotated[list[str] | None, typer.Argument(help="Ids or aliases of units.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every named unit; with --net those of floats.")] = False,
    table: Annotated[str | None, typer.Option(help="A table of the paper: table7 or table9.")] = None,
    liberty: Annotated[
        Path | None, typer.Option(help="Liberty file, also .gz. Default: AXMAC_LIBERTY; without one, generic gates.")
    ] = None,
    part: Annotated[str, typer.Option(help="core: the whole unit; significand: its multiplier alone.")] = "core",
    against: Annotated[list[str] | None, typer.Option(help="Unit of which ratios are given; may be repeated.")] = None,
    period: Annotated[float, typer.Option(min=0.001, help="Clock period in ns, for energy.")] = 20.0,
    vectors: Annotated[int, typer.Option("--n", min=10_000, help="Random golden vectors on each netlist.")] = 10_000,
    products: Annotated[int, typer.Option(min=1, help="Products whose transitions are counted.")] = 4096,
    nets: Annotated[
        list[str] | None,
        typer.Option("--net", help="Also energy on the operands of a network, e.g. lenet5; may be repeated."),
    ] = None,
    fpga: Annotated[list[str] | None, typer.Option(help="Also on an FPGA: ice40 or ecp5; may be repeated.")] = None,
    prove: Annotated[float, typer.Option(min=0, help="Seconds for a proof that a netlist is its Verilog.")] = 20.0,
    data: Datasets = "auto",
    checkpoints: Checkpoints = Path("build/networks"),
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: one a core.")] = None,
    work: Annotated[Path, typer.Option(help="Folder of netlists; finished units are found there.")] = Path("build/ppa"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Synthesise units, run golden vectors on the netlists, and print area, delay and energy per product.

    All units have the same constraints and effort: least delay, outputs loaded with 10 fF. Energy is computed from
    transitions counted on the netlist, glitches included, with uniform operands, floats of [-1, 1] and integers of the
    whole format, and with those that a network of floats multiplies (--net). Integers of 8 bits meet all pairs of
    operands, others --n. Exit status 1 where a netlist differs from golden: it gets no figure.

    ABC tries to prove, within --prove seconds, that the netlist is the Verilog for all operands; the table says whether
    it came to its end.

    --fpga puts units between registers and gives lookup tables, registers and clock rate by nextpnr, whose seed is
    --seed; multiplier blocks are not used.

    Example: axmac ppa ax_fpm fp32 bf16 heap --liberty sky130hd_tt.lib.gz

    Example: axmac ppa --table table7 --net lenet5 --net alexnet_s
    """
    from axmac.cli.ppa_unit import Task
    from axmac.gen.fpga import TARGETS, nextpnr_version
    from axmac.gen.liberty import open_library
    from axmac.gen.sta import opensta_version
    from axmac.gen.yosys import yosys_version
    from axmac.model.report import new_result

    floats = part == "significand" or bool(nets)
    every = (catalog.floats if floats else tuple(catalog)) if everything else ()
    named, part, compared, paper = _chosen(units, every, table, part, against or [])
    for name in fpga or ():
        if name not in TARGETS:
            raise InputError(f"unknown --fpga {name!r}: use {' or '.join(TARGETS)}")
        nextpnr_version(TARGETS[name])
    if floats:
        for name in (*named, *compared):
            as_float_spec(catalog[name])
    check_out(out)
    folder = require_folder(work).resolve()
    library = open_library(liberty, folder)
    yosys_version()
    if library is not None:
        opensta_version()
    with reporting() as progress:
        operands: dict[str, Path] = {}
        sources: dict[str, Any] = {}
        for net in dict.fromkeys(nets or []) if library else ():
            from axmac.cli.operands import write_operands

            fitting = data_that_fits(data.split(","), net, progress)
            operands[net], sources[net] = write_operands(
                folder, net, fitting, checkpoints, products + 1, seed, progress
            )
        place = library.path if library else None
        targets = tuple(dict.fromkeys(fpga or ()))
        common = (part, place, folder, period, vectors, products, seed, tuple(operands.items()), targets, prove)
        tasks = [Task(catalog[name], *common) for name in dict.fromkeys([*named, *compared])]
        rows = _measured(tasks, workers or len(os.sched_getaffinity(0)), progress)
    for row in rows:
        row["operands"] = sources
        row["against"] = [] if row["unit"] in compared and row["unit"] not in named else compared
        if row["unit"] in paper:
            row["paper"] = paper[row["unit"]]
    reasons = [(found, reason) for row in rows for found, reason in _reasons(row) if reason]
    alarms = tuple(f"{found}: {reason}; no figure is given" for found, reason in reasons)
    alone = part == "significand" and table is None
    name = "-".join(["ppa", table or ("all" if everything else "-".join(named)), *["significand"] * alone])
    result = new_result("ppa", rows, seed=seed, alarms=alarms)
    finish(result, name[:120], as_json=as_json, out=out)
    return 1 if alarms else 0


def _reasons(row: dict[str, Any]) -> list[tuple[str, str]]:
    """By netlist of a row: why it gets no figure, or ""."""
    from axmac.cli.ppa_unit import refused

    return [
        (row["module"], refused(row)),
        *((f"{row['module']} on {name}", refused(found)) for name, found in row.get("fpga", {}).items()),
    ]


def _chosen(
    units: list[str] | None, every: Sequence[str], table: str | None, part: str, against: list[str]
) -> tuple[list[str], str, list[str], dict[str, dict[str, float]]]:
    """Ids to measure, the part, ids to compare with, and published shares by id."""
    from axmac.model.study.costs import COSTS

    if bool(units) + bool(every) + (table is not None) != 1:
        raise InputError("name the units to measure, or give --all, or --table")
    published: dict[str, dict[str, float]] = {}
    if table is not None:
        if table not in COSTS:
            raise InputError(f"unknown table {table!r}: use {' or '.join(COSTS)}")
        chosen = COSTS[table]
        units, part, against = list(chosen.units), chosen.part, [*chosen.against, *against]
        published = {catalog[name].id: values for name, values in chosen.published.items()}
    if part not in ("core", "significand"):
        raise InputError(f"--part must be core or significand, not {part!r}")
    ids = [list(dict.fromkeys(catalog[name].id for name in names)) for names in (every or units or (), against)]
    return ids[0], part, ids[1], published


def _measured(tasks: list["Task"], workers: int, progress: Any) -> list[dict[str, Any]]:
    """The rows of all tasks, in their order; those of an earlier run are found in their folders."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    from axmac.cli.ppa_unit import measure

    progress("units", 0, len(tasks))
    if min(workers, len(tasks)) == 1:
        rows = []
        for task in tasks:
            rows.append(measure(task))
            progress("units", len(rows), len(tasks))
        return rows
    found = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        waiting = {pool.submit(measure, task): place for place, task in enumerate(tasks)}
        try:
            for future in as_completed(waiting):
                found[waiting[future]] = future.result()
                progress("units", len(found), len(tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [found[place] for place in range(len(tasks))]
