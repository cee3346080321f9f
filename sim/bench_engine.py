"""The cocotb bench of the matrix engine: runs inside the simulator, started by `axmac.sim.arrays`.

AXI4-Lite and AXI4-Stream are driven and taken by cocotbext-axi. Settings: ``mul``, ``seed``, ``sizes`` (M, K, N of the
products with random pauses), ``full_load`` (those of the product without pauses), ``array`` and ``limits`` (what these
registers read), ``unit`` (SHA-256 of the spec), and the parameters of the engine's `EngineConfig` as ``config``.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject
from cocotb.triggers import ClockCycles, FallingEdge, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from axmac.model.golden import matmul
from axmac.model.spec import Multiplier, as_spec
from axmac.rtl.axi_lite import ENGINE_ID
from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.engine_streams import operands_per_beat
from axmac.sim.cover_engine import REFUSED, EngineCover
from axmac.sim.matrices import matrix
from axmac.sim.pins import PERIOD_NS, StreamMonitor, clock_and_reset, first_difference, read_settings, settled, write

__all__ = ["full_load", "products", "registers", "reset"]

_STREAMS = ("s_axis_activations", "s_axis_weights", "m_axis_results")
_PINS = ("tvalid", "tready", "tlast")
_M, _K, _N, _CONTROL = 0x04, 0x08, 0x0C, 0x10
_PAUSE = 0.3


@cocotb.test()
async def products(dut: HierarchyObject) -> None:
    """All sizes, one after the other, with random pauses on every stream and channel."""
    settings = read_settings()
    bench = EngineBench(dut, settings)
    await bench.begin(pause=_PAUSE)
    rng = np.random.default_rng(settings["seed"])
    wrong, first, compared = 0, "", 0
    for m, k, n in settings["sizes"]:
        specials = min(0.02, 0.2 / k)  # most sums shall not end as NaN
        a, b = matrix(bench.spec, (m, k), rng, specials), matrix(bench.spec, (k, n), rng, specials)
        differences, where = first_difference(matmul(bench.spec, a, b), await bench.multiply(a, b))
        wrong, compared = wrong + differences, compared + m * n
        first = first or (where and f"{m}x{k}x{n} {where}")
    figures = {"compared": compared, "mismatches": wrong, "first": first, "state": await bench.read(_CONTROL)}
    write(settings, "products", figures | bench.observed)
    assert wrong == 0, first


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """Without pauses: waves and cycles from the first wave to the last one."""
    settings = read_settings()
    bench = EngineBench(dut, settings)
    await bench.begin(pause=0)
    rng = np.random.default_rng(settings["seed"])
    m, k, n = settings["full_load"]
    a, b = matrix(bench.spec, (m, k), rng), matrix(bench.spec, (k, n), rng)
    wrong, first = first_difference(matmul(bench.spec, a, b), await bench.multiply(a, b))
    cycles = bench.waves[-1] - bench.waves[0] + 1
    figures = {"compared": m * n, "mismatches": wrong, "first": first, "waves": len(bench.waves), "cycles": cycles}
    figures |= {"bubbles": cycles - len(bench.waves), "macs": m * k * n, "all_cycles": bench.cycle}
    write(settings, "full_load", figures | bench.observed)
    assert wrong == 0, first


@cocotb.test()
async def registers(dut: HierarchyObject) -> None:
    """Identification, what is refused, and TLAST in the wrong place."""
    settings = read_settings()
    bench = EngineBench(dut, settings)
    await bench.begin(pause=_PAUSE)
    assert await bench.read(0x00) == ENGINE_ID
    assert await bench.read(0x14) == settings["limits"]
    assert await bench.read(0x18) == settings["array"]
    assert await bench.read(0x1C) == int(settings["unit"][:8], 16)
    await bench.write(_M, 0x12345678)
    assert await bench.read(_M) == 0x5678
    assert (await bench.axil.write(_M + 1, b"\x9a")).resp == AxiResp.OKAY
    assert await bench.read(_M) == 0x9A78
    assert (await bench.axil.write(0x00, bytes(4))).resp == AxiResp.SLVERR
    assert (await bench.axil.read(0x24, 4)).resp == AxiResp.SLVERR
    refused = 0
    max_k, max_n = settings["limits"] & 0xFFFF, settings["limits"] >> 16
    wrong_sizes = ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, max_k + 1, 1), (1, 1, max_n + 1))
    for why, sizes in zip(REFUSED[:-1], wrong_sizes, strict=True):
        refused += (await bench.start(*sizes)) == AxiResp.SLVERR
        assert await bench.read(_CONTROL) == 0b1000
        bench.cover.count(f"start refused: {why}")
    assert refused == 5

    assert await bench.start(2, 2, 1) == AxiResp.OKAY
    assert await bench.start(2, 2, 1) == AxiResp.SLVERR
    bench.cover.count(f"start refused: {REFUSED[-1]}")
    one = np.ones(4, bench.spec_dtype)
    await bench.weights.send(bench.frame(one[:1]))  # TLAST too early
    bench.cover.count("TLAST too early")
    await bench.weights.send(bench.frame(one[:1]))
    await bench.activations.send(bench.frame(one))
    await with_timeout(bench.results.recv(), 1000 * PERIOD_NS, "ns")
    state = await bench.read(_CONTROL)
    assert state == 0b1100
    missing = await bench.state_without_tlast()
    figures = {"refused": refused, "state_after_wrong_tlast": state, "state_without_tlast": missing}
    write(settings, "registers", figures | {"bins": bench.cover.hits})
    assert missing == 0b0110


@cocotb.test()
async def reset(dut: HierarchyObject) -> None:
    """A reset in the middle of a product leaves nothing of it behind."""
    settings = read_settings()
    bench = EngineBench(dut, settings)
    await bench.begin(pause=0)
    rng = np.random.default_rng(settings["seed"])
    a, b = matrix(bench.spec, (9, 5), rng), matrix(bench.spec, (5, 3), rng)
    assert await bench.start(9, 5, 3) == AxiResp.OKAY
    await bench.weights.send(bench.frame(b))
    await bench.activations.send(bench.frame(a[:7]))
    await ClockCycles(dut.clk, 60)
    bench.cover.count("reset in the middle of a product")
    dut.rst.value = 1
    await ClockCycles(dut.clk, 2)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 2)
    assert await bench.read(_CONTROL) == 0
    assert await bench.read(_M) == 0
    wrong, first = first_difference(matmul(bench.spec, a, b), await bench.multiply(a, b))
    figures = {"compared": a.shape[0] * b.shape[1], "mismatches": wrong, "first": first, "protocol_errors": 0}
    write(settings, "reset", figures | {"bins": bench.cover.hits})
    assert wrong == 0, first


@dataclass
class EngineBench:
    """The engine's buses, and monitors that watch them.

    ``waves`` holds the cycles in which a wave entered the array, ``cover`` the hits of the coverage.
    """

    dut: HierarchyObject
    settings: dict

    async def begin(self, pause: float) -> None:
        """Connect, reset, and pause every stream and channel in a share ``pause`` of the cycles."""
        dut, settings = self.dut, self.settings
        self.spec: Multiplier = as_spec(settings["mul"])
        self.rng = random.Random(settings["seed"])
        self.cover = EngineCover(EngineConfig(self.spec, **settings["config"]))
        self._products = 0
        self.spec_dtype = np.dtype(f"<u{1 << max(0, (self.spec.format.width - 1).bit_length() - 3)}")
        self.axil = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst)
        self.activations, self.weights = (
            AxiStreamSource(AxiStreamBus.from_prefix(dut, name), dut.clk, dut.rst) for name in _STREAMS[:2]
        )
        self.results = AxiStreamSink(AxiStreamBus.from_prefix(dut, _STREAMS[2]), dut.clk, dut.rst)
        self.waves: list[int] = []
        self.cycle = 0
        await clock_and_reset(dut, ())
        writes, reads = self.axil.write_if, self.axil.read_if
        channels = (writes.aw_channel, writes.w_channel, writes.b_channel, reads.ar_channel, reads.r_channel)
        for stream in (self.activations, self.weights, self.results, *channels):
            if pause:
                stream.set_pause_generator(self._pauses(pause))
        self._monitors = [
            StreamMonitor(dut, f"{name}_tvalid", f"{name}_tready", (f"{name}_tdata", f"{name}_tlast"))
            for name in _STREAMS
        ]
        for monitor in self._monitors:
            cocotb.start_soon(monitor.run())
        cocotb.start_soon(self._count_waves())

    @property
    def observed(self) -> dict:
        """Breaches of the contract on all three streams, and the hits of the coverage."""
        errors = sum(monitor.protocol_errors for monitor in self._monitors)
        return {"protocol_errors": errors, "bins": self.cover.hits}

    async def multiply(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """One product; the operands are sent before the start of every second one, after that of the others."""
        shape = len(a), b.shape[1]
        frames = ((self.weights, b), (self.activations, a))
        early, self._products = self._products % 2 == 1, self._products + 1
        self.cover.begin(len(a), a.shape[1], b.shape[1], early=early)
        if early:
            for stream, operands in frames:
                await stream.send(self.frame(operands))
        assert await self.start(len(a), a.shape[1], b.shape[1]) == AxiResp.OKAY
        if not early:
            for stream, operands in frames:
                await stream.send(self.frame(operands))
        limit = 20 * (a.size * (b.shape[1] + 1) + b.size + shape[0] * shape[1]) + 5000
        frame = await with_timeout(self.results.recv(), limit * PERIOD_NS, "ns")
        values = np.frombuffer(bytes(frame.tdata), "<u4")
        return values.reshape(shape) if values.size == shape[0] * shape[1] else values

    def frame(self, operands: np.ndarray) -> AxiStreamFrame:
        """Row by row, little-endian."""
        self.cover.partial_beat(operands.size, operands_per_beat(self.spec.format.width))
        return AxiStreamFrame(operands.astype(self.spec_dtype).tobytes())

    async def start(self, m: int, k: int, n: int) -> AxiResp:
        """Write the sizes and the start bit; the answer to the latter."""
        for place, size in ((_M, m), (_K, k), (_N, n)):
            await self.write(place, size)
        return (await self.axil.write(_CONTROL, (1).to_bytes(4, "little"))).resp

    async def write(self, place: int, value: int) -> None:
        """Write a register."""
        await self.axil.write(place, value.to_bytes(4, "little"))

    async def read(self, place: int) -> int:
        """Read a register."""
        return int.from_bytes((await self.axil.read(place, 4)).data, "little")

    def _pauses(self, share: float) -> Iterator[bool]:
        return (self.rng.random() < share for _ in itertools.count())

    async def state_without_tlast(self) -> int:
        """The control register after a product of which neither the weights nor the activations ended with TLAST."""
        self.dut.rst.value = 1
        await ClockCycles(self.dut.clk, 2)
        self.dut.rst.value = 0
        await ClockCycles(self.dut.clk, 2)
        assert await self.start(1, 1, 1) == AxiResp.OKAY
        per_beat = operands_per_beat(self.spec.format.width)
        for stream in (self.weights, self.activations):  # TLAST stands at a beat that this product does not take
            await stream.send(self.frame(np.ones(1 + per_beat, self.spec_dtype)))
        await with_timeout(self.results.recv(), 1000 * PERIOD_NS, "ns")
        self.cover.count("TLAST missing")
        return await self.read(_CONTROL)

    async def _count_waves(self) -> None:
        falling = FallingEdge(self.dut.clk)
        names = [f"{stream}_{pin}" for stream in ("activations", "weights", "results") for pin in _PINS]
        ports = [f"{stream}_{pin}" for stream in _STREAMS for pin in _PINS]
        pins = {name: getattr(self.dut, port) for name, port in zip(names, ports, strict=True)}
        pins["wave"] = self.dut.wave
        while True:
            await falling
            self.cycle += 1
            values = {name: settled(pin) for name, pin in pins.items()}
            self.cover.see(values)
            if values["wave"]:
                self.waves.append(self.cycle)
