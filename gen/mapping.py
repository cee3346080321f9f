"""Verilog onto the cells of a Liberty library, or onto Yosys' generic gates where there is no library.

Every unit is mapped for the least delay that ABC finds (``-D 1``), with sizing and buffers, outputs loaded with 10 fF:
the same constraints and effort for all. Yosys' ``synth`` flattens first, and makes of ``*`` and ``+`` what it thinks
best: carry-save trees and parallel-prefix adders.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from axmac.gen.component import component_text
from axmac.gen.emit import generate
from axmac.gen.liberty import Library
from axmac.gen.netlist_text import for_opensta
from axmac.gen.yosys import run_yosys
from axmac.model.spec import FpMul, InputError
from axmac.rtl import SignificandMultiplier

__all__ = ["OUTPUT_LOAD_FF", "Generic", "Mapped", "generic_gates", "map_to_cells", "part_verilog"]

OUTPUT_LOAD_FF = 10.0
"""Load of every output, fF, in mapping, timing and power."""

_DONT_USE = ("*lpflow*", "*probe*")
"""Cells that isolate power domains or hold probes: not every library says that logic must not use them."""

_GATED = 3
"""Registers with one enable that are worth a clock gate."""
_PLACED = ("dfflibmap -liberty {library}", "opt")
_REGISTERS = {
    "": ((), ()),
    "clocked": ((), _PLACED),
    "gated": (
        ("proc", "flatten", "opt_expr", "opt_clean", "opt_dff -nosdff"),  # a reset in front of the data, not beside it
        (
            "dffunmap -srst-only",
            *("opt_clean", "opt_merge"),
            f"clockgate -liberty {{library}} -min_net_size {_GATED} {{avoided}}",
            *_PLACED,
        ),
    ),
}
"""By treatment of registers: Yosys' commands in front of and behind ``synth``."""

_LOOP = re.compile(r"found logic loop in module")


@dataclass(frozen=True)
class Mapped:
    """A netlist of library cells: Verilog ``verilog``; ``netlist``, the same as Yosys' JSON with the functions of the
    cells; ``area`` in the library's unit (um2 nearly everywhere); ``cells``: how many of each kind."""

    top: str
    verilog: Path
    netlist: Path
    area: float
    cells: dict[str, int]


@dataclass(frozen=True)
class Generic:
    """Without a library: two-input gates, inverters and multiplexers, the longest chain of them, and transistors.

    ``transistors`` is Yosys' estimate for static CMOS. ``netlist`` as in `Mapped`.
    """

    top: str
    netlist: Path
    gates: int
    depth: int
    transistors: int
    cells: dict[str, int]


def part_verilog(spec: FpMul, part: str) -> tuple[str, str]:
    """Name and Verilog of the module to map: ``core``, the combinational unit, or ``significand``, its multiplier."""
    if part == "core":
        return spec.id, generate(spec)
    if part != "significand":
        raise InputError(f"part must be core or significand, not {part!r}")
    name = f"{spec.id}_significand"
    return name, component_text(SignificandMultiplier(spec.significand, spec.format.sig_width), name).text


def map_to_cells(verilog: str, top: str, library: Library, folder: Path, *, registers: str = "") -> Mapped:
    """Map module ``top`` in ``folder``, which keeps all files. ``InputError`` for a cell that the library lacks.

    ``registers``: "" for a module without any; ``clocked`` where every register meets every edge of the clock, and an
    enable is a choice in front of it; ``gated`` where registers with one enable have a clock that stands without it.
    """
    (folder / "unit.v").write_text(verilog, encoding="utf-8")
    write_constraints(folder)
    before, after = _REGISTERS[registers]
    commands = [
        "read_verilog unit.v",
        f"hierarchy -top {top}",
        *before,
        f"synth -flatten -noabc -top {top}",
        "check",
        *(command.format(library=library.path, avoided=_avoided()) for command in after),
        least_delay(library),
        "opt_clean -purge",
        "rename -enumerate -pattern u% c:*",  # one name for a cell in every file
        f"tee -o stat.json stat -json -liberty {library.path}",
        "write_verilog -noattr -noexpr -nohex -nodec netlist.v",
        f"read_liberty -ignore_miss_func -ignore_miss_dir {library.path}",
        f"read_liberty -lib -nooverwrite -ignore_miss_dir {library.path}",  # pins of clock gates
        f"hierarchy -top {top}",
        "write_json netlist.json",
    ]
    run_mapping(commands, folder, top, library)
    statistics = _statistics(folder, top)
    cells = statistics["num_cells_by_type"]
    refuse_unmapped(cells, top, library)
    for_opensta(folder / "netlist.v", folder / "netlist.json")
    return Mapped(top, folder / "netlist.v", folder / "netlist.json", float(statistics.get("area", 0.0)), cells)


def generic_gates(verilog: str, top: str, folder: Path) -> Generic:
    """The same module as generic gates, by a short script of ABC: a quick estimate."""
    (folder / "unit.v").write_text(verilog, encoding="utf-8")
    (folder / "generic.abc").write_text("strash\nifraig\ndc2\nmap\n", encoding="utf-8")
    commands = ["read_verilog unit.v", f"synth -flatten -noabc -top {top}", "check"]
    commands += ["abc -script generic.abc -g AND,NAND,OR,NOR,XOR,XNOR,MUX", "opt_clean -purge"]
    commands += ["tee -o stat.json stat -json -tech cmos", "tee -o depth.txt ltp -noff", "write_json netlist.json"]
    _refuse_loops(run_yosys(commands, folder), top)
    statistics = _statistics(folder, top)
    depth = re.search(r"\(length=(\d+)\)", (folder / "depth.txt").read_text(encoding="utf-8"))
    transistors = int(str(statistics["estimated_num_transistors"]).rstrip("+"))
    cells = statistics["num_cells_by_type"]
    count = sum(cells.values())
    return Generic(top, folder / "netlist.json", count, int(depth[1]) if depth else 0, transistors, cells)


def _avoided() -> str:
    return " ".join(f"-dont_use {pattern}" for pattern in _DONT_USE)


def write_constraints(folder: Path) -> None:
    """What ``least_delay`` reads."""
    (folder / "constraints").write_text(f"set_load {OUTPUT_LOAD_FF} [all_outputs]\n", encoding="utf-8")


def least_delay(library: Library) -> str:
    """Yosys' command that maps gates onto cells: the same effort for everything that is compared."""
    return f"abc -liberty {library.path} -constr constraints -D 1 {_avoided()}"


def _refuse_loops(log: str, top: str) -> None:
    if _LOOP.search(log):
        raise InputError(f"{top}: has a timing loop: a combinational net depends on itself")


def run_mapping(commands: list[str], folder: Path, top: str, library: Library) -> None:
    """Run Yosys; ``InputError`` for a timing loop, and for a library without registers or that ABC cannot map onto."""
    try:
        _refuse_loops(run_yosys(commands, folder), top)
    except InputError as error:
        if "cannot be legalized" in str(error):
            raise InputError(f"{top}: {library.name} has no register: use a library with a D flip-flop") from error
        if "ABC" not in str(error):
            raise
        needed = "use a library with an inverter, a buffer, and NAND or NOR gates of two inputs"
        raise InputError(f"{top}: ABC cannot map onto {library.name}: {needed}; {error}") from error


def refuse_unmapped(cells: Iterable[str], top: str, library: Library) -> None:
    """``InputError`` for a kind of cell that the library lacks."""
    for name in cells:
        if name.startswith("$"):
            raise InputError(f"{top}: {library.name} has no cell for {name}: use a library with such a cell")


def _statistics(folder: Path, top: str) -> dict:
    content = json.loads((folder / "stat.json").read_text(encoding="utf-8"))["modules"]
    return content.get(f"\\{top}") or content[top]
