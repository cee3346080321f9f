"""The cocotb bench of every floating-point multiplier: runs inside the simulator, started by `axmac.sim.verify`.

Driver, input monitor, golden model and output monitor meet in a `Scoreboard`: the golden model computes from what the
input monitor saw on the pins, not from what the driver meant to send. Drivers change pins after the rising edge of the
clock; monitors look at the falling edge, when everything has settled, so that no simulator's event order matters.
"""

import contextlib
import json
import os
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.handle import HierarchyObject
from cocotb.triggers import FallingEdge, RisingEdge, SimTimeoutError, Timer, with_timeout

import axmac.model.spec
from axmac.model.spec import FpMul
from axmac.sim.coverage import Coverage
from axmac.sim.directed import directed_pairs
from axmac.sim.scoreboard import Scoreboard
from axmac.sim.stimulus import class_pairs, random_pairs, stimulus

__all__ = ["SETTINGS_VARIABLE", "PipelineBench", "Settings", "core", "full_load", "pipeline", "unit_of"]

SETTINGS_VARIABLE = "AXMAC_BENCH"
"""The environment variable that names the settings file."""

_PERIOD_NS = 2
_IDLE = 0.2
_STALL = 0.2
_CYCLES_PER_PRODUCT = 20
_CYCLES_BEFORE_RESET = 8


@dataclass(frozen=True)
class Settings:
    """What `axmac.sim.verify` asks for: the spec as text, ``n`` random products from ``seed``, the report's place.

    ``directed`` adds all pairs of classes and the pairs that close the coverage.
    """

    spec: str
    stages: int
    n: int
    seed: int
    directed: bool
    report: str

    @classmethod
    def load(cls) -> "Settings":
        """The settings of this simulation."""
        return cls(**json.loads(Path(os.environ[SETTINGS_VARIABLE]).read_text()))

    def unit(self) -> FpMul:
        """The spec under test."""
        return unit_of(self.spec)

    def operands(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """The operand pairs (a, b)."""
        spec = self.unit()
        if not self.directed:
            return random_pairs(spec, self.n, seed)
        parts = zip(stimulus(spec, self.n, seed), directed_pairs(spec), strict=True)
        return tuple(np.concatenate(operand) for operand in parts)

    def add_to_report(self, key: str, value: dict) -> None:
        """Write one test's result beside those of the others."""
        path = Path(self.report)
        report = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(report | {key: value}))


def unit_of(text: str) -> FpMul:
    """The spec that a text constructs from the names of `axmac.model.spec`."""
    return eval(text, {"__builtins__": {}}, vars(axmac.model.spec))


@cocotb.test()
async def core(dut: HierarchyObject) -> None:
    """The combinational module: one product per time step."""
    settings = Settings.load()
    spec = settings.unit()
    board = Scoreboard(spec, Coverage(spec))
    a, b, p, step = dut.a, dut.b, dut.p, Timer(1, "ns")
    pairs = settings.operands(settings.seed)
    for operand_a, operand_b in _pairs(pairs):
        a.value = operand_a
        b.value = operand_b
        await step
        board.observe_input(int(a.value), int(b.value))
        board.observe_output(int(p.value))
    _finish(settings, "core", board, len(pairs[0]))


@cocotb.test()
async def pipeline(dut: HierarchyObject) -> None:
    """The pipelined module, with random pauses on both streams."""
    settings = Settings.load()
    spec = settings.unit()
    a, b = settings.operands(settings.seed + 1)
    board = Scoreboard(spec, Coverage(spec, settings.stages))
    bench = PipelineBench(dut, board, random.Random(settings.seed))
    await bench.run(_pairs((a, b)), len(a), idle=_IDLE, stall=_STALL)
    _finish(settings, "pipeline", bench.board, len(a), protocol_errors=bench.protocol_errors)


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """The pipelined module without pauses: its latency, and the cycles that all class pairs take."""
    settings = Settings.load()
    spec = settings.unit()
    a, b = class_pairs(spec)
    bench = PipelineBench(dut, Scoreboard(spec), random.Random(settings.seed))
    await bench.run(_pairs((a, b)), len(a), idle=0, stall=0)
    figures = {"latency": bench.latency, "bubbles": bench.bubbles, "protocol_errors": bench.protocol_errors}
    _finish(settings, "full_load", bench.board, len(a), **figures)


class PipelineBench:
    """Drivers and monitors of the two streams.

    ``input_cycles`` and ``output_cycles`` hold the cycle of every transfer. ``protocol_errors`` counts the cycles in
    which ``out_valid`` fell or ``out_p`` changed although ``out_ready`` had been low.
    """

    def __init__(self, dut: HierarchyObject, board: Scoreboard, rng: random.Random) -> None:
        self.board = board
        self.input_cycles: list[int] = []
        self.output_cycles: list[int] = []
        self.protocol_errors = 0
        self._dut = dut
        self._rng = rng
        self._rising, self._falling = RisingEdge(dut.clk), FallingEdge(dut.clk)

    async def run(self, pairs: Iterable[tuple[int, int]], count: int, *, idle: float, stall: float) -> None:
        """Reset the module, send all pairs and wait for ``count`` products.

        ``idle`` and ``stall`` are the probabilities per cycle that the source or the sink pauses.
        """
        clock = cocotb.start_soon(Clock(self._dut.clk, _PERIOD_NS, "ns").start())
        await self._reset()
        tasks = [cocotb.start_soon(self._source(pairs, idle)), cocotb.start_soon(self._sink(stall))]
        tasks.append(cocotb.start_soon(self._monitor_input()))
        limit = _PERIOD_NS * (_CYCLES_PER_PRODUCT * count + 100)
        with contextlib.suppress(SimTimeoutError):  # the scoreboard counts what is missing then
            await with_timeout(cocotb.start_soon(self._monitor_output(count)), limit, "ns")
        for task in (*tasks, clock):
            task.cancel()

    @property
    def latency(self) -> int:
        """Cycles from the first operands to the first product; -1 where none came."""
        return self.output_cycles[0] - self.input_cycles[0] if self.output_cycles else -1

    @property
    def bubbles(self) -> int:
        """Cycles without a product between the first and the last one."""
        cycles = self.output_cycles
        return cycles[-1] - cycles[0] + 1 - len(cycles) if cycles else 0

    async def _reset(self) -> None:
        """Reset for one cycle while the pipeline is full of operands, which must not come out."""
        self._dut.rst.value = 0
        self._dut.out_ready.value = 1
        self._dut.in_valid.value = 1
        for _ in range(_CYCLES_BEFORE_RESET):
            await self._rising
        self._dut.in_valid.value = 0
        self._dut.out_ready.value = 0
        self._dut.rst.value = 1
        await self._rising
        self._dut.rst.value = 0

    async def _source(self, pairs: Iterable[tuple[int, int]], idle: float) -> None:
        valid, ready, a, b = self._dut.in_valid, self._dut.in_ready, self._dut.in_a, self._dut.in_b
        for operand_a, operand_b in pairs:
            while self._rng.random() < idle:
                valid.value = 0
                await self._rising
            valid.value = 1
            a.value = operand_a
            b.value = operand_b
            accepted = False
            while not accepted:
                await self._falling
                accepted = bool(ready.value)
                await self._rising
        valid.value = 0

    async def _sink(self, stall: float) -> None:
        while True:
            self._dut.out_ready.value = int(self._rng.random() >= stall)
            await self._rising

    async def _monitor_input(self) -> None:
        valid, ready, a, b = self._dut.in_valid, self._dut.in_ready, self._dut.in_a, self._dut.in_b
        cycle = 0
        while True:
            await self._falling
            if valid.value and ready.value:
                self.board.observe_input(int(a.value), int(b.value))
                self.input_cycles.append(cycle)
            cycle += 1

    async def _monitor_output(self, count: int) -> None:
        valid, ready, p = self._dut.out_valid, self._dut.out_ready, self._dut.out_p
        in_valid, in_ready = self._dut.in_valid, self._dut.in_ready
        cycle, waiting = 0, None
        while len(self.output_cycles) < count:
            await self._falling
            offered = int(p.value) if valid.value else None
            if waiting is not None and offered != waiting:
                self.protocol_errors += 1
            waiting = offered
            if offered is not None and ready.value:
                self.board.observe_output(offered)
                self.output_cycles.append(cycle)
                waiting = None
            if self.board.coverage:
                taken = {"in_valid": bool(in_valid.value), "in_ready": bool(in_ready.value)}
                given = {"out_valid": offered is not None, "out_ready": bool(ready.value)}
                self.board.coverage.update_streams(**taken, **given)
            cycle += 1


def _pairs(operands: tuple) -> Iterable[tuple[int, int]]:
    return zip(*(operand.tolist() for operand in operands), strict=True)


def _finish(settings: Settings, key: str, board: Scoreboard, expected: int, **figures: int) -> None:
    board.finish(expected)
    settings.add_to_report(key, board.as_dict() | figures)
    assert board.mismatches == 0, board.first
