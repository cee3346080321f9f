"""``axmac emit``: Verilog and manifest of units, or the bundle of one unit."""

from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.emit_array import ARRAYS, emit_array
from axmac.cli.output import Seed, progress_bar
from axmac.model.spec import FpMul, InputError, ScalableMac, catalog, looks_scalable, parse_scalable_id

__all__ = ["emit"]


def emit(
    units: Annotated[
        list[str] | None, typer.Argument(help="Ids or aliases of units, or one of adder, mac, systolic, engine.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Emit every named unit.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("build/verilog"),
    stages: Annotated[int | None, typer.Option(min=1, help="Registers of the pipelined module.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--bundle", help="Folder for the bundle of one unit, instead of --out.")
    ] = None,
    mul: Annotated[str, typer.Option(help="Multiplier of a mac, systolic array or engine.")] = "ax_fpm",
    rows: Annotated[int, typer.Option(help="Rows of a systolic array or engine.")] = 8,
    cols: Annotated[int, typer.Option(help="Columns of a systolic array or engine.")] = 8,
    dataflow: Annotated[str, typer.Option(help="ws weight-stationary, os output-stationary.")] = "ws",
    add_stages: Annotated[int | None, typer.Option(min=1, help="Registers of the adder.")] = None,
    count: Annotated[int, typer.Option("--n", min=0, help="Random vectors of the bundle.")] = 1000,
    seed: Seed = 1,
) -> None:
    """Write ID.v (combinational and pipelined module), its JSON manifest and a FuseSoC core.

    The bytes are the same on every run. A mac, systolic array or engine takes its multiplier from --mul; its sums are
    float32, those of an integer unit int32.

    With --bundle also a self-checking test bench, vectors (all pairs of classes and random ones), a C model,
    timing constraints and a FuseSoC core, for work without Python.

    Precision-scalable MACs (mac8_ or mac16_ and standard, dg or dvafs) are units too: a module of the products and one
    of the MAC; with --mul one of them makes a systolic array.

    Example: axmac emit ax_fpm --out build/verilog

    Example: axmac emit mac16_dvafs

    Example: axmac emit systolic --mul ax_fpm --rows 8 --cols 8 --dataflow ws
    """
    if bool(units) == everything:
        raise InputError("name the units to emit, or give --all")
    if units and units[0] in ARRAYS:
        if len(units) > 1 or folder is not None:
            raise InputError(f"{units[0]} is emitted alone and without --bundle")
        wanted = {"mul_stages": stages, "add_stages": add_stages}
        given = {name: value for name, value in wanted.items() if value is not None}
        emit_array(units[0], out, mul, (rows, cols, dataflow), given)
        return
    names = list(catalog) if everything else units
    specs = [parse_scalable_id(name) if looks_scalable(name) else catalog[name] for name in names]
    scalable = [spec.id for spec in specs if isinstance(spec, ScalableMac)]
    if scalable and (stages is not None or folder is not None):
        raise InputError(f"{scalable[0]} is emitted without --stages and --bundle")
    options = {} if stages is None else {"stages": stages}
    if folder is not None:
        if len(specs) != 1:
            raise InputError(f"--bundle takes one unit, not {len(specs)}")
        _emit_bundle(specs[0], folder, count, seed, options)
        return

    from axmac.gen import emit as emit_unit
    from axmac.gen import emit_scalable

    with progress_bar("emit", len(specs)) as advance:
        for done, spec in enumerate(specs, start=1):
            files = emit_scalable(spec, out) if isinstance(spec, ScalableMac) else emit_unit(spec, out, **options)
            print(f"{files.verilog}  {files.manifest}  sha256 {files.sha256}")
            advance(done)


def _emit_bundle(spec: FpMul, folder: Path, count: int, seed: int, options: dict[str, int]) -> None:
    from axmac.gen import bundle
    from axmac.model.golden import multiply
    from axmac.sim.stimulus import stimulus

    a, b = stimulus(spec, count, seed)
    products = multiply(spec, a, b)
    files = bundle(spec, folder, zip(a.tolist(), b.tolist(), products.tolist(), strict=True), **options)
    print(*astuple(files), sep="\n")
