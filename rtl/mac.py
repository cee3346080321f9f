"""Multiply-accumulate: any multiplier of the catalog, and a float32 adder that rounds once per product."""

from amaranth.hdl import Module, Signal, Value, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FLOAT32, FpMul, InputError, Mac, as_float_spec
from axmac.rtl.blocks import Hierarchy, Level
from axmac.rtl.fp_add import ADD_MAX_STAGES, adder_levels
from axmac.rtl.multiplier import DEFAULT_STAGES, max_stages, multiplier_levels
from axmac.rtl.staging import check_range, delayed, staged
from axmac.rtl.widen import Widen, check_result

__all__ = ["DEFAULT_ADD_STAGES", "FpMac", "check_mac", "product_levels", "product_of"]

DEFAULT_ADD_STAGES = 3


def product_levels(spec: FpMul) -> list[Level]:
    """The data path from ``a`` and ``b`` to ``product``, a float32 pattern; as many levels as the multiplier has."""
    levels = multiplier_levels(spec)
    levels[-1] |= {"widen": Widen(spec)}
    return levels


def check_mac(mac: Mac | FpMul, mul_stages: int, add_stages: int) -> FpMul:
    """The multiplier of a MAC, after a check of its sums and both numbers of stages (``TypeError``, ``InputError``)."""
    mac = mac if isinstance(mac, Mac) else Mac(mac)
    if mac != Mac(mac.mul):
        raise InputError(f"{mac.id} cannot be built: the RTL sums in float32 in the order of k, use {Mac(mac.mul).id}")
    check_result(as_float_spec(mac.mul))
    check_range("mul_stages", mul_stages, max_stages(mac.mul))
    check_range("add_stages", add_stages, ADD_MAX_STAGES)
    return mac.mul


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
        self._spec = check_mac(mac, mul_stages, add_stages)
        self._stages = mul_stages, add_stages
        width = self._spec.format.width
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_a": In(width),
                "in_b": In(width),
                "in_acc": In(FLOAT32.width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_sum": Out(FLOAT32.width),
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
        addends = {"a": acc, "b": product}
        enables = [advance] * add_stages
        total = staged(m, platform, adder_levels(), addends, "total", add_stages, prefix="add", enables=enables)
        m.d.comb += self.out_sum.eq(total)
        return m


def product_of(
    m: Module, platform: Hierarchy | None, spec: FpMul, a: Value, b: Value, stages: int, enable: ValueLike = 1
) -> ValueLike:
    """The float32 product of ``a`` and ``b`` after ``stages`` registers."""
    operands, enables = {"a": a, "b": b}, [enable] * stages
    return staged(m, platform, product_levels(spec), operands, "product", stages, prefix="mul", enables=enables)
