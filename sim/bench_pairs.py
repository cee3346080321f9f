"""The cocotb bench of all pairs of operands of several integer units, started by `axmac.sim.pairs`."""

import cocotb
from cocotb.handle import HierarchyObject
from cocotb.triggers import Timer

from axmac.model.golden import multiply
from axmac.model.spec import catalog
from axmac.sim.int_stimulus import all_pairs
from axmac.sim.pairs import LANES
from axmac.sim.pins import read_settings, write
from axmac.sim.scoreboard import Scoreboard
from axmac.sim.wide_ports import port_values, products_of

__all__ = ["pairs"]


@cocotb.test()
async def pairs(dut: HierarchyObject) -> None:
    """Drive all pairs once and compare every unit's products; write a unit's figures under its id."""
    settings = read_settings()
    specs = [catalog[unit] for unit in settings["units"]]
    a, b = all_pairs(specs[0])
    width, step = specs[0].format.width, Timer(1, "ns")
    port_a, port_b, port_p, texts = dut.a, dut.b, dut.p, []
    for values in zip(port_values(a, width, LANES), port_values(b, width, LANES), strict=True):
        port_a.value, port_b.value = values
        await step
        texts.append(str(port_p.value))
    products = products_of(texts, specs[0], len(specs) * LANES).reshape(len(texts), len(specs), LANES)
    boards = {}
    for k, spec in enumerate(specs):
        board = Scoreboard(spec)
        board.compare(a, b, products[:, k].reshape(-1)[: a.size], multiply(spec, a, b))
        boards[spec.id] = board.as_dict()
    write(settings, "pairs", boards)
