"""Looks at a foreign Verilog file with Yosys: its modules and ports, and whether the top module is combinational."""

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axmac.gen.foreign_words import check_words
from axmac.gen.yosys import run_yosys
from axmac.model.spec import InputError

__all__ = ["ForeignModule", "inspect_foreign"]

_FILE = "unit.v"
_MODULE = re.compile(r"^module \\(\S+)$", re.MULTILINE)
_SOURCE = re.compile(r"unit\.v:(\d+)")
_HARMLESS = {"$meminit", "$meminit_v2", "$scopeinfo", "$print", "$check", "$assert", "$assume", "$cover"}
_REGISTER = re.compile(r"\$(_)?(a|s|al|sd|ad)?(dff|ff|sr|DFF|FF|SR|SDFF|ALDFF|DFFSR)\w*")
_LATCH = re.compile(r"\$(_)?(a|_D)?(d|D)?(latch|LATCH)\w*")


@dataclass(frozen=True)
class ForeignModule:
    """The top module, all ``modules`` of its file, and the widths of its ports by name."""

    top: str
    modules: tuple[str, ...]
    inputs: dict[str, int]
    outputs: dict[str, int]


def inspect_foreign(verilog: str, where: str, top: str | None) -> ForeignModule:
    """The module ``top``, or the only one, of a file whose name for messages is ``where``.

    Raises ``InputError`` with one line for text that Yosys does not read, a missing module, registers, latches,
    memories that are written, loops, and nets with several drivers or none.
    """
    check_words(verilog, where)
    read = f"read_verilog {_FILE}"
    with tempfile.TemporaryDirectory(prefix="axmac-") as folder:
        path = Path(folder)
        (path / _FILE).write_text(verilog, encoding="utf-8")
        _run([read, "write_rtlil modules.il"], path, where)
        modules = tuple(_MODULE.findall((path / "modules.il").read_text(encoding="utf-8")))
        top = _top_of(modules, top, where)
        commands = [read, f"hierarchy -check -top {_quoted(top)}", "proc", "setattr -mod -unset keep_hierarchy"]
        commands += ["flatten", "opt_clean", "tee -o check.txt check", "write_json unit.json"]
        _run(commands, path, where)
        found = json.loads((path / "unit.json").read_text(encoding="utf-8"))["modules"]
        module = found[top] if top in found else found[f"\\{top}"]
        _refuse_state(module, where, top)
        _refuse_nets((path / "check.txt").read_text(encoding="utf-8"), where, top)
    ports = module["ports"].items()
    widths = {way: {name: len(port["bits"]) for name, port in ports if port["direction"] == way} for way in _WAYS}
    if widths["inout"]:
        raise InputError(f"{where}: {top} has an inout {next(iter(widths['inout']))}: a unit has inputs and one output")
    return ForeignModule(top, modules, widths["input"], widths["output"])


_WAYS = ("input", "output", "inout")


def _run(commands: list[str], folder: Path, where: str) -> None:
    """Run Yosys; its error as one line that names the file of the user."""
    try:
        run_yosys(commands, folder)
    except InputError as error:
        text = str(error).removeprefix("Yosys: ").split("; see ")[0]
        text = re.sub(r"(?:\S*/)?unit\.v:(\d+)(?:\.[\d.-]+)?", rf"{where}:\1", text.replace("ERROR: ", ""))
        raise InputError(text if text.startswith(where) else f"{where}: {text}") from error


def _quoted(name: str) -> str:
    return name if name.startswith(("\\", "$")) else f"\\{name}"


def _top_of(modules: tuple[str, ...], top: str | None, where: str) -> str:
    if not modules:
        raise InputError(f"{where}: has no module")
    known = f"the file has {', '.join(modules[:8])}{' and more' * (len(modules) > 8)}"
    if top is None:
        if len(modules) > 1:
            raise InputError(f"{where}: name the module with --top: {known}")
        return modules[0]
    if top not in modules:
        raise InputError(f"{where}: has no module {top}: {known}")
    return top


def _refuse_state(module: dict[str, Any], where: str, top: str) -> None:
    for cell in module["cells"].values():
        kind = cell["type"]
        if kind in _HARMLESS:
            continue
        place = _place(cell, where)
        if _LATCH.fullmatch(kind):
            raise InputError(f"{place}: {top} is not combinational: {_driven(module, cell)} is a latch")
        if _REGISTER.fullmatch(kind):
            raise InputError(f"{place}: {top} is not combinational: {_driven(module, cell)} is a register")
        if kind.startswith("$memwr") or (kind.startswith("$memrd") and "1" in cell["parameters"]["CLK_ENABLE"]):
            memory = cell["parameters"].get("MEMID", "").removeprefix("\\")
            raise InputError(f"{place}: {top} is not combinational: {memory} is a memory that is written or clocked")
        if not kind.startswith("$"):
            raise InputError(f"{place}: {top} has a part {kind} of which the file has no content")
        if any("z" in bits for bits in cell["connections"].values()):
            raise InputError(f"{place}: {top} has a net that is not driven always (z)")


def _place(cell: dict[str, Any], where: str) -> str:
    line = _SOURCE.search(cell["attributes"].get("src", ""))
    return f"{where}:{line[1]}" if line else where


def _driven(module: dict[str, Any], cell: dict[str, Any]) -> str:
    """The name of the net that a cell drives."""
    bits = {bit for port in ("Q", "\\Q") for bit in cell["connections"].get(port, ())}
    names = [name for name, net in module["netnames"].items() if bits & set(net["bits"]) and not net.get("hide_name")]
    return min(names, key=lambda name: (name in module["ports"], len(name))) if names else "a net"


def _refuse_nets(log: str, where: str, top: str) -> None:
    """The problems that Yosys' ``check`` found: loops, undriven nets and nets with several drivers."""
    for line in log.splitlines():
        if not line.startswith("Warning: "):
            continue
        text = line.removeprefix("Warning: ").rstrip(":. ").replace("\\", "")
        if "logic loop" in text:
            raise InputError(f"{where}: {top} has a loop: a net depends on itself without a register")
        raise InputError(f"{where}: {text}")
