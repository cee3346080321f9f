"""A systolic array onto the cells of a Liberty library: its element is mapped once, and instances of it stay whole.

What is measured on all elements of one kind at once is measured on one of them; OpenSTA reads the array with those of
the first three and the last rows and columns alone. Every path is there: elements begin and end at registers, and those
left out, like the nets between them, are copies of the ones that stay.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from axmac.gen.files import Emitted
from axmac.gen.liberty import Library
from axmac.gen.mapping import Mapped, least_delay, refuse_unmapped, run_mapping, write_constraints
from axmac.gen.netlist_text import for_opensta

__all__ = ["MappedArray", "map_array"]

_KEPT = 3
"""So many of the first rows and columns of elements are read by OpenSTA, and the last of each."""


@dataclass(frozen=True)
class MappedArray:
    """``element``: one processing element; ``frame``: what stands around the elements, where they are parts that are
    not looked into; both in one JSON, and in one Verilog of some of the elements. ``inner`` is the instance of an
    element with neighbours on all sides. ``area`` is that of all; ``latency`` in clock cycles."""

    element: Mapped
    frame: Mapped
    inner: str
    rows: int
    cols: int
    area: float
    latency: int


def map_array(emitted: Emitted, rows: int, cols: int, library: Library, folder: Path) -> MappedArray:
    """Map a weight-stationary array that ``emit_systolic`` wrote, in ``folder``, which keeps all files.

    Raises ``InputError`` for a cell that the library lacks, registers among them.
    """
    top = emitted.verilog.stem
    kind = f"{top}_weight_stationary_pe"
    write_constraints(folder)
    left_out = [
        f"{top}/c:pe_{row}_{col}"
        for row in range(rows)
        for col in range(cols)
        if not (_kept(row, rows) and _kept(col, cols))
    ]
    commands = [
        f"read_verilog {emitted.verilog.resolve()}",
        f"hierarchy -top {top}",
        f"setattr -mod -set keep_hierarchy 1 {kind}",
        f"synth -flatten -noabc -top {top}",
        "check",
        f"dfflibmap -liberty {library.path}",
        "opt",
        least_delay(library),
        "opt_clean -purge",
        f"rename -enumerate -pattern u% c:* t:{kind} %d",
        f"tee -o stat.json stat -json -liberty {library.path}",
        "write_verilog -noattr -noexpr -nohex -nodec netlist.v",
        "design -save whole",
        *(f"delete {name}" for name in left_out),
        "write_verilog -noattr -noexpr -nohex -nodec sample.v",
        "design -load whole",
        f"read_liberty -ignore_miss_func -ignore_miss_dir {library.path}",
        f"hierarchy -top {top}",
        "write_json netlist.json",
    ]
    run_mapping(commands, folder, top, library)
    statistics = json.loads((folder / "stat.json").read_text(encoding="utf-8"))["modules"]
    found = {name.removeprefix("\\"): module for name, module in statistics.items()}
    parts = {name: dict(found[name]["num_cells_by_type"]) for name in (top, kind)}
    instances = parts[top].pop(kind)
    for cells in parts.values():
        refuse_unmapped(cells, top, library)
    areas = {name: float(found[name].get("area", 0.0)) for name in parts}
    for_opensta(folder / "sample.v", folder / "netlist.json")
    element, frame = (
        Mapped(name, folder / "sample.v", folder / "netlist.json", area, parts[name])
        for name, area in ((kind, areas[kind]), (top, areas[top] - instances * areas[kind]))
    )
    inner = f"pe_{min(1, rows - 1)}_{min(1, cols - 1)}"
    (module,) = json.loads(emitted.manifest.read_text(encoding="utf-8"))["modules"]
    return MappedArray(element, frame, inner, rows, cols, areas[top], module["latency"])


def _kept(place: int, size: int) -> bool:
    return place < _KEPT or place == size - 1
