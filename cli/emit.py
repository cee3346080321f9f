"""``axmac emit``: Verilog and manifest of units."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import progress_bar
from axmac.model.spec import InputError, catalog

__all__ = ["emit"]


def emit(
    units: Annotated[list[str] | None, typer.Argument(help="Ids or aliases of units.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Emit every named unit.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("build/verilog"),
    stages: Annotated[int | None, typer.Option(min=1, help="Registers of the pipelined module.")] = None,
) -> None:
    """Write <id>.v (combinational and pipelined module) and its JSON manifest; the same bytes on every run.

    Example: axmac emit ax_fpm --out build/verilog
    """
    if bool(units) == everything:
        raise InputError("name the units to emit, or give --all")
    specs = [catalog[name] for name in (catalog if everything else units)]

    from axmac.gen import emit as emit_unit

    options = {} if stages is None else {"stages": stages}
    with progress_bar("emit", len(specs)) as advance:
        for done, spec in enumerate(specs, start=1):
            files = emit_unit(spec, out, **options)
            print(f"{files.verilog}  {files.manifest}  sha256 {files.sha256}")
            advance(done)
