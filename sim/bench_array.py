"""The cocotb bench of both systolic arrays: runs inside the simulator, started by `axmac.sim.arrays`.

Settings: ``mul``, ``rows``, ``cols``, ``add_stages``, ``dataflow``, ``seed``, ``min_waves`` or
``min_steps``, the length of a tile that leaves no bubble.
Every test multiplies matrices and compares with `axmac.model.golden.matmul`; partial sums of integers that enter a
weight-stationary array begin anywhere in int32.
"""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import FallingEdge, SimTimeoutError, with_timeout

from axmac.model.golden import matmul
from axmac.model.spec import as_spec
from axmac.sim.cover_arrays import OutputStationaryCover, WeightStationaryCover
from axmac.sim.cover_sums import sum_bins
from axmac.sim.matrices import first_sums, matrix
from axmac.sim.pins import (
    PERIOD_NS,
    StreamMonitor,
    clock_and_reset,
    first_difference,
    read_settings,
    send,
    settled,
    take,
    to_vector,
    to_words,
    write,
)

__all__ = ["Load", "Measured", "fewer_slots", "full_load", "measure", "slow_sink", "stalls"]


@dataclass(frozen=True)
class Load:
    """What a test does: so many tiles, a share ``pause`` of pauses, of ``sink_pause`` at the sink where that differs.

    A share ``specials`` of the floats is of any class; ``slots`` 0 stands for all.
    """

    tiles: int
    pause: float
    sink_pause: float | None = None
    specials: float = 0
    slots: int = 0


@dataclass(frozen=True)
class Measured:
    """What the monitors saw; ``waves`` are the cycles in which one entered, -1 stands for what never came."""

    compared: int
    mismatches: int
    first: str
    waves: int
    cycles: int
    latency: int
    protocol_errors: int
    bins: dict[str, int]

    def as_dict(self) -> dict:
        """The figures of a test."""
        return vars(self) | {"bubbles": self.cycles - self.waves}


@cocotb.test()
async def stalls(dut: HierarchyObject) -> None:
    """Random pauses on every stream; operands of every class among the reals."""
    await _run(dut, "stalls", Load(tiles=4, pause=0.3, specials=0.02))


@cocotb.test()
async def slow_sink(dut: HierarchyObject) -> None:
    """Waves without pauses, and results that are rarely taken."""
    await _run(dut, "slow_sink", Load(tiles=4, pause=0, sink_pause=0.95))


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """No pauses: a wave in every cycle from the first to the last one."""
    await _run(dut, "full_load", Load(tiles=8, pause=0))


@cocotb.test()
async def fewer_slots(dut: HierarchyObject) -> None:
    """Output-stationary with one slot in use: the rate of a single chain of additions."""
    if read_settings()["dataflow"] == "os":
        await _run(dut, "fewer_slots", Load(tiles=2, pause=0, slots=1))


async def _run(dut: HierarchyObject, key: str, load: Load) -> None:
    settings = read_settings()
    found = await measure(dut, settings, load)
    write(settings, key, found.as_dict())
    assert found.mismatches == 0, found.first


async def measure(dut: HierarchyObject, settings: dict, load: Load) -> Measured:
    """Multiply matrices once; results that have not come after a long time are mismatches."""
    stationary = _WeightStationary if settings["dataflow"] == "ws" else _OutputStationary
    case = stationary(settings, load.tiles, load.specials, load.slots or settings["add_stages"])
    rng, pause = random.Random(settings["seed"]), load.pause
    clock = await clock_and_reset(dut, ("in_valid", "out_ready", *(("weight_valid",) if case.weights else ())))
    inputs = StreamMonitor(dut, "in_valid", "in_ready", case.input_ports)
    case.outputs = outputs = StreamMonitor(dut, "out_valid", "out_ready", case.output_ports)
    sides = [
        send(dut, "in_", case.waves(), rng, pause),
        take(dut, "out_ready", rng, pause if load.sink_pause is None else load.sink_pause),
        inputs.run(),
        _cover(dut, case.cover),
    ]
    if case.weights:
        sides.append(send(dut, "weight_", case.weights, rng, pause))
    tasks = [clock, *(cocotb.start_soon(side) for side in sides)]
    done = cocotb.start_soon(outputs.run(lambda: len(outputs.items) == case.transfers))
    limit = PERIOD_NS * (20 * (case.n_waves * settings["add_stages"] + case.transfers) + 1000)
    with contextlib.suppress(SimTimeoutError):
        await with_timeout(done, limit, "ns")
    for task in (*tasks, done):
        task.cancel()
    compared, complete = len(case.a) * case.b.shape[1], len(outputs.items) == case.transfers
    missing = compared, f"{len(outputs.items)} of {case.transfers} results came"
    golden = matmul(case.spec, case.a, case.b) + case.first  # of floats 0 stands for +0 there, which changes no pattern
    wrong, first = first_difference(golden, case.result()) if complete else missing
    entered = inputs.cycles[case.first_result_wave] if len(inputs.cycles) > case.first_result_wave else 0
    return Measured(
        compared=compared,
        mismatches=wrong,
        first=first,
        waves=case.n_waves,
        cycles=inputs.cycles[-1] - inputs.cycles[0] + 1 if inputs.cycles else -1,
        latency=outputs.cycles[0] - entered if outputs.cycles else -1,
        protocol_errors=outputs.protocol_errors,
        bins=case.cover.hits | sum_bins(case.spec, case.a, case.b, case.first),
    )


async def _cover(dut: HierarchyObject, cover: WeightStationaryCover | OutputStationaryCover) -> None:
    falling, pins = FallingEdge(dut.clk), {name: getattr(dut, name) for name in cover.pins}
    while True:
        await falling
        cover.see({name: settled(pin) for name, pin in pins.items()})


class _WeightStationary:
    """One column of tiles: k over ``tiles`` * rows, each tile's partial sums fed back as soon as they come out."""

    input_ports = ("in_swap",)
    output_ports = ("out_psum",)
    first_result_wave = 0

    def __init__(self, settings: dict, tiles: int, specials: float, _slots: int) -> None:
        self.spec = as_spec(settings["mul"])
        self._rows, self._cols, self._tiles = settings["rows"], settings["cols"], tiles
        self._m = settings["min_waves"]  # a partial sum comes back in time for the next tile
        rng = np.random.default_rng(settings["seed"])
        self.a = matrix(self.spec, (self._m, tiles * self._rows), rng, specials)
        self.b = matrix(self.spec, (tiles * self._rows, self._cols), rng, specials)
        self.first = first_sums(self.spec, (self._m, self._cols), rng)
        self.weights = [{"row": to_vector(row, self.spec.format.width)} for row in self.b]
        self.n_waves = self.transfers = tiles * self._m
        self.outputs: StreamMonitor | None = None
        self.cover = WeightStationaryCover(self._rows)

    def waves(self) -> Iterator[dict[str, int] | None]:
        """Wave m of tile t waits for wave m of tile t - 1."""
        for t in range(self._tiles):
            for m in range(self._m):
                psum = to_vector(self.first[m], 32)
                if t:
                    while len(self.outputs.items) <= (t - 1) * self._m + m:
                        yield None
                    (psum,) = self.outputs.items[(t - 1) * self._m + m]
                part = self.a[m, t * self._rows : (t + 1) * self._rows]
                yield {"swap": int(m == 0), "a": to_vector(part, self.spec.format.width), "psum": psum}

    def result(self) -> np.ndarray:
        """The partial sums of the last tile."""
        last = self.outputs.items[-self._m :]
        return np.array([to_words(vector, self._cols, 32) for (vector,) in last], np.uint32)


class _OutputStationary:
    """``tiles`` tiles one below the other, each of ``slots`` * rows outputs by cols, with just enough k."""

    input_ports = ("in_slot", "in_last")
    output_ports = ("out_slot", "out_row")
    weights = ()

    def __init__(self, settings: dict, tiles: int, specials: float, slots: int) -> None:
        self.spec = as_spec(settings["mul"])
        self._rows, self._cols, self._tiles, self._slots = settings["rows"], settings["cols"], tiles, slots
        self._k = settings["min_steps"]
        rng = np.random.default_rng(settings["seed"])
        self.a = matrix(self.spec, (tiles * slots * self._rows, self._k), rng, specials)
        self.b = matrix(self.spec, (self._k, self._cols), rng, specials)
        self.first = np.zeros((len(self.a), self._cols), np.uint32)
        self.n_waves, self.transfers = tiles * slots * self._k, tiles * slots * self._rows
        self.first_result_wave = (self._k - 1) * slots
        self.outputs: StreamMonitor | None = None
        self.cover = OutputStationaryCover(self._rows, settings["add_stages"])

    def waves(self) -> Iterator[dict[str, int]]:
        """For every tile and k the slots in turn."""
        width = self.spec.format.width
        for t in range(self._tiles):
            for k in range(self._k):
                for s in range(self._slots):
                    top = (t * self._slots + s) * self._rows
                    yield {
                        "slot": s,
                        "first": int(k == 0),
                        "last": int(k == self._k - 1),
                        "a": to_vector(self.a[top : top + self._rows, k], width),
                        "b": to_vector(self.b[k], width),
                    }

    def result(self) -> np.ndarray:
        """All rows, each at the place that its slot says."""
        result = np.zeros((self.transfers, self._cols), np.uint32)
        for number, (slot, vector) in enumerate(self.outputs.items):
            tile, row = number // (self._slots * self._rows), number % self._rows
            place = (tile * self._slots + slot % self._slots) * self._rows + row
            result[place] = to_words(vector, self._cols, 32)
        return result
