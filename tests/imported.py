"""Imported units of a few bits, put into the store without a simulator."""

import numpy as np

from axmac.gen.rom import rom_verilog
from axmac.model.golden.imported import keep_unit
from axmac.model.spec import UnitRecord
from axmac.model.spec.imported import FIGURES


def record_of(name, width, *, signed=False):
    figures = dict.fromkeys(FIGURES, 0.25)
    return UnitRecord(
        name=name,
        width=width,
        signed=signed,
        top=f"{name}_table",
        ports=("a", "b", "p"),
        table_sha256="0" * 64,
        verilog_sha256="0" * 64,
        source={"kind": "table", "file": "some.txt", "sha256": "1" * 64},
        measured=figures,
        modules={name: 0, f"{name}_s3": 3},
    )


def random_table(width, seed=1):
    """Patterns int64[S, S] that have nothing to do with products."""
    size = 1 << width
    return np.random.default_rng(seed).integers(0, size * size, (size, size))


def keep(name, table, *, signed=False):
    """The record of a unit with this table, now in the store."""
    width = len(table).bit_length() - 1
    verilog = rom_verilog(f"{name}_table", width, table.tolist())
    return keep_unit(record_of(name, width, signed=signed), table, verilog)
