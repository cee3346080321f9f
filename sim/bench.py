"""The cocotb bench of every floating-point multiplier: runs inside the simulator, started by `axmac.sim.verify`.

Driver, input monitor, golden model and output monitor meet in a `Scoreboard`: the golden model computes from what the
input monitor saw on the pins, not from what the driver meant to send. Drivers change pins after the rising edge of the
clock; monitors look at the falling edge, when everything has settled, so that no simulator's event order matters.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import Timer

import axmac.model.spec
from axmac.model.spec import Multiplier
from axmac.sim.coverage import Coverage
from axmac.sim.directed import directed_pairs
from axmac.sim.pins import read_settings
from axmac.sim.pipeline_bench import PipelineBench
from axmac.sim.scoreboard import Scoreboard
from axmac.sim.stimulus import class_pairs, random_pairs, significand_pairs, stimulus

__all__ = ["Settings", "core", "full_load", "pipeline", "unit_of"]

_IDLE = 0.2
_STALL = 0.2


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
        return cls(**read_settings())

    def unit(self) -> Multiplier:
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


def unit_of(text: str) -> Multiplier:
    """The spec that a text constructs from the names of `axmac.model.spec`."""
    return eval(text, {"__builtins__": {}}, vars(axmac.model.spec))


@cocotb.test()
async def core(dut: HierarchyObject) -> None:
    """The combinational module: one product per time step, among them all pairs of significands of 8 bits."""
    settings = Settings.load()
    spec = settings.unit()
    board = Scoreboard(spec, Coverage(spec))
    a, b, p, step = dut.a, dut.b, dut.p, Timer(1, "ns")
    pairs = settings.operands(settings.seed)
    every = significand_pairs(spec) if settings.directed else ([], [])
    pairs = tuple(np.concatenate(operand).astype(pairs[0].dtype) for operand in zip(pairs, every, strict=True))
    for operand_a, operand_b in _pairs(pairs):
        a.value = operand_a
        b.value = operand_b
        await step
        board.observe_input(int(a.value), int(b.value))
        board.observe_output(int(p.value))
    _finish(settings, "core", board, len(pairs[0]), exhaustive=len(every[0]))


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


def _pairs(operands: tuple) -> Iterable[tuple[int, int]]:
    return zip(*(operand.tolist() for operand in operands), strict=True)


def _finish(settings: Settings, key: str, board: Scoreboard, expected: int, **figures: int) -> None:
    board.finish(expected)
    settings.add_to_report(key, board.as_dict() | figures)
    assert board.mismatches == 0, board.first
