"""Floating-point adders: the combinational core and the pipelined component with valid/ready streams."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FLOAT32, FloatFormat
from axmac.rtl.add_blocks import AddAlign, AddDistance, AddOrder, AddPack, AddShift, AddSum
from axmac.rtl.blocks import Hierarchy, Level, chain, comb_level
from axmac.rtl.staging import check_range, staged

__all__ = ["ADD_MAX_STAGES", "FpAddCore", "FpAddPipeline", "adder_levels"]

ADD_MAX_STAGES = 6


def adder_levels(number_format: FloatFormat = FLOAT32) -> list[Level]:
    """The data path from ``a`` and ``b`` to ``total``; a register may stand after each level.

    order by magnitude | align the smaller | add or subtract | leading zeros | shift left | round and pack.
    """
    return [
        {"add_order": AddOrder(number_format)},
        {"add_align": AddAlign(number_format)},
        {"add_sum": AddSum(number_format)},
        {"add_distance": AddDistance(number_format)},
        {"add_shift": AddShift(number_format)},
        {"add_pack": AddPack(number_format)},
    ]


class FpAddCore(wiring.Component):
    """A floating-point adder without registers: IEEE 754 in full, round to nearest even, subnormals, signed zeros.

    x + (-x) is +0; every NaN result is the canonical one, inf - inf among them.
    Ports: ``a``, ``b`` in, patterns of ``number_format``; ``total`` out, a + b. Combinational.
    """

    def __init__(self, number_format: FloatFormat = FLOAT32) -> None:
        self._format = number_format
        width = number_format.width
        super().__init__({"a": In(width), "b": In(width), "total": Out(width)})

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Chain the levels of the data path."""
        m = Module()
        inputs = {"a": self.a, "b": self.b}
        results = chain(m, platform, adder_levels(self._format), inputs, {"total"}, comb_level)
        m.d.comb += self.total.eq(results["total"])
        return m


class FpAddPipeline(wiring.Component):
    """The same adder with ``stages`` registers between the levels of its data path, 1 to `ADD_MAX_STAGES`.

    Ports: ``clk``; ``rst``, synchronous, high; input stream ``in_valid`` in, ``in_ready`` out, ``in_a``, ``in_b`` in;
    output stream ``out_valid`` out, ``out_ready`` in, ``out_total`` out.
    A transfer happens at a rising edge with valid and ready high. A sum leaves ``stages`` cycles after its operands,
    later where ``out_ready`` is low; one sum per cycle at full load. ``out_valid`` does not fall and ``out_total`` does
    not change before a transfer. ``in_ready`` follows ``out_ready`` in the same cycle; neither depends on ``in_valid``.
    Raises ``TypeError`` and ``InputError`` for a wrong number of stages.
    """

    def __init__(self, number_format: FloatFormat = FLOAT32, stages: int = 3) -> None:
        check_range("stages", stages, ADD_MAX_STAGES)
        self._format = number_format
        self._stages = stages
        width = number_format.width
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_a": In(width),
                "in_b": In(width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_total": Out(width),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """A register moves when it is empty or the next one moves."""
        m = Module()
        valid = [self.in_valid] + [Signal(name=f"valid_s{k}") for k in range(1, self._stages + 1)]
        ready = [Signal(name=f"ready_s{k}") for k in range(1, self._stages + 1)] + [self.out_ready]
        for k in range(1, self._stages + 1):
            m.d.comb += ready[k - 1].eq(ready[k] | ~valid[k])
            with m.If(ready[k - 1]):
                m.d.sync += valid[k].eq(valid[k - 1])
        total = staged(
            m,
            platform,
            adder_levels(self._format),
            {"a": self.in_a, "b": self.in_b},
            "total",
            self._stages,
            prefix="add",
            enables=ready[:-1],
        )
        m.d.comb += [self.in_ready.eq(ready[0]), self.out_valid.eq(valid[-1]), self.out_total.eq(total)]
        return m
