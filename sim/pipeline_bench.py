"""Drivers and monitors of the pipelined multiplier.

Drivers change pins after the rising edge of the clock; monitors look at the falling edge, when everything has settled,
so that no simulator's event order matters.
"""

import contextlib
import random
from collections.abc import Iterable

import cocotb
from cocotb.clock import Clock
from cocotb.handle import HierarchyObject
from cocotb.triggers import FallingEdge, RisingEdge, SimTimeoutError, with_timeout

from axmac.sim.scoreboard import Scoreboard

__all__ = ["PipelineBench"]

_PERIOD_NS = 2
_CYCLES_PER_PRODUCT = 20
_CYCLES_BEFORE_RESET = 8


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
