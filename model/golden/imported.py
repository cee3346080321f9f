"""The tables of imported units: all products, checked against their hash, and put into their folder."""

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import InputError, IntFormat, IntMul, UnitRecord, units_folder

__all__ = ["imported_table", "keep_unit"]


def imported_table(spec: IntMul) -> np.ndarray:
    """Products as patterns, uint8, uint16 or uint32 [S, S] by pattern of activation and weight, S = 2^width; read-only.

    ``InputError`` where the folder of the unit is missing, was changed, or holds a unit of another format.
    """
    record = spec.product.record
    if record.format != spec.format:
        raise InputError(f"{record.name} was imported as {record.format.name}, not as {spec.format.name}")
    return _load(spec, spec.product.folder)


def keep_unit(record: UnitRecord, table: np.ndarray, verilog: str) -> UnitRecord:
    """Write the folder of a unit, whole or not at all; returns the record with the hashes of its files.

    ``table`` is int64[S, S] of patterns of the product. ``InputError`` for a folder that cannot be written.
    """
    content = io.BytesIO()
    result_format = IntFormat(2 * record.width, signed=record.signed)
    np.save(content, table.astype(pattern_dtype(result_format).newbyteorder("<")), allow_pickle=False)
    files = {"table.npy": content.getvalue(), "unit.v": verilog.encode()}
    hashes = {name: hashlib.sha256(value).hexdigest() for name, value in files.items()}
    record = replace(record, table_sha256=hashes["table.npy"], verilog_sha256=hashes["unit.v"])
    files["spec.json"] = record.as_json().encode()
    root = units_folder()
    part = None
    try:
        root.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
        for name, value in files.items():
            (part / name).write_bytes(value)
        part.chmod(0o755)
        os.rename(part, root / record.sha256)
    except OSError as error:
        raise InputError(f"{root}: cannot be written ({error.strerror}): set AXMAC_UNITS to another folder") from error
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(part)
    return record


@lru_cache(maxsize=16)
def _load(spec: IntMul, folder: Path) -> np.ndarray:
    path, size = folder / "table.npy", 1 << spec.format.width
    content = spec.product.read(path.name, spec.product.record.table_sha256)
    try:
        table = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{path}: is no table: import {spec.id} again") from error
    dtype = pattern_dtype(spec.result_format)
    if not isinstance(table, np.ndarray) or table.shape != (size, size) or table.dtype != dtype:
        raise InputError(f"{path}: must hold {size} x {size} products of {dtype}: import {spec.id} again")
    if np.any(table >> 2 * spec.format.width):
        raise InputError(f"{path}: has products of more than {2 * spec.format.width} bits: import {spec.id} again")
    table.flags.writeable = False
    return table
