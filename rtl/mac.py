"""Multiply-accumulate: any multiplier of the catalog, and a float32 adder that rounds once per product."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul, Mac, as_float_spec
from axmac.rtl.accumulate import DEFAULT_ADD_STAGES, SUM_WIDTH, check_mac, product_of, sum_of
from axmac.rtl.blocks import Hierarchy
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.staging import delayed

__all__ = ["FpMac"]


class FpMac(wiring.Component):
    """acc + a * b, the product as the unit makes it, the sum rounded to nearest even in float32.

        a --+                      +--------------+
            +--[ multiplier ]----->|              |
        b --+    mul_stages        | float32 adder|---> sum
        acc ---[ mul_stages ]----->|  add_stages  |
                                   +--------------+

    Ports: ``clk``; ``rst``, synchronous, high; input stream ``in_valid`` in, ``in_ready`` out, ``in_a`` (activation)
    and ``in_b`` (weight) in, patterns of the multiplier's format, ``in_acc`` in, float32; output stream ``out_valid``
    out, ``out_ready`` in, ``out_sum`` out, float32.
    One result per cycle; latency ``mul_stages + add_stages`` cycles. All registers stop while ``out_valid`` waits for
    ``out_ready``; ``in_ready`` follows ``out_ready`` in the same cycle; neither depends on ``in_valid``.
    Raises ``TypeError`` and ``InputError`` for wrong stages and for products that float32 does not hold.
    """

    def __init__(
        self, mac: Mac | FpMul, mul_stages: int = DEFAULT_STAGES, add_stages: int = DEFAULT_ADD_STAGES
    ) -> None:
        self._spec = as_float_spec(mac.mul if isinstance(mac, Mac) else mac)
        check_mac(mac, mul_stages, add_stages)
        self._stages = mul_stages, add_stages
        width = self._spec.format.width
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_a": In(width),
                "in_b": In(width),
                "in_acc": In(SUM_WIDTH),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_sum": Out(SUM_WIDTH),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Multiply, then add, all under one enable."""
        m = Module()
        mul_stages, add_stages = self._stages
        advance = Signal()
        valid = delayed(m, self.in_valid, mul_stages + add_stages, "valid", enable=advance, reset_less=False)
        m.d.comb += [advance.eq(self.out_ready | ~valid), self.in_ready.eq(advance), self.out_valid.eq(valid)]
        product = product_of(m, platform, self._spec, self.in_a, self.in_b, mul_stages, advance)
        acc = delayed(m, self.in_acc, mul_stages, "acc", enable=advance)
        total = sum_of(m, platform, self._spec, acc, product, add_stages, enable=advance)
        m.d.comb += self.out_sum.eq(total)
        return m
