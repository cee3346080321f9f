"""Mapped systolic arrays for the tests, on the small library."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from small_library import small_liberty

from axmac.gen.array import emit_systolic
from axmac.gen.array_mapping import MappedArray, map_array
from axmac.gen.liberty import open_library

__all__ = ["UNIT", "mapped_array"]

UNIT = "bf16_array_ama5_t8"


@cache
def mapped_array(rows: int, cols: int, unit: str = UNIT) -> MappedArray:
    """The array of a unit, mapped once a run."""
    folder = Path(mkdtemp(prefix=f"axmac-{unit}-{rows}x{cols}-"))
    library = open_library(small_liberty(folder, register=True), folder)
    return map_array(emit_systolic(unit, folder, rows, cols), rows, cols, library, folder)
