"""A systolic array of a unit through the stages of ``axmac ppa``: Verilog, netlist, golden sums, timing, energy."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axmac.model.spec import InputError, Multiplier

if TYPE_CHECKING:
    from axmac.gen.files import Emitted
    from axmac.gen.liberty import Library

__all__ = ["FORM", "array_size", "measure_array"]

FORM = "2"
"""Changes when the meaning of a figure changes, so that none of an older form is taken for one of this."""
LARGEST_SIZE = 32

_COMPUTING = {"out_ready": 1, "weight_valid": 0}
"""Ports of an array that computes without a stall, and loads no weights meanwhile."""


def array_size(text: str) -> tuple[int, int]:
    """Rows and columns of ``8x8``. ``InputError`` for anything else, and for more than ``LARGEST_SIZE`` of either."""
    rows, _, cols = text.partition("x")
    if not (rows.isdecimal() and cols.isdecimal() and 1 <= int(rows) <= LARGEST_SIZE >= int(cols) >= 1):
        raise InputError(f"--array must be ROWSxCOLS, each 1 to {LARGEST_SIZE}, for example 8x8, not {text!r}")
    return int(rows), int(cols)


def measure_array(
    spec: Multiplier,
    emitted: "Emitted",
    size: tuple[int, int],
    library: "Library",
    folder: Path,
    period: float,
    sums: int,
    seed: int,
) -> dict[str, Any]:
    """Figures of a weight-stationary array as emitted, results taken at once: only where at least ``sums`` sums of its
    netlist agree with golden.

    ``area`` of all and of one ``element``, in the library's unit; ``registers``; ``delay`` in ns from register to
    register; ``energy`` in pJ per product and sum: of its ``element``, of a share of the ``frame`` around the elements,
    and their ``total``. Clock, stall and the strobes that load weights are taken to arrive everywhere at once and for
    nothing: their trees belong to layout.
    """
    from axmac.gen.array_mapping import map_array
    from axmac.gen.power import PowerModel
    from axmac.gen.sta import analyse
    from axmac.sim.array_work import run_array
    from axmac.sim.netlist import Netlist
    from axmac.sim.transitions import read_delays

    found = map_array(emitted, *size, library, folder)
    names = (found.element.top, found.frame.top)
    element, frame = (
        Netlist(found.frame.netlist, name, part) for name, part in zip(names, ("", names[0]), strict=True)
    )
    drivers = [f"{found.inner}/{gate.pin}" for gate in (*element.gates, *element.registers)]
    drivers += [gate.pin for gate in (*frame.gates, *frame.registers)]
    timing = analyse(found.frame, library, period, drivers, folder, clock="clk", fixed=_COMPUTING)
    delays = read_delays(timing.sdf)
    inside = {pin.removeprefix(f"{found.inner}/"): delay for pin, delay in delays.items()}
    activity = folder / "activity.json"
    agreement = run_array(spec, size, found.latency, (element, frame), (inside, delays), sums, seed, activity)
    checked = {"vectors": agreement.compared, "mismatches": agreement.mismatches, "first": agreement.first}
    row: dict[str, Any] = {"rows": size[0], "cols": size[1], "module": names[1], "checked": checked}
    if agreement.mismatches:
        return row
    counted = json.loads(activity.read_text(encoding="utf-8"))
    parts = (("element", found.element, timing.of(found.inner), 1), ("frame", found.frame, timing, size[0] * size[1]))
    energy: dict[str, float] = {}
    for name, mapped, times, macs in parts:
        per_cycle = counted[name] | {"clk[0]": 2.0}  # a rise and a fall
        energy[name] = PowerModel(mapped, library, times).energy(per_cycle, period).total / macs
    return row | {
        "latency": found.latency,
        "area": found.area,
        "element": found.element.area,
        "registers": len(element.registers) * size[0] * size[1] + len(frame.registers),
        "delay": timing.delay,
        "energy": energy | {"total": sum(energy.values())},
        "glitches": agreement.glitches,
        "products": agreement.macs,
    }
