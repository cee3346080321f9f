"""The cocotb bench of `axmac.sim.streamer`: starts it and waits for its end; started by `axmac.sim.replay`.

Settings: ``operands``, the folder of the files to stream; ``size_m``, ``tiles_k``, ``tiles_n``; ``limit`` in cycles;
``modes``: what every wave brings besides, by port.
"""

import os
import shutil
from pathlib import Path

import cocotb
from cocotb.handle import HierarchyObject
from cocotb.triggers import FallingEdge, RisingEdge, with_timeout

from axmac.sim.pins import PERIOD_NS, clock_and_reset, read_settings, write
from axmac.sim.streamer import ACTIVATIONS, RESULTS, WEIGHTS

__all__ = ["product"]


@cocotb.test()
async def product(dut: HierarchyObject) -> None:
    """One matrix product."""
    settings = read_settings()
    for name in (ACTIVATIONS, WEIGHTS):
        Path(name).unlink(missing_ok=True)
        os.symlink(Path(settings["operands"], name), name)
    for name in ("size_m", "tiles_k", "tiles_n"):
        getattr(dut, name).value = settings[name]
    for name, value in settings["modes"].items():
        getattr(dut, name).value = value
    await clock_and_reset(dut, ("start",))
    await FallingEdge(dut.clk)
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0
    await with_timeout(RisingEdge(dut.done), PERIOD_NS * settings["limit"], "ns")
    shutil.move(RESULTS, settings["operands"])
    write(settings, "product", {"cycles": int(dut.cycles.value)})
