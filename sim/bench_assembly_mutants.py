"""The cocotb bench that looks for every mutant of adder, MACs and arrays, started by `axmac.sim.mutate_assembly`.

Settings: those of `axmac.sim.bench_arithmetic`, `axmac.sim.bench_array` or `axmac.sim.bench_scalable`, ``latency`` of
the right component, and ``mutants``, the numbers of all faults.
"""

from functools import partial

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject

from axmac.model.spec import parse_scalable_id
from axmac.sim.bench_arithmetic import Adder, Mac
from axmac.sim.bench_arithmetic import measure as measure_sums
from axmac.sim.bench_array import Load
from axmac.sim.bench_array import measure as measure_matrices
from axmac.sim.bench_scalable import difference
from axmac.sim.bench_scalable import measure as measure_lanes
from axmac.sim.pins import first_difference, read_settings, write
from axmac.sim.scalable_stimulus import class_items, random_items
from axmac.sim.streamed import Streamed

__all__ = ["mutants"]

_PAUSED = 300
_LOADS = (Load(4, 0.3, specials=0.02), Load(3, 0), Load(4, 0, 0.95))


@cocotb.test()
async def mutants(dut: HierarchyObject) -> None:
    """Report for every number what found it, an empty text for nothing.

    0 is the component without a fault; it comes last once more, so that no mutant leaves anything behind.
    """
    settings = read_settings()
    if "mac" in settings:
        find = _in_lanes
    elif "dataflow" in settings:
        find = _in_matrices
    else:
        find = partial(_in_sums, unit=(Mac if settings["mul"] else Adder)(settings | {"directed": True}))
    found: dict[str, str] = {}
    for number in (0, *settings["mutants"], 0):
        dut.mutant.value = number
        found[str(number)] = found.get(str(number), "") or await find(dut, settings)
    write(settings, "mutants", found)


async def _in_sums(dut: HierarchyObject, settings: dict, unit: Adder | Mac) -> str:
    few = np.random.default_rng(settings["seed"]).permutation(len(unit.operands[0]))[:_PAUSED]
    for what, operands, pause in (
        ("random pauses", [values[few] for values in unit.operands], 0.2),
        ("full load", unit.operands, 0.0),
    ):
        seen, results, found = await measure_sums(dut, unit, operands, settings["seed"], pause)
        sent = np.array(operands, np.uint64).T
        if not np.array_equal(seen, sent):
            return f"{what}: {len(seen)} of {len(sent)} operands were taken"
        wrong, first = first_difference(unit.golden(*seen.T), results)
        if said := _wrong(found, wrong, first, None if pause else settings["latency"]):
            return f"{what}: {said}"
    return ""


async def _in_lanes(dut: HierarchyObject, settings: dict) -> str:
    spec = parse_scalable_id(settings["mac"])
    items = class_items(spec, settings["seed"]) + random_items(spec, settings["n"], settings["seed"])
    np.random.default_rng(settings["seed"]).shuffle(items)
    for what, sent, pause in (("random pauses", items[:_PAUSED], 0.2), ("full load", items, 0.0)):
        taken, golden, found = await measure_lanes(dut, spec, sent, settings["seed"], pause)
        if len(taken) != len(sent):
            return f"{what}: {len(taken)} of {len(sent)} products were taken"
        wrong, first = difference(spec, golden, found.results, taken)
        if said := _wrong(found, wrong, first, None if pause else settings["latency"]):
            return f"{what}: {said}"
    return ""


def _wrong(found: Streamed, mismatches: int, first: str, latency: int | None) -> str:
    """What is wrong with a stream, empty for nothing; ``latency``: what it must have at full load, None with pauses."""
    if mismatches or found.protocol_errors:
        return first or "the output changed while it waited"
    if latency is not None and (found.latency, found.bubbles) != (latency, 0):
        return f"latency {found.latency} instead of {latency}, {found.bubbles} bubbles"
    return ""


async def _in_matrices(dut: HierarchyObject, settings: dict) -> str:
    loads = [*_LOADS, *([Load(2, 0, slots=1)] if settings["dataflow"] == "os" else [])]
    for load in loads:
        seen = await measure_matrices(dut, settings, load)
        if seen.mismatches or seen.protocol_errors:
            return f"{load}: {seen.first or 'the output changed while it waited'}"
        if load == _LOADS[1] and (seen.latency, seen.cycles) != (settings["latency"], seen.waves):
            return (
                f"{load}: latency {seen.latency} instead of {settings['latency']}, {seen.cycles - seen.waves} bubbles"
            )
    return ""
