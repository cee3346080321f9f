"""What the benches of arrays, adders and MACs share: settings, reset, streams with random pauses, monitors."""

import json
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.handle import HierarchyObject, ValueObjectBase
from cocotb.task import Task
from cocotb.triggers import FallingEdge, RisingEdge

from axmac.sim.bins import STREAM_BINS, stream_bin
from axmac.sim.builds import BENCH_SETTINGS

__all__ = [
    "PERIOD_NS",
    "StreamMonitor",
    "Streams",
    "clock_and_reset",
    "first_difference",
    "read_settings",
    "send",
    "settled",
    "take",
    "write",
]

PERIOD_NS = 2


def read_settings() -> dict[str, Any]:
    """The settings of this simulation."""
    return json.loads(Path(os.environ[BENCH_SETTINGS]).read_text())


def write(settings: dict[str, Any], key: str, figures: dict[str, Any]) -> None:
    """Write one test's figures beside those of the others."""
    path = Path(settings["report"])
    report = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(report | {key: figures}))


async def clock_and_reset(dut: HierarchyObject, low: Iterable[str]) -> Task:
    """Start the clock, set the inputs named in ``low`` to 0 and reset the module for two cycles; gives the clock."""
    clock = cocotb.start_soon(Clock(dut.clk, PERIOD_NS, "ns").start())
    for name in low:
        getattr(dut, name).value = 0
    dut.rst.value = 1
    for _ in range(2):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    return clock


async def send(
    dut: HierarchyObject, prefix: str, items: Iterable[dict[str, int] | None], rng: random.Random, pause: float
) -> None:
    """Send every item, a value per port ``<prefix><port>``, with a random pause before it.

    ``pause`` is the probability per cycle; an item None is a cycle without anything to send. In a pause the payload is
    random: nobody may read it. Pins change after the rising edge; ready is read at the falling edge.
    """
    rising, falling = RisingEdge(dut.clk), FallingEdge(dut.clk)
    valid, ready = getattr(dut, f"{prefix}valid"), getattr(dut, f"{prefix}ready")
    for item in items:
        if item is None:
            valid.value = 0
            await rising
            continue
        while rng.random() < pause:
            valid.value = 0
            for port in item:
                pin = getattr(dut, f"{prefix}{port}")
                pin.value = rng.getrandbits(len(pin))
            await rising
        valid.value = 1
        for port, value in item.items():
            getattr(dut, f"{prefix}{port}").value = value
        accepted = False
        while not accepted:
            await falling
            accepted = bool(ready.value)
            await rising
    valid.value = 0


def settled(pin: ValueObjectBase) -> int:
    """The value of a pin; 0 where nothing has driven it yet."""
    text = str(pin.value)
    return int(text, 2) if set(text) <= {"0", "1"} else 0


async def take(dut: HierarchyObject, ready_port: str, rng: random.Random, pause: float) -> None:
    """Be ready in every cycle except for a share ``pause`` of them."""
    while True:
        getattr(dut, ready_port).value = int(rng.random() >= pause)
        await RisingEdge(dut.clk)


@dataclass
class StreamMonitor:
    """Watches a stream at the falling edge, when everything has settled.

    ``cycles`` and ``items`` hold every transfer. ``protocol_errors`` counts the cycles in which valid fell or a payload
    changed although the transfer had not taken place. ``payload`` names the ports ``<prefix><port>`` that are read.
    """

    dut: HierarchyObject
    valid: str
    ready: str
    payload: tuple[str, ...]
    cycles: list[int] = field(default_factory=list)
    items: list[tuple[int, ...]] = field(default_factory=list)
    protocol_errors: int = 0

    async def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Watch until ``until`` holds after a transfer."""
        falling = FallingEdge(self.dut.clk)
        valid, ready = getattr(self.dut, self.valid), getattr(self.dut, self.ready)
        ports = [getattr(self.dut, port) for port in self.payload]
        cycle, waiting = 0, None
        while not until():
            await falling
            offered = tuple(int(port.value) for port in ports) if valid.value else None
            if waiting is not None and offered != waiting:
                self.protocol_errors += 1
            waiting = offered
            if offered is not None and ready.value:
                self.items.append(offered)
                self.cycles.append(cycle)
                waiting = None
            cycle += 1


@dataclass
class Streams:
    """Counts cycles of a module with the streams ``in`` and ``out`` in the bins of their handshake."""

    dut: HierarchyObject
    hits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STREAM_BINS, 0))

    async def run(self) -> None:
        """Watch at the falling edge until cancelled."""
        falling, dut = FallingEdge(self.dut.clk), self.dut
        pins = [getattr(dut, name) for name in ("in_valid", "in_ready", "out_valid", "out_ready")]
        while True:
            await falling
            in_valid, in_ready, out_valid, out_ready = (bool(settled(pin)) for pin in pins)
            name = stream_bin(in_valid=in_valid, in_ready=in_ready, out_valid=out_valid, out_ready=out_ready)
            self.hits[name] += 1


def first_difference(golden: np.ndarray, dut: np.ndarray) -> tuple[int, str]:
    """How many elements differ, and the first one in hex with its index."""
    if golden.shape != dut.shape:
        return max(golden.size, dut.size), f"shapes differ: golden {golden.shape}, dut {dut.shape}"
    wrong = np.argwhere(golden != dut)
    if not len(wrong):
        return 0, ""
    index = tuple(wrong[0].tolist())
    return len(wrong), f"{index}: golden=0x{golden[index]:08x} dut=0x{dut[index]:08x}"


def to_vector(words: np.ndarray, width: int) -> int:
    """Patterns of ``width`` bits as one integer, element 0 in the low bits."""
    return sum(word << (k * width) for k, word in enumerate(words.tolist()))


def to_words(vector: int, count: int, width: int) -> list[int]:
    """The ``count`` patterns of a vector."""
    return [vector >> (k * width) & ((1 << width) - 1) for k in range(count)]
