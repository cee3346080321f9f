"""``axmac export``: all products of an integer unit as a file for other tools."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.agree import products_of
from axmac.cli.output import require_folder
from axmac.model.spec import InputError, catalog

__all__ = ["export"]

_WIDEST_TEXT = 8
_FORMS = ("v", "c", "npy")


def export(
    unit: Annotated[str, typer.Argument(help="Name of an integer unit.")],
    *,
    form: Annotated[str, typer.Option("--as", help="v Verilog, c C header with a table, npy NumPy file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")] = Path("build/export"),
) -> None:
    """Write an integer unit as Verilog (as `axmac emit`), as a C header, or as a NumPy file of values.

    Tables are square, by pattern of the activation, then of the weight: of signed operands 0, 1, .., then -2^(n-1), ..

    Example: axmac export u8_drum_k4 --as c
    """
    import io

    import numpy as np

    from axmac.gen.c_table import c_table
    from axmac.model.golden.int_mul import values_of
    from axmac.model.spec.files import write_whole

    if form not in _FORMS:
        raise InputError(f"--as must be one of {', '.join(_FORMS)}, not {form!r}")
    spec = catalog[unit]
    table = values_of(spec.result_format, products_of(spec))
    if form == "v":
        from axmac.gen import emit

        print(emit(spec, out).verilog)
        return
    if form == "c" and spec.format.width > _WIDEST_TEXT:
        raise InputError(f"{spec.id} has {spec.format.width} bits: a C header is written up to {_WIDEST_TEXT}")
    if form == "c":
        content = c_table(spec, table.tolist()).encode()
    else:
        buffer, bits = io.BytesIO(), 16 if spec.format.width <= 8 else 32
        np.save(buffer, table.astype(f"<{'i' if spec.format.signed else 'u'}{bits // 8}"), allow_pickle=False)
        content = buffer.getvalue()
    print(write_whole(require_folder(out) / f"{spec.id}.{'h' if form == 'c' else 'npy'}", content))
