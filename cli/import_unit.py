"""``axmac import``: a multiplier from somewhere else becomes a unit."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from axmac.cli.output import Json, emit_json
from axmac.model.spec import InputError, IntFormat, UnitRecord, catalog, imported_units, units_folder
from axmac.model.spec.imported import FIGURES, IMPORT_WIDTHS, check_unit_name

if TYPE_CHECKING:
    import numpy as np

__all__ = ["import_unit"]

_PORTS = ("a", "b", "p")


@dataclass(frozen=True)
class _Found:
    """All products, patterns [S, S] by activation, then weight; and the Verilog, empty where the source has none."""

    table: "np.ndarray"
    format: IntFormat
    source: dict[str, str]
    verilog: str = ""
    top: str = ""
    ports: tuple[str, str, str] = _PORTS


def import_unit(
    verilog: Annotated[Path | None, typer.Argument(help="Verilog file of a combinational multiplier.")] = None,
    *,
    name: Annotated[str | None, typer.Option("--as", help="Name that the unit gets.")] = None,
    top: Annotated[str | None, typer.Option(help="Its module; not needed where the file has one only.")] = None,
    a: Annotated[str | None, typer.Option("--a", help="Port of the activation; a unless given.")] = None,
    b: Annotated[str | None, typer.Option("--b", help="Port of the weight; b unless given.")] = None,
    p: Annotated[str | None, typer.Option("--p", help="Port of the product; p unless given.")] = None,
    c: Annotated[Path | None, typer.Option("--c", help="C file instead, with --function.")] = None,
    function: Annotated[str | None, typer.Option(help="C function of two integers.")] = None,
    python: Annotated[str | None, typer.Option(help="FILE.py:FUNCTION of two ints instead; it is run.")] = None,
    table: Annotated[Path | None, typer.Option(help="Table of all products instead: NumPy, text or binary.")] = None,
    signed: Annotated[bool, typer.Option("--signed/--unsigned", help="Operands in two's complement.")] = False,
    swap: Annotated[bool, typer.Option("--swap", help="The first operand is the weight.")] = False,
    width: Annotated[int | None, typer.Option(help="Bits of an operand of a C or Python function; 8.")] = None,
    agree: Annotated[str | None, typer.Option(help="Unit whose products it must have.")] = None,
    as_json: Json = False,
) -> int:
    """Make a unit of any multiplier: Verilog of up to 12 x 12 bits, else up to 8 x 8; all its products are kept.

    From then on the name is a unit as any other: `axmac errors`, `verify`, `emit`, `mul`. With --agree nothing is
    imported, and the exit status is 1, unless all products are those of the other unit; without --as that is all.

    Example: axmac import my_mul.v --top mul8u --a A --b B --p O --as my_mul
    """
    if name is None and agree is None:
        raise InputError("name the unit with --as")
    if name is not None:
        _check_free(name)
    other = None if agree is None else catalog[agree]
    _check_options(verilog, (top, a, b, p), (c, function, python, table), width)
    if verilog is not None:
        names = tuple(given or port for given, port in zip((a, b, p), _PORTS, strict=True))
        found = _from_verilog(verilog, top, names, name or "axmac_check", signed=signed, swap=swap)
    else:
        operands = IntFormat(8 if width is None else width, signed=signed)
        found = _from_other(c, function, python, table, operands, swap=swap)
    if other is not None:
        from axmac.cli.agree import compare, products_of

        differs = compare(
            (name or found.source["file"], found.table, found.format), (agree, products_of(other), other.format)
        )
        if differs or name is None:
            return differs
    record = _keep(name, found)
    if as_json:
        emit_json(vars(record) | {"sha256": record.sha256})
        return 0
    result = IntFormat(2 * record.width, signed=signed)
    print(f"{name}: {record.format.name} x {record.format.name} -> {result.name}, {found.table.size:,} products")
    print("  ".join(f"{figure} {value:.4g}" for figure, value in record.measured.items()))
    print(units_folder() / record.sha256)
    return 0


def _check_free(name: str) -> None:
    check_unit_name(name)
    taken = imported_units().get(name)
    if taken is not None:
        raise InputError(f"{name} is imported already: choose another name, or delete {units_folder() / taken.sha256}")
    if name in catalog:
        raise InputError(f"{name} is a unit of axmac: choose another name")


def _check_options(
    verilog: Path | None,
    ports: tuple[str | None, ...],
    others: tuple[Path | str | None, ...],
    width: int | None,
) -> None:
    """One source, and only the options that go with it."""
    c, function, python, table = others
    if sum(source is not None for source in (verilog, c, python, table)) != 1:
        raise InputError("name one source: a Verilog file, --c, --python or --table")
    if verilog is None and any(port is not None for port in ports):
        raise InputError("--top, --a, --b and --p go with a Verilog file")
    if (c is None) != (function is None):
        raise InputError("--c and --function go together")
    if width is not None and (c is None and python is None):
        raise InputError("--width goes with --c and --python: other sources show their width")
    if width is not None and not 2 <= width <= 8:
        raise InputError(f"--width must be 2 to 8, not {width}")


def _from_verilog(
    path: Path, top: str | None, names: tuple[str, ...], name: str, *, signed: bool, swap: bool
) -> _Found:
    from axmac.cli.unit_sources import file_sha256, read_bytes
    from axmac.gen.inspect_foreign import inspect_foreign
    from axmac.sim.foreign import foreign_products

    where = path.name
    try:
        text = read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text in UTF-8") from error
    module = inspect_foreign(text, where, top)
    a, b, p = names
    ports = f"its inputs are {_listed(module.inputs)}, its outputs {_listed(module.outputs)}"
    for what, port, known in (("input", a, module.inputs), ("input", b, module.inputs), ("output", p, module.outputs)):
        if port not in known:
            raise InputError(f"{where}: {module.top} has no {what} {port}: {ports}")
    if a == b or len(module.inputs) > 2 or len(module.outputs) > 1:
        raise InputError(f"{where}: {module.top} must have two inputs and one output: {ports}")
    width = module.inputs[a]
    if module.inputs[b] != width or module.outputs[p] != 2 * width or width not in IMPORT_WIDTHS:
        widths = f"{IMPORT_WIDTHS[0]} to {IMPORT_WIDTHS[-1]}"
        raise InputError(f"{where}: operands must have n bits, {widths}, and the product 2n: {ports}")
    ours = re.compile(rf"(mac_)?{name}(_s\d+(_\d+)?)?(_foreign_product(_\d+)?)?|axmac_.*")  # what gen and sim add
    for used in module.modules:
        if ours.fullmatch(used):
            raise InputError(f"{where}: module {used} would meet a module of the unit {name}: choose another --as")
    ordered = (b, a, p) if swap else (a, b, p)
    table = foreign_products(name, text, module.top, ordered, width, where)
    source = {"kind": "Verilog", "file": where, "sha256": file_sha256(path), "module": module.top}
    return _Found(table, IntFormat(width, signed=signed), source, text, module.top, ordered)


def _from_other(
    c: Path | None, function: str | None, python: str | None, table: Path | None, operands: IntFormat, *, swap: bool
) -> _Found:
    from axmac.cli import unit_sources

    source = {}
    if c is not None:
        path, kind, source = c, "C", {"function": function}
        found = unit_sources.from_c(path, function, operands)
    elif python is not None:
        file, colon, called = python.rpartition(":")
        if not colon or not file or not called:
            raise InputError(f"--python must be FILE.py:FUNCTION, not {python!r}")
        path, kind, source = Path(file), "Python", {"function": called}
        found = unit_sources.from_python(path, called, operands)
    else:
        path, kind = table, "table"
        found = unit_sources.from_table(path)
        operands = IntFormat(len(found).bit_length() - 1, signed=operands.signed)
    patterns = unit_sources.to_patterns(found, operands, path.name)
    source = {"kind": kind, "file": path.name, "sha256": unit_sources.file_sha256(path)} | source
    return _Found(patterns.T.copy() if swap else patterns, operands, source)


def _keep(name: str, found: _Found) -> UnitRecord:
    """Measure and write; a source without Verilog gets a table in Verilog."""
    from axmac.gen.rom import rom_verilog
    from axmac.model.golden.imported import keep_unit
    from axmac.model.golden.metrics import measure_table
    from axmac.rtl import DEFAULT_STAGES

    verilog, top = found.verilog, found.top
    if not verilog:
        top = f"{name}_table"
        verilog = rom_verilog(top, found.format.width, found.table.tolist())
    figures = measure_table(found.format, found.table)
    record = UnitRecord(
        name=name,
        width=found.format.width,
        signed=found.format.signed,
        top=top,
        ports=found.ports,
        table_sha256="",
        verilog_sha256="",
        source=found.source,
        measured={figure: getattr(figures, figure) for figure in FIGURES},
        modules={name: 0, f"{name}_s{DEFAULT_STAGES}": DEFAULT_STAGES},
    )
    return keep_unit(record, found.table, verilog)


def _listed(ports: dict[str, int]) -> str:
    return ", ".join(f"{name}[{bits}]" for name, bits in ports.items()) or "none"
