"""The cocotb bench of many combinational multipliers side by side, started by `axmac.sim.lanes`."""

import time
from collections.abc import Iterator

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import Timer

from axmac.model.golden import multiply
from axmac.model.spec import Multiplier
from axmac.sim.bench import unit_of
from axmac.sim.pins import read_settings, write
from axmac.sim.scoreboard import Scoreboard
from axmac.sim.stimulus import random_pairs, significand_pairs
from axmac.sim.wide_ports import port_values, products_of

__all__ = ["lanes"]

_BLOCK = 1 << 16


@cocotb.test()
async def lanes(dut: HierarchyObject) -> None:
    """Compare products block by block and report the time that each part of it took."""
    settings = read_settings()
    spec, count = unit_of(settings["spec"]), settings["lanes"]
    board = Scoreboard(spec)
    seconds = {"all": -time.perf_counter(), "stimulus": 0.0, "simulator": 0.0, "golden": 0.0}
    for a, b in _blocks(spec, settings, seconds):
        begin = time.perf_counter()
        products = await _multiply(dut, spec, count, (a, b))
        simulated = time.perf_counter()
        golden = multiply(spec, a, b)
        seconds["golden"] += time.perf_counter() - simulated
        seconds["simulator"] += simulated - begin
        board.compare(a, b, products, golden)
    seconds["all"] += time.perf_counter()
    write(settings, "lanes", board.as_dict() | {"seconds": seconds})


def _blocks(spec: Multiplier, settings: dict, seconds: dict[str, float]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs of significands where they have at most 8 bits, then random pairs; whole blocks."""
    every = significand_pairs(spec)
    if every[0].size:
        yield every
    for number in range(-(-settings["n"] // _BLOCK)):
        begin = time.perf_counter()
        pairs = random_pairs(spec, _BLOCK, [settings["seed"], number])
        order = np.random.default_rng([settings["seed"], number]).permutation(_BLOCK)
        seconds["stimulus"] += time.perf_counter() - begin
        yield tuple(operand[order] for operand in pairs)


async def _multiply(dut: HierarchyObject, spec: Multiplier, count: int, operands: tuple) -> np.ndarray:
    """The products of one block, ``count`` of them in each time step."""
    port_a, port_b, port_p, step = dut.a, dut.b, dut.p, Timer(1, "ns")
    texts = []
    for a, b in zip(*(port_values(operand, spec.format.width, count) for operand in operands), strict=True):
        port_a.value, port_b.value = a, b
        await step
        texts.append(str(port_p.value))
    return products_of(texts, spec, count)[: operands[0].size]
