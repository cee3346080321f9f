"""One stream of operands into a module and one of results out of it, with random pauses, watched on the pins."""

import contextlib
import random
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.handle import HierarchyObject
from cocotb.triggers import SimTimeoutError, with_timeout

from axmac.sim.pins import PERIOD_NS, StreamMonitor, Streams, clock_and_reset, send, take

__all__ = ["Streamed", "streamed"]


@dataclass(frozen=True)
class Streamed:
    """What the monitors saw: the operands that were taken, the results, and what the streams did.

    ``latency`` and ``bubbles`` are in cycles, -1 where no result came; ``streams`` are hits of the handshake's bins.
    """

    taken: list[tuple[int, ...]]
    results: list[int]
    latency: int
    bubbles: int
    protocol_errors: int
    streams: dict[str, int]

    def figures(self, mismatches: int, first: str, bins: dict[str, int]) -> dict[str, Any]:
        """What a bench writes: these counts beside those of its comparison, and its bins with the handshake's."""
        return {
            "compared": len(self.results),
            "mismatches": mismatches,
            "first": first,
            "latency": self.latency,
            "bubbles": self.bubbles,
            "protocol_errors": self.protocol_errors,
            "bins": bins | {f"streams: {name}": count for name, count in self.streams.items()},
        }


async def streamed(dut: HierarchyObject, items: list[dict[str, int]], output: str, seed: int, pause: float) -> Streamed:
    """Reset, send all items (a value per port ``in_<name>``) and take the results at port ``output``.

    What has not come after a long time is missing.
    """
    count, rng, inputs_of = len(items), random.Random(seed), tuple(f"in_{port}" for port in items[0])
    clock = await clock_and_reset(dut, ("in_valid", "out_ready"))
    inputs = StreamMonitor(dut, "in_valid", "in_ready", inputs_of)
    outputs = StreamMonitor(dut, "out_valid", "out_ready", (output,))
    streams = Streams(dut)
    sides = (send(dut, "in_", items, rng, pause), take(dut, "out_ready", rng, pause), inputs.run(), streams.run())
    tasks = [clock, *(cocotb.start_soon(task) for task in sides)]
    done = cocotb.start_soon(outputs.run(lambda: len(outputs.items) == count))
    with contextlib.suppress(SimTimeoutError):
        await with_timeout(done, PERIOD_NS * (10 * count + 100), "ns")
    for task in (*tasks, done):
        task.cancel()
    return Streamed(
        inputs.items[:count],
        [result for (result,) in outputs.items],
        outputs.cycles[0] - inputs.cycles[0] if outputs.cycles else -1,
        outputs.cycles[-1] - outputs.cycles[0] + 1 - count if outputs.cycles else -1,
        outputs.protocol_errors,
        streams.hits,
    )
