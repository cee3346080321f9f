"""Plants faults in the adder, MACs and both systolic arrays, one at a time, and sees whether their benches find each.

The multiplier in them has its own mutants, and so has the adder in an array; arrays have 2 x 2 elements.
Precision-scalable MACs go by their ids.
"""

import time
from typing import Any

from amaranth.hdl import Instance, Module, Mux, Signal
from amaranth.lib import wiring

from axmac.gen.component import ComponentText
from axmac.model.spec import FLOAT32, SCALABLE_DESIGNS, InputError, catalog, looks_scalable, parse_scalable_id
from axmac.rtl.accumulate import DEFAULT_ADD_STAGES
from axmac.rtl.blocks import Values
from axmac.rtl.fp_add import FpAddPipeline
from axmac.rtl.mac import FpMac
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.scalable import ScalableMacUnit
from axmac.rtl.systolic_os import OutputStationaryArray, OutputStationaryPe
from axmac.rtl.systolic_ws import WeightStationaryArray, WeightStationaryPe
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.faults_add import adder_faults
from axmac.sim.faults_array import (
    ORDER,
    adder_port_faults,
    array_port_faults,
    element_faults,
    mac_port_faults,
    scalable_port_faults,
)
from axmac.sim.faults_scalable import scalable_faults
from axmac.sim.mutant_parts import FaultyBlock
from axmac.sim.mutate import MutationReport, result_of
from axmac.sim.planting import Mutant, PlantingDesign, selectable
from axmac.sim.simulators import SimulationError

__all__ = ["MUTATED", "is_mutated", "mutant_assembly", "mutate_assembly"]

MUTATED = ("adder", "mac", "systolic-ws", "systolic-os", *(spec.id for spec in SCALABLE_DESIGNS))
"""Names of what can be mutated, besides other precision-scalable MACs."""

_UNIT = catalog["ax_fpm"]
_MODES = {"standard": "", "dg": "data gating", "dvafs": "lanes"}
_SIDE = 2


class _Design(PlantingDesign):
    """Puts faults around the blocks of a precision-scalable MAC, around those of an adder that stands in no array, and
    around the elements of an array.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name.replace('-', '_')}_mutants")
        self._in_array = name.startswith("systolic")
        self._scalable = parse_scalable_id(name) if looks_scalable(name) else None
        self._elements = 0

    def instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """The block with its faults in place of the block."""
        if isinstance(block, WeightStationaryPe | OutputStationaryPe):
            dataflow = "ws" if isinstance(block, WeightStationaryPe) else "os"
            faults = element_faults(dataflow, *divmod(self._elements, _SIDE), _SIDE, _SIDE)
            self._elements += 1
        elif self._scalable:
            faults = scalable_faults(block, self._scalable)
        else:
            faults = [] if self._in_array else adder_faults(block)
        return super().instance(FaultyBlock(block, faults, self) if faults else block, inputs, outputs)


class _OtherOrder(WeightStationaryArray):
    """The weight-stationary array with a fault: weights of row r go to the last row but r."""

    def __init__(self, design: PlantingDesign) -> None:
        super().__init__(_UNIT, _SIDE, _SIDE)
        self._design = design

    def _load_control(self, m: Module, advance: Signal, swap_now: Signal, tile_loaded: Signal) -> list[Signal]:
        loads = super()._load_control(m, advance, swap_now, tile_loaded)
        hit = self._design.selected(m, "order") == self._design.plant(ORDER, "accumulator order")
        return [Mux(hit, other, load) for other, load in zip(reversed(loads), loads, strict=True)]


def is_mutated(name: str) -> bool:
    """Whether a name is one of `MUTATED` or the id of a precision-scalable MAC. ``InputError`` for a wrong such id."""
    return name in MUTATED or (looks_scalable(name) and bool(parse_scalable_id(name)))


def mutant_assembly(name: str) -> tuple[ComponentText, list[Mutant], dict[str, Any]]:
    """The Verilog of what `is_mutated` with all its faults, these, and the settings of its bench."""
    design, module = _Design(name), f"{name.replace('-', '_')}_mutants"
    settings: dict[str, Any] = {"mul": _UNIT.id, "rows": _SIDE, "cols": _SIDE, "add_stages": DEFAULT_ADD_STAGES}
    if looks_scalable(name):
        spec = parse_scalable_id(name)
        block, faults = ScalableMacUnit(spec), scalable_port_faults(_MODES[spec.kind])
        settings = {"mac": spec.id, "latency": block.latency}
    elif name == "adder":
        block, faults = FpAddPipeline(FLOAT32, DEFAULT_ADD_STAGES), adder_port_faults()
        settings |= {"mul": "", "latency": DEFAULT_ADD_STAGES}
    elif name == "mac":
        block, faults = FpMac(_UNIT), mac_port_faults()
        settings |= {"latency": DEFAULT_STAGES + DEFAULT_ADD_STAGES}
    else:
        dataflow = name.rpartition("-")[2]
        block = _OtherOrder(design) if dataflow == "ws" else OutputStationaryArray(_UNIT, _SIDE, _SIDE)
        faults = array_port_faults(dataflow, _SIDE, _UNIT.format.width)
        settings |= {"dataflow": dataflow, "latency": block.latency}
        if dataflow == "ws":
            settings["min_waves"] = max(block.min_waves, block.latency + 1)
        else:
            settings["min_steps"] = block.min_steps
    component = selectable(design, [(FaultyBlock(block, faults, design), module)], {module}, f"{module}_top")
    return component, list(design.mutants.values()), settings


def mutate_assembly(name: str, sim: str = "verilator", n: int = 400, seed: int = 1) -> MutationReport:
    """Build what `is_mutated` once with all its faults and run its bench on each; ``n`` random operands, at most 1,000.

    Raises ``InputError`` for another name, a bad argument or another simulator than Verilator, which gives every
    signal a value; `SimulationError` where it fails without a fault.
    """
    if not is_mutated(name):
        raise InputError(f"no faults are known for {name!r}: use a unit or one of {', '.join(MUTATED)}")
    if sim != "verilator":
        raise InputError(f"mutants of {name!r} run on verilator, not on {sim!r}")
    if n < 1 or seed < 0:
        raise InputError(f"n must be at least 1 and seed at least 0, not {n} and {seed}")
    begin = time.monotonic()
    component, mutants, settings = mutant_assembly(name)
    settings |= {"n": min(n, 1000), "seed": seed, "mutants": [mutant.number for mutant in mutants]}
    bench = Bench("axmac.sim.bench_assembly_mutants", ("mutants",))
    found = run_bench(component, bench, settings, sim)["mutants"]
    if found["0"]:
        raise SimulationError(f"{name} is wrong without a planted fault: {found['0']}")
    results = [result_of(mutant, found[str(mutant.number)], mutant.proof) for mutant in mutants]
    return MutationReport(name, sim, seed, DEFAULT_STAGES, settings["n"], time.monotonic() - begin, results)
