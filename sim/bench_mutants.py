"""The cocotb bench that looks for every mutant of a multiplier, started by `axmac.sim.mutate`."""

import random
from collections.abc import Sequence

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import Timer

from axmac.model.golden import multiply
from axmac.model.spec import Multiplier
from axmac.sim.bench import unit_of
from axmac.sim.directed import directed_pairs
from axmac.sim.pins import read_settings, write
from axmac.sim.pipeline_bench import PipelineBench
from axmac.sim.scoreboard import Scoreboard
from axmac.sim.stimulus import class_pairs, random_pairs, significand_pairs

__all__ = ["mutants"]

_PIPELINE_PRODUCTS = 300
_PAUSES = {"random pauses": 0.2, "full load": 0.0}


@cocotb.test()
async def mutants(dut: HierarchyObject) -> None:
    """Report for every mutant number what found it; an empty text for nothing.

    Number 0 is the unit without a fault and goes through all checks. Mutants of the combinational module get the
    operands of ``axmac verify``, one pair after the other up to the first wrong product (those that are proven to
    change nothing no random ones); the others get some of them through the pipelined module, with random pauses and
    without.
    """
    settings = read_settings()
    spec = unit_of(settings["spec"])
    drawn = random_pairs(spec, settings["n"], settings["seed"])
    parts = directed_pairs(spec), class_pairs(spec), drawn, significand_pairs(spec)
    a, b = (np.concatenate(operand) for operand in zip(*parts, strict=True))
    vectors = list(zip(a.tolist(), b.tolist(), multiply(spec, a, b).tolist(), strict=True))
    found = {}
    shown = vectors[: sum(part[0].size for part in parts[:2])]
    few = random.Random(settings["seed"]).sample(shown, min(_PIPELINE_PRODUCTS, len(shown)))
    for number, in_core, proven in [(0, True, False), *settings["mutants"]]:
        dut.mutant.value = number
        tried = shown if proven else vectors
        found[str(number)] = await _in_core(dut, tried) if in_core else ""
        if number == 0 or not in_core:
            found[str(number)] += await _in_pipeline(dut, spec, few, settings)
    write(settings, "mutants", found)


async def _in_core(dut: HierarchyObject, vectors: Sequence[tuple[int, int, int]]) -> str:
    a, b, p, step = dut.a, dut.b, dut.p, Timer(1, "ns")
    for tried, (operand_a, operand_b, product) in enumerate(vectors, start=1):
        a.value = operand_a
        b.value = operand_b
        await step
        actual = int(p.value)
        if actual != product:
            return f"product {tried}: a=0x{operand_a:x} b=0x{operand_b:x} golden=0x{product:x} dut=0x{actual:x}"
    return ""


async def _in_pipeline(
    dut: HierarchyObject, spec: Multiplier, vectors: Sequence[tuple[int, int, int]], settings: dict
) -> str:
    for name, pause in _PAUSES.items():
        bench = PipelineBench(dut, Scoreboard(spec), random.Random(settings["seed"]))
        await bench.run([pair[:2] for pair in vectors], len(vectors), idle=pause, stall=pause)
        bench.board.finish(len(vectors))
        if bench.board.mismatches:
            return f"{name}: {bench.board.first.splitlines()[0]}"
        if bench.protocol_errors:
            return f"{name}: the output changed while it waited"
        if not pause and bench.latency != settings["stages"]:
            return f"{name}: latency {bench.latency} instead of {settings['stages']}"
        if not pause and bench.bubbles:
            return f"{name}: {bench.bubbles} cycles without a product"
    return ""
