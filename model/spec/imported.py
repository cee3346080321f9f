"""Integer multipliers that a user imported: what names one, and the description that lies in its folder.

The folder is ``<AXMAC_UNITS>/<sha256>`` and holds ``spec.json`` (read here), ``table.npy`` (all products, read by
`axmac.model.golden`) and ``unit.v`` (the module that `axmac.rtl` instantiates). ``sha256`` is that of everything that
decides what the unit is: name, format, module, ports, and the hashes of table and Verilog.
"""

import hashlib
import json
import math
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from axmac.model.spec.errors import InputError
from axmac.model.spec.formats import IntFormat

__all__ = [
    "FIGURES",
    "IMPORT_WIDTHS",
    "ImportedProduct",
    "UnitRecord",
    "check_unit_name",
    "find_imported",
    "imported_units",
    "units_folder",
]

IMPORT_WIDTHS = range(2, 13)
"""Bits of the operands of an imported unit: the table of 12 bits has 64 MB."""

FIGURES = ("nmed", "mred", "ratio_of_means", "larger", "ep")
"""The error figures that are kept of a unit."""

_SCHEMA = "axmac-unit-1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_RESERVED = re.compile(r"([us][0-9]+|fp[0-9]+|bf16|e[0-9]+f[0-9]+)_.*|axmac.*|adder|mac|systolic|engine")
_LONGEST_NAME = 40


@dataclass(frozen=True)
class UnitRecord:
    """What ``spec.json`` holds of a unit.

    ``ports`` are the names of the module's ports for activation, weight and product; ``source`` says what was imported
    (``kind``, ``file``, ``sha256`` and more), ``measured`` its error figures by name, ``modules`` the latency of the
    modules that are emitted.
    """

    name: str
    width: int
    signed: bool
    top: str
    ports: tuple[str, str, str]
    table_sha256: str
    verilog_sha256: str
    source: dict[str, str]
    measured: dict[str, float]
    modules: dict[str, int]

    @property
    def format(self) -> IntFormat:
        """The format of both operands."""
        return IntFormat(self.width, signed=self.signed)

    @property
    def sha256(self) -> str:
        """The hash that names the folder: of everything but ``source``, ``measured`` and ``modules``."""
        what = (self.name, self.width, self.signed, self.top, *self.ports, self.table_sha256, self.verilog_sha256)
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()

    def as_json(self) -> str:
        """The text of ``spec.json``."""
        return json.dumps({"schema": _SCHEMA} | vars(self), indent=1) + "\n"


@dataclass(frozen=True, repr=False)
class ImportedProduct:
    """The table of an imported unit; it takes and gives patterns as a whole, with no sign put around it.

    ``name`` is the id of the multiplier, ``sha256`` names the folder. Raises ``TypeError`` and ``InputError``.
    """

    note: ClassVar[str] = ""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        check_unit_name(self.name)
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise InputError(f"sha256 must be 64 hex digits, not {self.sha256!r}")

    def check(self, number_format: IntFormat) -> None:
        """The width is one that can be imported; ``InputError`` otherwise."""
        if number_format.width not in IMPORT_WIDTHS:
            raise InputError(
                f"an imported unit has operands of {IMPORT_WIDTHS[0]} to {IMPORT_WIDTHS[-1]} bits, "
                f"not {number_format.width}"
            )

    @property
    def label(self) -> str:
        """As it stands in an id."""
        return self.name

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return units_folder() / self.sha256

    @property
    def record(self) -> UnitRecord:
        """Its description; ``InputError`` where the folder is missing or holds something else."""
        return _read_record(self.folder)

    @property
    def verilog(self) -> str:
        """The text of ``unit.v``; ``InputError`` where it is missing or was changed."""
        return self.read("unit.v", self.record.verilog_sha256).decode()

    def read(self, file_name: str, sha256: str) -> bytes:
        """The bytes of a file of the folder; ``InputError`` unless they have that hash."""
        path = self.folder / file_name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}): import {self.name} again") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InputError(f"{path}: was changed since {self.name} was imported: delete the folder, import it again")
        return content

    def __repr__(self) -> str:
        return f"ImportedProduct({self.name!r}, {self.sha256!r})"


def check_unit_name(name: str) -> None:
    """Raise ``TypeError``, or ``InputError`` for a name that no imported unit may have."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, not {name!r}")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise InputError(
            f"the name of a unit has at most {_LONGEST_NAME} of a-z, 0-9 and single _, a letter first, not {name!r}"
        )
    if _RESERVED.fullmatch(name):
        raise InputError(f"{name!r} is kept for units and modules of axmac: choose another name")


def units_folder() -> Path:
    """``AXMAC_UNITS``, else ``axmac/units`` in the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(os.environ.get("AXMAC_UNITS") or Path(base) / "axmac" / "units").absolute()


def imported_units() -> dict[str, UnitRecord]:
    """The imported units by name, sorted. ``InputError`` for a folder whose description cannot be read."""
    try:
        folders = [path for path in units_folder().iterdir() if _SHA256.fullmatch(path.name)]
    except FileNotFoundError:  # none was imported
        return {}
    except OSError as error:
        raise InputError(f"{units_folder()}: cannot be read ({error.strerror})") from error
    records = [_read_record(path) for path in folders]
    return {record.name: record for record in sorted(records, key=lambda record: record.name)}


def find_imported(name: str) -> UnitRecord | None:
    """The imported unit of that name. The folders are looked at only for a name that an imported unit may have."""
    if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
        return None
    return imported_units().get(name)


def _read_record(folder: Path) -> UnitRecord:
    path = folder / "spec.json"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: import the unit again") from error
    try:
        record = _parse(text)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: does not describe a unit: delete the folder and import the unit again") from error
    if record.sha256 != folder.name:
        raise InputError(f"{path}: is not what was imported: delete the folder and import the unit again")
    return record


@lru_cache(maxsize=256)
def _parse(text: str) -> UnitRecord:
    """The record of a text; ``ValueError``, ``TypeError`` or ``KeyError`` where it is none."""
    fields: dict[str, Any] = json.loads(text)
    if fields.pop("schema") != _SCHEMA:
        raise ValueError("schema")
    record = UnitRecord(**fields | {"ports": tuple(fields["ports"])})
    check_unit_name(record.name)
    texts = (record.top, *record.ports, *record.source.values(), record.table_sha256, record.verilog_sha256)
    if not all(isinstance(text, str) for text in texts) or len(record.ports) != 3:
        raise ValueError("texts")
    if not all(_SHA256.fullmatch(sha256) for sha256 in (record.table_sha256, record.verilog_sha256)):
        raise ValueError("hashes")
    if record.format.width not in IMPORT_WIDTHS:
        raise ValueError("width")
    figures = (*record.measured.values(), *record.modules.values())
    if not all(isinstance(figure, int | float) and math.isfinite(figure) for figure in figures):
        raise ValueError("figures")
    if record.measured.keys() != set(FIGURES) or not {"kind", "file"} <= record.source.keys():
        raise ValueError("keys")
    return record
