"""``axmac ppa``: area, delay and energy of the emitted Verilog of units."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
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
    table: Annotated[str | None, typer.Option(help="table7 or table9 of the paper, arrays, or integers.")] = None,
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
    arrays: Annotated[
        list[str] | None, typer.Option("--array", help="Also as a systolic array, e.g. 8x8; may be repeated.")
    ] = None,
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

    --array puts units into weight-stationary systolic arrays: area, clock rate, energy per product and sum on uniform
    operands; at least --n sums of each netlist are compared with golden.

    --fpga puts units between registers and gives lookup tables, registers and clock rate by nextpnr, whose seed is
    --seed; multiplier blocks are not used.

    Example: axmac ppa ax_fpm fp32 bf16 heap --liberty sky130hd_tt.lib.gz

    Example: axmac ppa ax_fpm bf16 --array 4x4 --array 8x8 --against bf16

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
    wanted = _chosen(units, every, table, part, against or [], arrays or [], fpga or [])
    for name in wanted.fpga:
        nextpnr_version(TARGETS[name])
    if floats:
        for name in (*wanted.units, *wanted.against):
            as_float_spec(catalog[name])
    check_out(out)
    folder = require_folder(work).resolve()
    library = open_library(liberty, folder)
    if wanted.arrays and library is None:
        raise InputError("--array needs registers of a library: name a Liberty file with --liberty or AXMAC_LIBERTY")
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
        common = (wanted.part, place, folder, period, vectors, products, seed, tuple(operands.items()))
        both = dict.fromkeys([*wanted.units, *wanted.against])
        tasks = [Task(catalog[name], *common, wanted.fpga, wanted.arrays, prove) for name in both]
        rows = _measured(tasks, workers or len(os.sched_getaffinity(0)), progress)
    for row in rows:
        row["operands"] = sources
        alone = row["unit"] in wanted.against and row["unit"] not in wanted.units
        row["against"] = [] if alone else wanted.against
        if row["unit"] in wanted.published:
            row["paper"] = wanted.published[row["unit"]]
    reasons = [(found, reason) for row in rows for found, reason in _reasons(row) if reason]
    alarms = tuple(f"{found}: {reason}; no figure is given" for found, reason in reasons)
    whole = part == "core" or table is not None
    words = ["ppa", table or ("all" if everything else "-".join(wanted.units)), *["significand"] * (not whole)]
    result = new_result("ppa", rows, seed=seed, alarms=alarms)
    finish(result, "-".join(words)[:120], as_json=as_json, out=out)
    return 1 if alarms else 0


def _reasons(row: dict[str, Any]) -> list[tuple[str, str]]:
    """By netlist of a row: why it gets no figure, or ""."""
    from axmac.cli.ppa_unit import refused

    return [
        (row["module"], refused(row)),
        *((f"{row['module']} on {name}", refused(found)) for name, found in row.get("fpga", {}).items()),
        *((found["module"], refused(found)) for found in row.get("arrays", {}).values()),
    ]


@dataclass(frozen=True)
class _Wanted:
    """Ids of units to measure and of those to compare with, the part, published shares by id; sizes of arrays and FPGA
    targets that the units are put on."""

    units: list[str]
    against: list[str]
    part: str
    published: dict[str, dict[str, float]]
    arrays: tuple[tuple[int, int], ...]
    fpga: tuple[str, ...]


def _chosen(
    units: list[str] | None,
    every: Sequence[str],
    table: str | None,
    part: str,
    against: list[str],
    arrays: list[str],
    fpga: list[str],
) -> _Wanted:
    """What the options ask for, and what a table adds to it."""
    from axmac.cli.ppa_array import array_size
    from axmac.gen.fpga import TARGETS
    from axmac.model.study.costs import COSTS

    if bool(units) + bool(every) + (table is not None) != 1:
        raise InputError("name the units to measure, or give --all, or --table")
    published: dict[str, dict[str, float]] = {}
    if table is not None:
        if table not in COSTS:
            raise InputError(f"unknown table {table!r}: use {', '.join(COSTS)}")
        chosen = COSTS[table]
        units, part, against = list(chosen.units), chosen.part, [*chosen.against, *against]
        arrays, fpga = [*chosen.arrays, *arrays], [*chosen.fpga, *fpga]
        published = {catalog[name].id: values for name, values in chosen.published.items()}
    if part not in ("core", "significand"):
        raise InputError(f"--part must be core or significand, not {part!r}")
    for name in fpga:
        if name not in TARGETS:
            raise InputError(f"unknown --fpga {name!r}: use {' or '.join(TARGETS)}")
    sizes = tuple(dict.fromkeys(map(array_size, arrays)))
    if sizes and part != "core":
        raise InputError("--array is for whole units: leave out --part significand, or --table table9")
    ids = [list(dict.fromkeys(catalog[name].id for name in names)) for names in (every or units or (), against)]
    return _Wanted(*ids, part, published, sizes, tuple(dict.fromkeys(fpga)))


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
