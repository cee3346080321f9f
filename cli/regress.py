"""``axmac regress``: every unit on every simulator, in parallel."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import Json, Seed, finish, progress_bar
from axmac.model.spec import catalog

__all__ = ["regress"]


def regress(
    units: Annotated[
        list[str] | None, typer.Argument(help="Ids or aliases of units, or assemblies; none for all named ones.")
    ] = None,
    *,
    sims: Annotated[list[str] | None, typer.Option("--sim", help="Simulator; none for all.")] = None,
    count: Annotated[int, typer.Option("--n", min=1, help="Random products; a tenth of them on Icarus.")] = 20_000,
    jobs: Annotated[int | None, typer.Option(min=1, help="Simulations at a time; default one per core.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for result and JUnit file.")] = Path("build/regress"),
    seed: Seed = 1,
    as_json: Json = False,
) -> int:
    """Compare the RTL of all units with the golden model; exit status 1 on a mismatch or a coverage hole.

    After the units come the assemblies: adder, mac, systolic-ws, systolic-os, engine-ws, engine-os, and the
    precision-scalable MACs. Prints the seed, and for each failure the one command that runs it again.

    Example: axmac regress --n 20000 --seed 1

    Example: axmac regress mac16_dvafs
    """
    from axmac.model.report import new_result
    from axmac.sim.assemblies import ASSEMBLIES
    from axmac.sim.regress import junit
    from axmac.sim.regress import regress as run
    from axmac.sim.simulators import SIMULATORS

    sims = sims or list(SIMULATORS)
    results = []
    with progress_bar("regress", len(sims) * len(units or (*catalog, *ASSEMBLIES))) as advance:
        for result in run(units or (), sims, count, seed, jobs):
            results.append(result)
            advance(len(results))
    results.sort(key=lambda result: (result.unit, result.simulator))
    junit(results, out / "junit.xml")
    alarms = [f"{result.command}: {result.problem.splitlines()[0]}" for result in results if not result.passed]
    rows = [asdict(result) | {"passed": result.passed, "command": result.command} for result in results]
    finish(new_result("regress", rows, seed=seed, alarms=tuple(alarms)), "regress", as_json=as_json, out=out)
    return 1 if alarms else 0
