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
def mapped_array(rows: int, cols: int) -> MappedArray:
    """The array of ``UNIT``, mapped once a run."""
    folder = Path(mkdtemp(prefix=f"axmac-array-{rows}x{cols}-"))
    library = open_library(small_liberty(folder, register=True), folder)
    return map_array(emit_systolic(UNIT, folder, rows, cols), rows, cols, library, folder)
