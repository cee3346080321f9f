"""OpenSTA: the critical path, slews, delays of cells, and its own vectorless power.

Debian's OpenSTA is of 2019. Its ``set_power_activity -pins`` fails, and activities that are set on inner pins by the
command behind it are replaced by propagated ones (tested). Activity from simulation is therefore applied in
`axmac.gen.power`; OpenSTA's own power is kept as what it is: an estimate from input activities. With registers and
constant inputs the propagation ends the program (signal 11): there all pins get the same activity.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from axmac.gen.liberty import Library
from axmac.gen.mapping import OUTPUT_LOAD_FF, Mapped
from axmac.model.spec import InputError

__all__ = ["Timing", "analyse", "critical_path", "opensta_version"]

_PATH = """
read_liberty {library}
set_cmd_units -time ns -capacitance fF -power W
read_verilog {verilog}
link_design {top}
create_clock -name clk -period {period} {clock}
set_input_delay 0 -clock clk [all_inputs]
set_output_delay 0 -clock clk [all_outputs]
set_load -pin_load {load} [all_outputs]
{constants}report_checks -digits 4 > {path}
set paths [find_timing_paths]
if {{[llength $paths]}} {{ puts "SLACK [get_property [lindex $paths 0] slack]" }}
"""
_POWER_OF_ALL = """
set_power_activity {where} -activity {activity} -duty 0.5
report_power -digits 8 > power.txt
write_sdf -digits 5 cells.sdf
set file [open slews.txt w]
set list [open drivers.txt]
while {{[gets $list name] >= 0}} {{
  set pin [get_pins $name]
  set rise [get_property $pin actual_rise_transition_max]
  puts $file "$name $rise [get_property $pin actual_fall_transition_max]"
}}
close $file
set_power_activity -global -activity 1.0 -duty 0.5
report_power -instances [get_cells -hierarchical *] -digits 8 > loads.txt
"""
_END = 'puts "AXMAC DONE"\n'
_LOAD = re.compile(r"^\s*\S+\s+(\S+)\s+\S+\s+\S+\s+(\S+)$", re.MULTILINE)
_POWER = re.compile(r"^Total\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Timing:
    """``delay`` of the critical path in ns; ``power`` in W without simulation, inputs toggling ``activity`` times a
    period; ``sdf``, the delays of all cells; ``slews``: (rise, fall) in ns of each driver pin ``cell/pin``;
    ``loads``: J that charging the outputs of a cell once costs, C V^2 / 2, with the library's default wire load."""

    delay: float
    power: dict[str, float]
    sdf: Path
    slews: dict[str, tuple[float, float]]
    loads: dict[str, float]

    def of(self, instance: str) -> "Timing":
        """The same with the slews and loads of the cells of one instance of a module, by their names inside."""
        inside = f"{instance}/"
        slews, loads = (
            {name.removeprefix(inside): value for name, value in values.items() if name.startswith(inside)}
            for values in (self.slews, self.loads)
        )
        return replace(self, slews=slews, loads=loads)


def opensta_version() -> str:
    """The version of the program ``sta``; ``InputError`` where it is not installed."""
    if shutil.which("sta") is None:
        raise InputError("OpenSTA is missing: install it with `apt-get install opensta`")
    done = subprocess.run(["sta", "-version"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip()


def analyse(
    mapped: Mapped,
    library: Library,
    period: float,
    drivers: list[str],
    folder: Path,
    activity: float = 0.5,
    clock: str = "",
    fixed: Mapping[str, int] | None = None,
) -> Timing:
    """Timing and vectorless power of a netlist at a clock ``period`` in ns.

    Inputs and clocks are ideal; wires load as the library's default says; registers have the clock of
    port ``clock``; the input ports of ``fixed`` keep their value.
    ``drivers`` are the output pins of cells whose slews are wanted. Raises ``InputError`` with OpenSTA's own line.
    """
    (folder / "drivers.txt").write_text("".join(f"{name}\n" for name in drivers), encoding="utf-8")
    where = "-global" if clock else "-input"
    script = _loaded(mapped, library, period, clock, _constants("ports", fixed or {}), "path.txt")
    delay = _run(script + _POWER_OF_ALL.format(where=where, activity=activity), folder, "sta", period)
    found = _POWER.search((folder / "power.txt").read_text(encoding="utf-8"))
    if found is None:
        raise InputError(f"OpenSTA: reports no power; see {folder / 'sta.log'}")
    power = dict(zip(("internal", "switching", "leakage", "total"), map(float, found.groups()), strict=True))
    lines = (line.split() for line in (folder / "slews.txt").read_text(encoding="utf-8").splitlines())
    slews = {name: (float(rise), float(fall)) for name, rise, fall in lines}
    reported = _LOAD.findall((folder / "loads.txt").read_text(encoding="utf-8"))
    loads = {name: float(watts) * period * 1e-9 for watts, name in reported if watts[0].isdigit()}
    return Timing(delay, power, folder / "cells.sdf", slews, loads)


def critical_path(
    mapped: Mapped,
    library: Library,
    period: float,
    folder: Path,
    clock: str,
    fixed: Mapping[str, int],
    pins: Mapping[str, int],
) -> float:
    """The delay in ns of the longest path, as `analyse` has it, through what changes while ports and pins do not.

    ``fixed``: the values of input ports, ``pins``: those of output pins of cells, such as registers behind them. The
    path stays in ``folder`` as ``path-held.txt``.
    """
    constants = _constants("ports", fixed) + _constants("pins", pins)
    return _run(_loaded(mapped, library, period, clock, constants, "path-held.txt"), folder, "held", period)


def _constants(what: str, values: Mapping[str, int]) -> str:
    """Commands that hold ports or pins at their values."""
    return "".join(f"set_case_analysis {value} [get_{what} {name}]\n" for name, value in values.items())


def _loaded(mapped: Mapped, library: Library, period: float, clock: str, constants: str, path: str) -> str:
    """A script that reads the netlist, holds ``constants``, and reports the critical path into the file ``path``."""
    return _PATH.format(
        library=library.path,
        verilog=mapped.verilog.name,
        top=mapped.top,
        period=period,
        clock=clock and f"[get_ports {clock}]",
        load=OUTPUT_LOAD_FF,
        constants=constants,
        path=path,
    )


def _run(script: str, folder: Path, name: str, period: float) -> float:
    """Runs a script of `_loaded` and what follows it, from ``<name>.tcl``; the delay of the critical path."""
    opensta_version()
    (folder / f"{name}.tcl").write_text(script + _END, encoding="utf-8")
    command = ["sta", "-no_splash", "-exit", f"{name}.tcl"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    log = folder / f"{name}.log"
    log.write_text(text, encoding="utf-8")
    errors = [line for line in text.splitlines() if line.startswith("Error")]
    if errors or "AXMAC DONE" not in text:
        raise InputError(f"OpenSTA: {errors[0] if errors else 'did not come to its end'}; see {log}")
    slack = re.search(r"SLACK (\S+)", text)
    return period - float(slack[1]) if slack else 0.0
