"""One unit through the stages of ``axmac ppa``: Verilog, netlist, golden vectors, timing, activity, energy.

It runs in a process of its own. What it leaves in its folder is found again by the hash of all that it depends on.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axmac.model.spec import IntMul, Multiplier

if TYPE_CHECKING:
    from axmac.gen.liberty import Library
    from axmac.gen.mapping import Generic, Mapped

__all__ = ["Task", "measure"]

_FORM = "1"
"""Changes when the meaning of a row changes, so that no row of an older form is taken for one of this."""


@dataclass(frozen=True)
class Task:
    """A unit and how it is measured.

    ``part``: ``core`` or ``significand``. ``liberty``: an unpacked Liberty file, or None for generic gates.
    ``period``: the clock in ns. ``vectors``: random golden vectors. ``products``: operand pairs whose transitions are
    counted. ``operands``: by name an ``.npz`` with float32 ``a`` and ``b``, in the order in which they are multiplied.
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


def measure(task: Task) -> dict[str, Any]:
    """The row of a unit: figures only where the mapped netlist agrees with golden on every vector."""
    from axmac.gen.liberty import open_library
    from axmac.gen.mapping import part_verilog
    from axmac.gen.sta import opensta_version
    from axmac.gen.yosys import yosys_version
    from axmac.model.spec.files import write_whole

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
        "operands": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in task.operands},
    }
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    folder = task.folder / f"{top}-{key[:12]}"
    kept = folder / "row.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    row = {"unit": task.spec.id, "spec_sha256": task.spec.sha256, "part": task.part, "module": top}
    row |= {"note": task.spec.note} if isinstance(task.spec, IntMul) and task.spec.note else {}
    row |= {key: identity[key] for key in ("verilog_sha256", "tools", "period")}
    row |= _mapped(task, verilog, top, library, folder) if library else _generic(task, verilog, top, folder)
    write_whole(kept, (json.dumps(row, indent=1, allow_nan=False) + "\n").encode())
    return row


def _generic(task: Task, verilog: str, top: str, folder: Path) -> dict[str, Any]:
    from axmac.gen.mapping import generic_gates

    found = generic_gates(verilog, top, folder)
    checked = _checked(task, found, folder)
    row = {"flow": "generic", "library": None, "checked": checked}
    if checked["mismatches"]:
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
    checked = _checked(task, found, folder)
    about = {name: getattr(library, name) for name in ("name", "sha256", "corner", "voltage", "temperature")}
    row = {"flow": "liberty", "library": about, "checked": checked}
    if checked["mismatches"]:
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


def _checked(task: Task, found: "Mapped | Generic", folder: Path) -> dict[str, Any]:
    from axmac.sim.netlist_work import check_netlist, write_vectors

    vectors = write_vectors(task.spec, task.part, folder / "vectors.npz", task.vectors, task.seed)
    agreement = check_netlist(found.netlist, found.top, task.part, vectors)
    return {"vectors": agreement.compared, "mismatches": agreement.mismatches, "first": agreement.first}
