"""One precision-scalable MAC through the stages of ``axmac precision``, in a process of its own.

What it leaves in its folder is found again by the hash of all that it depends on.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axmac.model.spec import ScalableMac

if TYPE_CHECKING:
    from collections.abc import Mapping

    from axmac.gen.liberty import Library
    from axmac.gen.mapping import Mapped

__all__ = ["Task", "measure"]

_FORM = "2"
"""Changes when the meaning of a row changes, so that no row of an older form is taken for one of this."""
_STEPS = 64
"""Products that a stream adds up."""


@dataclass(frozen=True)
class Task:
    """A MAC and how it is measured: ``liberty``, an unpacked file; ``period`` in ns; golden ``sums``, at least."""

    spec: ScalableMac
    liberty: Path
    folder: Path
    period: float
    sums: int
    seed: int


def measure(task: Task) -> list[dict[str, Any]]:
    """A row for each number of bits of a layer: figures only where the mapped netlist agrees with golden.

    ``precision`` in use and its ``lanes``; ``delay`` in ns, of paths through what changes while mode and handshake are
    held since the reset, activations without sign; ``energy`` in pJ per product at the library's voltage; ``scaled`` by
    `axmac.gen.scaling`: ``voltage`` and ``frequency`` as shares at the throughput of one product a period of the widest
    precision, and ``energy``, V^2 of the dynamic one and of the leakage.
    """
    from axmac.cli.ppa_unit import kept
    from axmac.gen.liberty import open_library
    from axmac.gen.scalable import scalable_text
    from axmac.gen.sta import opensta_version
    from axmac.gen.yosys import yosys_version

    library = open_library(task.liberty, task.folder)
    verilog, _ = scalable_text(task.spec)
    identity = {
        "form": _FORM,
        "verilog_sha256": hashlib.sha256(verilog.encode()).hexdigest(),
        "library_sha256": library.sha256,
        "tools": {"pyosys": yosys_version(), "opensta": opensta_version()},
        "period": task.period,
        "sums": task.sums,
        "seed": task.seed,
    }
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    folder = task.folder / f"{task.spec.id}-{key[:12]}"
    folder.mkdir(parents=True, exist_ok=True)

    def made() -> list[dict[str, Any]]:
        about = {name: getattr(library, name) for name in ("name", "sha256", "corner", "voltage", "temperature")}
        shared = {"unit": task.spec.id, "spec_sha256": task.spec.sha256, "library": about}
        shared |= {name: identity[name] for name in ("verilog_sha256", "tools", "period")}
        return [shared | row for row in _rows(task, verilog, library, folder)]

    return kept(folder / "rows.json", made)


def _rows(task: Task, verilog: str, library: "Library", folder: Path) -> list[dict[str, Any]]:
    from axmac.gen.mapping import map_to_cells
    from axmac.sim.netlist import Netlist

    spec = task.spec
    treatment = "gated" if spec.most_lanes > 1 else "clocked"
    found = map_to_cells(verilog, spec.id, library, folder, registers=treatment)
    gating = library.clock_gates(found.cells)
    netlist = Netlist(found.netlist, spec.id, gating=gating)
    about = {"area": found.area, "registers": len(netlist.registers), "clock_gates": len(netlist.clock_gates)}
    rows, slowest = [], 0.0
    for bits in range(spec.width, 0, -1):
        row = {"bits": bits, **about, **_row(task, bits, found, netlist, library, folder)}
        if "energy" in row:
            slowest = slowest or row["delay"]
            row["scaled"] = _scaled(row, slowest, spec.lanes(row["precision"]))
        rows.append(row)
    return rows


def _row(task: Task, bits: int, found: "Mapped", netlist: Any, library: "Library", folder: Path) -> dict[str, Any]:
    from axmac.gen.power import PowerModel
    from axmac.gen.sta import analyse, critical_path
    from axmac.sim.constant_registers import constant_registers
    from axmac.sim.mac_work import run_mac
    from axmac.sim.transitions import read_delays

    spec = task.spec
    precision = spec.width_for(bits)
    lanes = spec.lanes(precision)
    drivers = [gate.pin for gate in (*netlist.gates, *netlist.registers, *netlist.clock_gates)]
    held = _held(netlist.inputs, spec, bits)
    fixed = {
        name if len(values) == 1 else f"{{{name}[{bit}]}}": value
        for name, values in held.items()
        for bit, value in enumerate(values)
    }
    still = constant_registers(netlist, held, "rst")
    delay = critical_path(found, library, task.period, folder, "clk", fixed, still)
    timing = analyse(found, library, task.period, drivers, folder, clock="clk", fixed=fixed)
    activity = folder / f"activity-{bits}.json"
    streams = -(-task.sums // (_STEPS * lanes))
    work = (netlist, read_delays(timing.sdf), _STEPS, streams, task.seed, activity)
    agreement = run_mac(spec, bits, *work)
    checked = {"vectors": agreement.compared, "mismatches": agreement.mismatches, "first": agreement.first}
    row: dict[str, Any] = {"precision": precision, "lanes": lanes, "checked": checked}
    if agreement.mismatches:
        return row
    counted = json.loads(activity.read_text(encoding="utf-8"))["per_cycle"] | {"clk[0]": 2.0}  # a rise and a fall
    spent = PowerModel(found, library, timing).energy(counted, task.period).as_dict()
    energy = {name: value / lanes for name, value in spent.items()}
    return row | {
        "delay": delay,
        "energy": energy,
        "glitches": agreement.glitches,
        "products": agreement.products,
    }


def _held(ports: "Mapping[str, list[int]]", spec: ScalableMac, bits: int) -> dict[str, list[int]]:
    """Ports that keep their value while a layer is computed: the mode, and those that say how a stream goes."""
    held = {"out_ready": [1], "in_valid": [1], "in_a_signed": [0], "rst": [0]}
    mode = spec.mode_of(spec.width_for(bits))
    return held | ({"in_mode": [mode >> bit & 1 for bit in range(len(ports["in_mode"]))]} if "in_mode" in ports else {})


def _scaled(row: dict[str, Any], slowest: float, lanes: int) -> dict[str, float]:
    from axmac.gen.scaling import supply_share

    share = supply_share(lanes * slowest / row["delay"])
    energy = row["energy"]
    leaked = energy["leakage"] * lanes * share  # the period is that many times as long; the current is taken to stay
    return {
        "voltage": share,
        "frequency": 1 / lanes,
        "energy": (energy["switching"] + energy["internal"]) * share**2 + leaked,
    }
