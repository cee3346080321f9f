"""``axmac verify``: the emitted Verilog against the golden model, on a simulator."""

from typing import Annotated

import typer

from axmac.cli.output import Json, Out, Seed, check_out, finish
from axmac.model.spec import InputError, catalog

__all__ = ["verify"]


def verify(
    unit: Annotated[str, typer.Argument(help="Id or alias of a unit.")],
    *,
    sim: Annotated[str, typer.Option(help="Simulator: verilator or icarus.")] = "verilator",
    count: Annotated[int, typer.Option("--n", min=1, help="Random products, besides all pairs of classes.")] = 100_000,
    stages: Annotated[int | None, typer.Option(min=1, help="Registers of the pipelined module.")] = None,
    waves: Annotated[bool, typer.Option("--waves", help="Write a wave file.")] = False,
    directed: Annotated[
        bool, typer.Option("--directed/--random-only", help="Add the pairs that close the coverage.")
    ] = True,
    seed: Seed = 1,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Compare every bit of the unit's Verilog with the golden model; exit status 1 on a mismatch or a coverage hole.

    Example: axmac verify ax_fpm --sim verilator --n 100000 --seed 1
    """
    from rich.console import Console

    from axmac.model.report import new_result
    from axmac.sim.simulators import SimulationError
    from axmac.sim.verify import verify as verify_unit

    spec = catalog[unit]
    check_out(out)
    options = {} if stages is None else {"stages": stages}
    with Console(stderr=True).status(f"{spec.id}: build and simulate on {sim}"):
        try:
            report = verify_unit(spec, sim, count, seed, waves, directed=directed, **options)
        except SimulationError as error:
            raise InputError(" ".join(str(error).split())) from error
    alarms = [] if report.passed else [report.alarm]
    result = new_result("verify", [report.as_dict()], seed=seed, spec=spec, alarms=tuple(alarms), threads=1)
    finish(result, f"verify-{spec.id}-{sim}", as_json=as_json, out=out)
    return 0 if report.passed else 1
