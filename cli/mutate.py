"""``axmac mutate``: planted faults in units, and whether the bench finds them."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import Json, Out, Seed, finish, progress_bar
from axmac.model.spec import InputError, catalog

__all__ = ["mutate"]


def mutate(
    units: Annotated[
        list[str] | None,
        typer.Argument(help="Ids or aliases of units; adder, mac, systolic-ws, systolic-os; mac16_dvafs and its like."),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every named unit, adder, MACs and arrays.")] = False,
    sim: Annotated[str, typer.Option(help="Simulator: verilator or icarus.")] = "verilator",
    count: Annotated[int, typer.Option("--n", min=1, help="Random products, besides the directed ones.")] = 20_000,
    stages: Annotated[int | None, typer.Option(min=1, help="Registers of the pipelined module.")] = None,
    table: Annotated[Path | None, typer.Option(help="Markdown file for the table of all units.")] = None,
    seed: Seed = 1,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Plant faults in a unit's RTL, one at a time, and run the bench on each; exit status 1 if one survives.

    A survivor that is proven to change nothing counts as equivalent. Adder, MACs and arrays take at most 1,000 random
    products, on Verilator, and have no --stages.

    Example: axmac mutate ax_fpm
    """
    from axmac.model.report import new_result
    from axmac.model.report.mutants import mutants_page
    from axmac.sim.mutate import mutate as mutate_unit
    from axmac.sim.mutate_assembly import MUTATED, is_mutated, mutate_assembly

    if bool(units) == everything:
        raise InputError("name the units to mutate, or give --all")
    names = (*catalog, *MUTATED) if everything else tuple(units)
    specs = {name: None if is_mutated(name) else catalog[name] for name in names}
    options = {} if stages is None else {"stages": stages}
    results = []
    with progress_bar("mutate", len(specs)) as advance:
        for name, spec in specs.items():
            report = mutate_unit(spec, sim, count, seed, **options) if spec else mutate_assembly(name, sim, count, seed)
            survivors = [mutant.what for mutant in report.mutants if mutant.outcome == "survived"]
            alarms = tuple(f"survived: {what}" for what in survivors)
            result = new_result("mutate", [report.as_dict()], seed=seed, spec=spec, alarms=alarms, threads=1)
            finish(result, f"mutate-{report.spec}", as_json=as_json, out=out)
            results.append(result)
            advance(len(results))
    if table is not None:
        table.write_text(mutants_page(results), encoding="utf-8")
    return 1 if any(result["alarms"] for result in results) else 0
