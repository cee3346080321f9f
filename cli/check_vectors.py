"""``axmac check-vectors``: products that were computed elsewhere, against the golden model."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import Json, emit_json
from axmac.model.spec import FloatFormat, InputError, catalog

__all__ = ["check_vectors"]

_COLUMNS = ("a", "b", "product")


def check_vectors(
    file: Annotated[Path, typer.Argument(help="CSV file: columns a (activation), b (weight), product, as hex bits.")],
    *,
    unit: Annotated[str, typer.Option("--mul", help="Id or alias of a unit.")],
    as_json: Json = False,
) -> int:
    """Compare every bit of the products in a file with a unit's golden model; exit status 1 on a mismatch.

    The first line names the columns; others than a, b and product are ignored. With or without 0x.

    Example: axmac check-vectors products.csv --mul ax_fpm
    """
    import numpy as np

    from axmac.model.golden import multiply, trace
    from axmac.model.golden.rounding import pattern_dtype

    spec = catalog[unit]
    formats = {"a": spec.format, "b": spec.format, "product": spec.result_format}
    rows = list(_rows(file, formats))
    if not rows:
        raise InputError(f"{file}: holds no vectors below its header")
    columns = zip(zip(*rows, strict=True), formats.values(), strict=True)
    a, b, product = (np.array(column, pattern_dtype(number_format)) for column, number_format in columns)
    golden = multiply(spec, a, b)
    wrong = np.flatnonzero(golden != product)
    report = {"unit": spec.id, "file": str(file), "vectors": len(rows), "mismatches": len(wrong), "first": None}
    if wrong.size:
        k = int(wrong[0])
        report["first"] = {
            "a": _hex(spec.format, a[k]),
            "b": _hex(spec.format, b[k]),
            "golden": _hex(spec.result_format, golden[k]),
            "vector": _hex(spec.result_format, product[k]),
            "stages": trace(spec, a[k : k + 1], b[k : k + 1]).describe().splitlines(),
        }
    if as_json:
        emit_json(report)
        return 1 if wrong.size else 0
    if wrong.size:
        print(" ".join(f"{name}={report['first'][name]}" for name in ("a", "b", "golden", "vector")))
        print(*report["first"]["stages"], sep="\n")
    print(f"{spec.id}: {len(rows)} vectors, {len(wrong)} mismatches")
    return 1 if wrong.size else 0


def _rows(file: Path, formats: dict[str, FloatFormat]) -> Iterator[tuple[int, ...]]:
    """The patterns a, b, product of every line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.DictReader(stream, skipinitialspace=True)
            _check_header(file, lines.fieldnames)
            for row in lines:
                yield tuple(_bits(f"{file}:{lines.line_num}", name, row[name], formats[name]) for name in _COLUMNS)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: is no CSV text: {error}") from error


def _check_header(file: Path, names: list[str] | None) -> None:
    if not names:
        raise InputError(f"{file}: is empty: its first line must name the columns {', '.join(_COLUMNS)}")
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        found = ", ".join(names)
        raise InputError(f"{file}: has no column {' and '.join(missing)}: its first line names {found}")


def _bits(place: str, column: str, text: str | None, number_format: FloatFormat) -> int:
    digits = (text or "").strip().lower().removeprefix("0x")
    if not digits or set(digits) - set("0123456789abcdef"):
        raise InputError(f"{place}: {column} must be hex bits, not {text or ''!r}")
    bits = int(digits, 16)
    if bits >> number_format.width:
        raise InputError(f"{place}: {column} {text.strip()} has more than the {number_format.width} bits of its format")
    return bits


def _hex(number_format: FloatFormat, bits: int) -> str:
    return f"0x{int(bits):0{-(-number_format.width // 4)}x}"
