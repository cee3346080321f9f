"""The cocotb bench of the float32 adder: runs inside the simulator, started by `axmac.sim.arithmetic`."""

import random

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import with_timeout

from axmac.model.golden import add
from axmac.model.spec import FLOAT32
from axmac.sim.add_stimulus import add_stimulus
from axmac.sim.pins import PERIOD_NS, StreamMonitor, clock_and_reset, first_difference, read_settings, send, take, write

__all__ = ["full_load", "stalls"]


@cocotb.test()
async def stalls(dut: HierarchyObject) -> None:
    """All of the stimulus, with random pauses on both streams."""
    settings = read_settings()
    a, b = add_stimulus(settings["n"], settings["seed"])
    await _run(dut, "stalls", a, b, pause=0.1)


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """Without pauses: latency and bubbles."""
    settings = read_settings()
    a, b = add_stimulus(500, settings["seed"] + 1)
    await _run(dut, "full_load", a[-500:], b[-500:], pause=0)


async def _run(dut: HierarchyObject, key: str, a: np.ndarray, b: np.ndarray, *, pause: float) -> None:
    settings = read_settings()
    rng = random.Random(settings["seed"])
    await clock_and_reset(dut, ("in_valid", "out_ready"))
    inputs = StreamMonitor(dut, "in_valid", "in_ready", ("in_a", "in_b"))
    outputs = StreamMonitor(dut, "out_valid", "out_ready", ("out_total",))
    pairs = ({"a": x, "b": y} for x, y in zip(a.tolist(), b.tolist(), strict=True))
    tasks = [
        cocotb.start_soon(task)
        for task in (send(dut, "in_", pairs, rng, pause), take(dut, "out_ready", rng, pause), inputs.run())
    ]
    done = cocotb.start_soon(outputs.run(lambda: len(outputs.items) == len(a)))
    await with_timeout(done, PERIOD_NS * (10 * len(a) + 100), "ns")
    for task in tasks:
        task.cancel()
    seen = np.array(inputs.items[: len(a)], np.uint32)
    golden = add(FLOAT32, seen[:, 0], seen[:, 1])
    wrong, first = first_difference(golden, np.array(outputs.items, np.uint32)[:, 0])
    figures = {
        "compared": len(outputs.items),
        "mismatches": wrong,
        "first": first,
        "latency": outputs.cycles[0] - inputs.cycles[0],
        "bubbles": outputs.cycles[-1] - outputs.cycles[0] + 1 - len(outputs.cycles),
        "protocol_errors": inputs.protocol_errors + outputs.protocol_errors,
    }
    write(settings, key, figures)
    assert wrong == 0, first
