"""Multiply-accumulate of integers: any integer multiplier, and an accumulator of 32 bits."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import InputError, IntMul, Mac
from axmac.rtl.accumulate import SUM_WIDTH, product_of, sum_of
from axmac.rtl.blocks import Hierarchy
from axmac.rtl.multiplier import DEFAULT_STAGES, check_stages
from axmac.rtl.staging import delayed

__all__ = ["IntMac"]


class IntMac(wiring.Component):
    """acc + a * b modulo 2^32, the product as the unit makes it, signed where its operands are.

        a --+                      +--------------+
            +--[ multiplier ]----->|              |
        b --+    mul_stages        | 32-bit adder |---> sum
        acc ---[ mul_stages ]----->|   1 stage    |
                                   +--------------+

    Ports: ``clk``; ``rst``, synchronous, high; input stream ``in_valid`` in, ``in_ready`` out, ``in_a`` (activation)
    and ``in_b`` (weight) in, patterns of the multiplier's format, ``in_acc`` in, 32 bits; output stream ``out_valid``
    out, ``out_ready`` in, ``out_sum`` out, 32 bits.
    One result per cycle; latency ``mul_stages + 1`` cycles. All registers stop while ``out_valid`` waits for
    ``out_ready``; ``in_ready`` follows ``out_ready`` in the same cycle; neither depends on ``in_valid``.
    Raises ``TypeError`` and ``InputError`` for wrong stages and for a multiplier of floats.
    """

    def __init__(self, mac: Mac | IntMul, mul_stages: int = DEFAULT_STAGES) -> None:
        self._spec = spec = mac.mul if isinstance(mac, Mac) else mac
        if not isinstance(spec, IntMul):
            raise InputError(f"{spec.id} multiplies floats: its products are summed in float32")
        check_stages(spec, mul_stages)
        self._mul_stages = mul_stages
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_a": In(spec.format.width),
                "in_b": In(spec.format.width),
                "in_acc": In(SUM_WIDTH),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_sum": Out(SUM_WIDTH),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Multiply, then add, all under one enable."""
        m = Module()
        stages, advance = self._mul_stages, Signal()
        valid = delayed(m, self.in_valid, stages + 1, "valid", enable=advance, reset_less=False)
        m.d.comb += [advance.eq(self.out_ready | ~valid), self.in_ready.eq(advance), self.out_valid.eq(valid)]
        product = product_of(m, platform, self._spec, self.in_a, self.in_b, stages, advance)
        acc = delayed(m, self.in_acc, stages, "acc", enable=advance)
        total = sum_of(m, platform, self._spec, acc, product, 1, enable=advance)
        m.d.comb += self.out_sum.eq(total)
        return m
