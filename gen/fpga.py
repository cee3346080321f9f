"""Lookup tables, registers and clock rate of a combinational module on an FPGA, by Yosys and nextpnr.

The module stands between registers, one for every input and output bit, so that its delay is a clock period. Yosys may
move logic into the set and reset pins of these registers. Multiplier blocks and memories are not used: the figures
compare structures. nextpnr places and routes with a seed; another seed gives another clock rate.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from axmac.gen.yosys import run_yosys
from axmac.model.spec import InputError

__all__ = ["TARGETS", "Fabric", "Placed", "Target", "nextpnr_version", "place_and_route", "synthesise"]

CLOCK_MHZ = 100
"""The clock rate that nextpnr is asked for; it reports what it reaches."""

_MAPPING = "+&scorr;&sweep;&dc2;&dch,-f,-r;&if,{W},{D},{R},-v"
"""ABC's steps: those of Yosys without ``&mfs`` and ``&verify``, which take minutes on a multiplier of 24 bits."""

_PORT = re.compile(r"^  (input|output) (?:\[(\d+):0\] )?(\w+);$", re.MULTILINE)
_USED = re.compile(r"^Info:\s+(\w+):\s+(\d+)/\s*(\d+)\s+\d+%", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """An FPGA: ``family`` of nextpnr, its options, Yosys' command, and the kinds of cells that are counted.

    ``luts``: lookup tables by kind of cell; ``registers``: the beginning of the names of registers.
    """

    family: str
    device: str
    options: tuple[str, ...]
    synthesis: str
    luts: dict[str, int]
    registers: str

    @property
    def package(self) -> str:
        """The Python package that nextpnr comes in."""
        return f"yowasp-nextpnr-{self.family}"


TARGETS = {
    "ice40": Target(
        "ice40",
        "iCE40 HX8K, ct256",
        ("--hx8k", "--package", "ct256"),
        "synth_ice40 -nobram -top {top} -json fpga.json",
        {"SB_LUT4": 1},
        "SB_DFF",
    ),
    "ecp5": Target(
        "ecp5",
        "ECP5 LFE5U-85F, CABGA756, speed 6",
        ("--85k", "--package", "CABGA756", "--speed", "6"),
        "synth_ecp5 -nobram -nodsp -top {top} -json fpga.json",
        {"LUT4": 1, "CCU2C": 2},
        "TRELLIS_FF",
    ),
}


@dataclass(frozen=True)
class Fabric:
    """A module on the cells of an FPGA, between registers: ``top`` is the module with these.

    ``netlist``: Yosys' JSON of what nextpnr is given, with Yosys' simulation models in place of the cells and wires in
    place of the registers, in generic gates: a combinational module with the ports of the module.
    """

    top: str
    netlist: Path
    luts: int
    registers: int


@dataclass(frozen=True)
class Placed:
    """After routing: ``fmax`` in MHz, from register to register; or ``unfit``, one line that says what is too small."""

    fmax: float | None
    unfit: str = ""


def nextpnr_version(target: Target) -> str:
    """The version of nextpnr for a target; ``InputError`` where it is not installed."""
    try:
        return version(target.package)
    except PackageNotFoundError as error:
        remedy = f"install it with `pip install '{target.package}>=0.11,<0.12'`"
        raise InputError(f"nextpnr-{target.family} is missing: {remedy}") from error


def synthesise(verilog: str, top: str, target: Target, folder: Path) -> Fabric:
    """Put module ``top`` between registers and onto the cells of ``target``, in ``folder``, which keeps all files."""
    name = f"{top}_registered"
    (folder / "fpga.v").write_text(f"{verilog}\n{_registered(verilog, top, name)}", encoding="utf-8")
    commands = ["read_verilog fpga.v", "scratchpad -set abc9.verify 0", f"scratchpad -set abc9.script {_MAPPING}"]
    commands += [target.synthesis.format(top=name), "tee -o fpga_stat.json stat -json"]
    run_yosys(commands, folder, "fpga.log")
    design = json.loads((folder / "fpga.json").read_text(encoding="utf-8"))
    design["modules"] = {name: design["modules"][name]}  # without what Yosys knows of the cells
    (folder / "fpga_module.json").write_text(json.dumps(design), encoding="utf-8")
    (folder / "fpga_wires.v").write_text(_WIRE, encoding="utf-8")
    commands = [
        "read_json fpga_module.json",
        f"read_verilog -overwrite -defer +/{target.family}/cells_sim.v",
        f"hierarchy -top {name}",
        "proc",
        "flatten -wb",
        "techmap",
        "dfflegalize -cell $_DFF_P_ 01",
        "techmap -map fpga_wires.v",
        "techmap",
        "opt",
        f"delete -port {name}/clk",
        "opt_clean -purge",
        "write_json fpga_gates.json",
    ]
    run_yosys(commands, folder, "fpga_gates.log")
    modules = json.loads((folder / "fpga_stat.json").read_text(encoding="utf-8"))["modules"]
    cells = modules[f"\\{name}"]["num_cells_by_type"]
    luts = sum(count * cells.get(kind, 0) for kind, count in target.luts.items())
    registers = sum(count for kind, count in cells.items() if kind.startswith(target.registers))
    return Fabric(name, folder / "fpga_gates.json", luts, registers)


def place_and_route(target: Target, seed: int, folder: Path) -> Placed:
    """Place and route what `synthesise` left in ``folder``. ``InputError`` with nextpnr's own line."""
    nextpnr_version(target)
    call = f"import sys, yowasp_nextpnr_{target.family} as n; sys.exit(n.run_nextpnr_{target.family}(sys.argv[1:]))"
    command = [sys.executable, "-c", call, *target.options, "--json", "fpga.json", "--report", "fpga_report.json"]
    command += ["--seed", str(seed), "--freq", str(CLOCK_MHZ), "--timing-allow-fail"]
    (folder / "fpga_report.json").unlink(missing_ok=True)
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    (folder / "nextpnr.log").write_text(text, encoding="utf-8")
    if done.returncode:
        for kind, used, available in _USED.findall(text):
            if int(used) > int(available):
                return Placed(None, f"does not fit: needs {int(used):,} of {int(available):,} {kind}")
        errors = [line for line in text.splitlines() if line.startswith("ERROR")]
        reason = errors[0] if errors else f"ended with status {done.returncode}"
        raise InputError(f"nextpnr-{target.family}: {reason}; see {folder / 'nextpnr.log'}")
    report = json.loads((folder / "fpga_report.json").read_text(encoding="utf-8"))
    (clock,) = report["fmax"].values()
    return Placed(clock["achieved"])


_WIRE = """module \\$_DFF_P_ (input D, input C, output Q);
  assign Q = D;
endmodule
"""


def _registered(verilog: str, top: str, name: str) -> str:
    """Module ``name``: ``clk``, the ports of ``top``, and a register at each."""
    begin = verilog.index(f"module {top}(")
    ports = _PORT.findall(verilog[begin : verilog.index("endmodule", begin)])
    lines = [f"module {name}(input clk"]
    body, moves, connected = [], [], []
    for direction, high, port in ports:
        width = f"[{high or 0}:0] "
        lines[0] += f", {direction} {'reg ' * (direction == 'output')}{width}{port}"
        body.append(f"  {'reg' if direction == 'input' else 'wire'} {width}inner_{port};")
        source, register = (port, f"inner_{port}") if direction == "input" else (f"inner_{port}", port)
        moves.append(f"    {register} <= {source};")
        connected.append(f".{port}(inner_{port})")
    lines[0] += ");"
    lines += [*body, f"  {top} unit({', '.join(connected)});", "  always @(posedge clk) begin", *moves, "  end"]
    return "\n".join([*lines, "endmodule", ""])
