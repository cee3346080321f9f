"""The cocotb bench of the float32 adder and of MACs: runs inside the simulator, started by `axmac.sim.arrays`.

Settings: ``mul``, the id of a MAC's multiplier, empty for the adder; ``n``, ``seed``.
"""

import random

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import with_timeout

from axmac.model.golden import add, convert, multiply
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, as_spec
from axmac.sim.add_stimulus import add_stimulus
from axmac.sim.pins import PERIOD_NS, StreamMonitor, clock_and_reset, first_difference, read_settings, send, take, write
from axmac.sim.stimulus import stimulus

__all__ = ["full_load", "stalls"]


@cocotb.test()
async def stalls(dut: HierarchyObject) -> None:
    """All of the stimulus, with random pauses on both streams."""
    await _run(dut, "stalls", pause=0.1)


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """Without pauses: latency and bubbles."""
    await _run(dut, "full_load", pause=0, at_most=500)


class _Adder:
    """total = a + b."""

    inputs, output = ("a", "b"), "out_total"

    def __init__(self, settings: dict) -> None:
        self.operands = add_stimulus(settings["n"], settings["seed"])

    def golden(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return add(FLOAT32, a.astype(np.uint32), b.astype(np.uint32))


class _Mac:
    """sum = acc + a * b; half of the accumulators are near the product's negative, the others of any class."""

    inputs, output = ("a", "b", "acc"), "out_sum"

    def __init__(self, settings: dict) -> None:
        self._spec = as_spec(settings["mul"])
        a, b = stimulus(self._spec, settings["n"], settings["seed"])
        rng = np.random.default_rng(settings["seed"])
        near = (self._product(a, b) ^ np.uint32(1 << 31)) + rng.integers(-3, 4, len(a)).astype(np.uint32)
        anything = rng.permutation(add_stimulus(len(a), settings["seed"])[0])[: len(a)]
        self.operands = a, b, np.where(rng.random(len(a)) < 0.5, near, anything)

    def _product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        dtype = pattern_dtype(self._spec.format)
        return convert(self._spec.result_format, FLOAT32, multiply(self._spec, a.astype(dtype), b.astype(dtype)))

    def golden(self, a: np.ndarray, b: np.ndarray, acc: np.ndarray) -> np.ndarray:
        return add(FLOAT32, acc.astype(np.uint32), self._product(a, b))


async def _run(dut: HierarchyObject, key: str, *, pause: float, at_most: int | None = None) -> None:
    settings = read_settings()
    unit = _Mac(settings) if settings["mul"] else _Adder(settings)
    operands = [values[:at_most].tolist() for values in unit.operands]
    count = len(operands[0])
    rng = random.Random(settings["seed"])
    await clock_and_reset(dut, ("in_valid", "out_ready"))
    inputs = StreamMonitor(dut, "in_valid", "in_ready", tuple(f"in_{port}" for port in unit.inputs))
    outputs = StreamMonitor(dut, "out_valid", "out_ready", (unit.output,))
    items = (dict(zip(unit.inputs, values, strict=True)) for values in zip(*operands, strict=True))
    tasks = [
        cocotb.start_soon(task)
        for task in (send(dut, "in_", items, rng, pause), take(dut, "out_ready", rng, pause), inputs.run())
    ]
    done = cocotb.start_soon(outputs.run(lambda: len(outputs.items) == count))
    await with_timeout(done, PERIOD_NS * (10 * count + 100), "ns")
    for task in tasks:
        task.cancel()
    seen = np.array(inputs.items[:count], np.uint64)
    dut_results = np.array(outputs.items, np.uint64)[:, 0].astype(np.uint32)
    golden = unit.golden(*seen.T)
    wrong, first = first_difference(golden, dut_results)
    if wrong:
        first += f" of {[hex(value) for value in seen[np.flatnonzero(golden != dut_results)[0]].tolist()]}"
    figures = {
        "compared": count,
        "mismatches": wrong,
        "first": first,
        "latency": outputs.cycles[0] - inputs.cycles[0],
        "bubbles": outputs.cycles[-1] - outputs.cycles[0] + 1 - count,
        "protocol_errors": outputs.protocol_errors,
    }
    write(settings, key, figures)
    assert wrong == 0, first
