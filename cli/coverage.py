"""``axmac coverage``: which lines and bits of the emitted Verilog the bench moves."""

from dataclasses import asdict
from typing import Annotated

import typer

from axmac.cli.output import Json, Out, Seed, finish, progress_bar
from axmac.model.spec import InputError, catalog

__all__ = ["coverage"]


def coverage(
    units: Annotated[list[str] | None, typer.Argument(help="Ids or aliases of units.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every named unit.")] = False,
    count: Annotated[int, typer.Option("--n", min=1, help="Random products, besides the directed ones.")] = 20_000,
    seed: Seed = 1,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Report Verilator's line, branch and toggle coverage of the RTL under the bench of `axmac verify`.

    A report without a limit: an array of cells has nets that no operands move. What must be hit are the bins of
    `axmac verify`.

    Example: axmac coverage ax_fpm
    """
    from axmac.model.report import new_result
    from axmac.sim.code_coverage import code_coverage

    if bool(units) == everything:
        raise InputError("name the units, or give --all")
    specs = [catalog[name] for name in (catalog if everything else units)]
    with progress_bar("coverage", len(specs)) as advance:
        for done, spec in enumerate(specs, start=1):
            rows = [asdict(module) for module in code_coverage(spec, count, seed)]
            result = new_result("coverage", rows, seed=seed, spec=spec, threads=1)
            finish(result, f"coverage-{spec.id}", as_json=as_json, out=out)
            advance(done)
