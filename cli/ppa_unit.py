"""One unit through the stages of ``axmac ppa``: Verilog, netlist, golden vectors, timing, activity, energy.

It runs in a process of its own. What it leaves in its folder is found again by the hash of all that it depends on.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axmac.model.spec import IntMul, Multiplier

if TYPE_CHECKING:
    from axmac.gen.liberty import Library
    from axmac.gen.mapping import Generic, Mapped

__all__ = ["Task", "kept", "measure", "refused"]

_FORM = "2"
"""Changes when the meaning of a row changes, so that no row of an older form is taken for one of this."""


@dataclass(frozen=True)
class Task:
    """A unit and how it is measured.

    ``part``: ``core`` or ``significand``. ``liberty``: an unpacked Liberty file, or None for generic gates.
    ``period``: the clock in ns. ``vectors``: random golden vectors. ``products``: operand pairs whose transitions are
    counted. ``operands``: by name an ``.npz`` with float32 ``a`` and ``b``, in the order in which they are multiplied.
    ``fpga``: names of targets that the unit is also put on. ``arrays``: rows and
    columns of systolic arrays of the unit, which need a library. ``prove``: seconds for a proof that the netlist is the
    Verilog, for all operands; 0 for none.
    """

    spec: Multiplier
    part: str
    liberty: Path | None
    folder: Path
    period: float
    vectors: int
    products: int
    seed: int
    operands: tuple[tuple[str, Path], ...] = ()
    fpga: tuple[str, ...] = ()
    arrays: tuple[tuple[int, int], ...] = ()
    prove: float = 0.0


def measure(task: Task) -> dict[str, Any]:
    """The row of a unit: figures only where the mapped netlist agrees with golden on every vector."""
    from axmac.gen.liberty import open_library
    from axmac.gen.mapping import part_verilog
    from axmac.gen.sta import opensta_version
    from axmac.gen.yosys import yosys_version

    library = open_library(task.liberty, task.folder) if task.liberty else None
    top, verilog = part_verilog(task.spec, task.part)
    tools = {"pyosys": yosys_version()} | ({"opensta": opensta_version()} if library else {})
    identity = {
        "form": _FORM,
        "verilog_sha256": hashlib.sha256(verilog.encode()).hexdigest(),
        "library_sha256": library.sha256 if library else None,
        "tools": tools,
        "period": task.period,
        "vectors": task.vectors,
        "products": task.products,
        "seed": task.seed,
        "prove": task.prove,
        "operands": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in task.operands},
    }
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    folder = task.folder / f"{top}-{key[:12]}"
    folder.mkdir(parents=True, exist_ok=True)

    def base() -> dict[str, Any]:
        row = {"unit": task.spec.id, "spec_sha256": task.spec.sha256, "part": task.part, "module": top}
        row |= {"note": task.spec.note} if isinstance(task.spec, IntMul) and task.spec.note else {}
        row |= {key: identity[key] for key in ("verilog_sha256", "tools", "period")}
        return row | (_mapped(task, verilog, top, library, folder) if library else _generic(task, verilog, top, folder))

    row = kept(folder / "row.json", base)
    if task.fpga and not refused(row):
        row["fpga"] = {name: _on_fpga(task, name, verilog, top, folder) for name in task.fpga}
    if library is not None and task.arrays and not refused(row):
        sizes = (f"{rows}x{cols}" for rows, cols in task.arrays)
        row["arrays"] = {
            name: _as_array(task, size, library, folder / name) for name, size in zip(sizes, task.arrays, strict=True)
        }
    return row


def refused(row: dict[str, Any]) -> str:
    """Why a row has no figures: its netlist differs from golden, or from the Verilog; "" where it has some."""
    from axmac.gen.proof import REFUTED

    checked = row["checked"]
    if checked["mismatches"]:
        return f"{checked['mismatches']} of {checked['vectors']} vectors differ from golden; first: {checked['first']}"
    refuted = row.get("proof", {}).get("outcome") == REFUTED
    return "the netlist is not the Verilog: some operands give another result" if refuted else ""


def kept(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What an earlier run left in the file; else what ``make`` makes, which is left there."""
    from axmac.model.spec.files import write_whole

    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    content = make()
    write_whole(path, (json.dumps(content, indent=1, allow_nan=False) + "\n").encode())
    return content


def _on_fpga(task: Task, name: str, verilog: str, top: str, folder: Path) -> dict[str, Any]:
    """Figures on an FPGA: only where the netlist of its cells agrees with golden on the same vectors."""
    from axmac.gen.fpga import TARGETS, nextpnr_version, place_and_route, synthesise
    from axmac.sim.netlist_work import check_netlist

    target = TARGETS[name]
    tool = nextpnr_version(target)
    place = folder / f"{name}-{tool}"
    place.mkdir(exist_ok=True)

    def make() -> dict[str, Any]:
        found = synthesise(verilog, top, target, place)
        agreement = check_netlist(found.netlist, found.top, task.part, folder / "vectors.npz")
        checked = {"vectors": agreement.compared, "mismatches": agreement.mismatches, "first": agreement.first}
        about = {"device": target.device, "nextpnr": tool, "seed": task.seed, "checked": checked}
        if agreement.mismatches:
            return about
        placed = place_and_route(target, task.seed, place)
        return about | {"luts": found.luts, "registers": found.registers, "fmax": placed.fmax, "unfit": placed.unfit}

    return kept(place / "fpga.json", make)


def _as_array(task: Task, size: tuple[int, int], library: "Library", place: Path) -> dict[str, Any]:
    """Figures of a systolic array of the unit: only where its netlist agrees with golden."""
    from axmac.cli.ppa_array import FORM, measure_array
    from axmac.gen.array import emit_systolic

    place.mkdir(exist_ok=True)
    emitted = emit_systolic(task.spec, place, *size)

    def make() -> dict[str, Any]:
        return measure_array(task.spec, emitted, size, library, place, task.period, task.vectors, task.seed)

    return kept(place / f"figures-{FORM}-{emitted.sha256[:12]}.json", make)


def _generic(task: Task, verilog: str, top: str, folder: Path) -> dict[str, Any]:
    from axmac.gen.mapping import generic_gates

    found = generic_gates(verilog, top, folder)
    row = {"flow": "generic", "library": None, **_checked(task, verilog, found, folder)}
    if refused(row):
        return row
    return row | {
        "gates": found.gates,
        "depth": found.depth,
        "transistors": found.transistors,
        "kinds": found.cells,
    }


def _mapped(task: Task, verilog: str, top: str, library: "Library", folder: Path) -> dict[str, Any]:
    from axmac.gen.mapping import map_to_cells
    from axmac.gen.power import PowerModel
    from axmac.gen.sta import analyse
    from axmac.sim.netlist_work import drivers_of, uniform_operands, write_activity

    found = map_to_cells(verilog, top, library, folder)
    about = {name: getattr(library, name) for name in ("name", "sha256", "corner", "voltage", "temperature")}
    row = {"flow": "liberty", "library": about, **_checked(task, verilog, found, folder)}
    if refused(row):
        return row
    timing = analyse(found, library, task.period, drivers_of(found.netlist, top), folder)
    model = PowerModel(found, library, timing)
    energy = {}
    sources = {"uniform": uniform_operands(task.spec, task.products + 1, task.seed)} | dict(task.operands)
    for name, operands in sources.items():
        path = folder / f"activity-{name}.json"
        write_activity(task.spec, task.part, found.netlist, top, timing.sdf, operands, path)
        activity = json.loads(path.read_text(encoding="utf-8"))
        spent = model.energy(activity["per_product"], task.period).as_dict()
        energy[name] = spent | {"glitches": activity["glitches"], "products": activity["products"]}
    return row | {
        "area": found.area,
        "cells": sum(found.cells.values()),
        "kinds": found.cells,
        "delay": timing.delay,
        "energy": energy,
        "vectorless": {name: watts * task.period * 1e3 for name, watts in timing.power.items()},
    }


def _checked(task: Task, verilog: str, found: "Mapped | Generic", folder: Path) -> dict[str, Any]:
    from axmac.gen.proof import prove_equal
    from axmac.sim.netlist_work import check_netlist, write_vectors

    vectors = write_vectors(task.spec, task.part, folder / "vectors.npz", task.vectors, task.seed)
    agreement = check_netlist(found.netlist, found.top, task.part, vectors)
    checked = {"vectors": agreement.compared, "mismatches": agreement.mismatches, "first": agreement.first}
    if agreement.mismatches or not task.prove:
        return {"checked": checked}
    proof = prove_equal(verilog, found.top, found.netlist, task.prove, folder)
    return {"checked": checked, "proof": proof.as_dict()}
