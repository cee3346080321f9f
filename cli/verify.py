"""``axmac verify``: the emitted Verilog against the golden model, on a simulator."""

from typing import Annotated

import typer

from axmac.cli.output import Json, Out, Seed, check_out, finish
from axmac.model.spec import InputError, catalog

__all__ = ["verify"]

_SINGLE = 20_000
"""Random products that are sent one by one where there are lanes."""


def verify(
    unit: Annotated[str, typer.Argument(help="Id or alias of a unit.")],
    *,
    sim: Annotated[str, typer.Option(help="Simulator: verilator or icarus.")] = "verilator",
    count: Annotated[int, typer.Option("--n", min=1, help="Random products, besides all pairs of classes.")] = 100_000,
    stages: Annotated[int | None, typer.Option(min=1, help="Registers of the pipelined module.")] = None,
    waves: Annotated[bool, typer.Option("--waves", help="Write a wave file.")] = False,
    lanes: Annotated[
        int, typer.Option(min=0, help="Send the random products through so many units side by side as well.")
    ] = 0,
    directed: Annotated[
        bool, typer.Option("--directed/--random-only", help="Add the pairs that close the coverage.")
    ] = True,
    seed: Seed = 1,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Compare every bit of the unit's Verilog with the golden model; exit status 1 on a mismatch or a coverage hole.

    With --lanes 64 the random products go through 64 combinational modules side by side, and only 20,000 of them one
    by one: a million products take seconds. The rates are those of everything together, of the simulator, and of the
    golden model.

    Example: axmac verify ax_fpm --sim verilator --n 100000 --seed 1

    Example: axmac verify ax_fpm --n 5000000 --lanes 64
    """
    from rich.console import Console

    from axmac.model.report import new_result
    from axmac.sim.lanes import verify_lanes
    from axmac.sim.simulators import SimulationError
    from axmac.sim.verify import verify as verify_unit

    spec = catalog[unit]
    check_out(out)
    options = {} if stages is None else {"stages": stages}
    with Console(stderr=True).status(f"{spec.id}: build and simulate on {sim}"):
        try:
            single = min(count, _SINGLE) if lanes else count
            report = verify_unit(spec, sim, single, seed, waves, directed=directed, **options)
            wide = verify_lanes(spec, sim, count, seed, lanes) if lanes else None
        except SimulationError as error:
            raise InputError(" ".join(str(error).split())) from error
    alarms = [] if report.passed else [report.alarm]
    if wide and not wide.passed:
        alarms.append(wide.first_mismatch)
    row = report.as_dict() | ({"lanes": wide.as_dict()} if wide else {})
    result = new_result("verify", [row], seed=seed, spec=spec, alarms=tuple(alarms), threads=1)
    finish(result, f"verify-{spec.id}-{sim}", as_json=as_json, out=out)
    return 1 if alarms else 0
