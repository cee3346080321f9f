"""Precision-scalable MACs: the products without registers, and the multiply-accumulate unit."""

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ScalableMac
from axmac.rtl.blocks import Hierarchy, Level, Values, chain, comb_level
from axmac.rtl.scalable_blocks import GatedOperands, LaneArray, LaneSums, mode_port, sum_register
from axmac.rtl.staging import delayed

__all__ = ["ScalableMacUnit", "ScalableProduct", "scalable_product"]


def scalable_product(
    m: Module, platform: Hierarchy | None, spec: ScalableMac, mode: Value | None, a_signed: Value, a: Value, b: Value
) -> Value:
    """The products of all lanes side by side, without registers; data gating | the array."""
    values: Values = {"a_signed": a_signed} | ({} if mode is None else {"mode": mode})
    levels: list[Level] = [{"array": LaneArray(spec)}]
    if spec.kind == "dg":
        levels, values = [{"gate": GatedOperands(spec)}, *levels], values | {"a": a, "b": b}
    else:
        values |= {"op_a": a, "op_b": b}
    return Value.cast(chain(m, platform, levels, values, {"product"}, comb_level)["product"])


class ScalableProduct(wiring.Component):
    """The products of a precision-scalable MAC, without registers.

    Ports: ``mode`` in, an index of ``spec.precisions`` (not there where that has one entry; with lanes, a number past
    the last counts as the last); ``a_signed`` in; ``a`` (activation), ``b`` (weight) in, ``spec.width`` bits;
    ``product`` out, 2 * width bits: the product of lane i of k bits, in two's complement, at bits [2ki, 2ki + 2k).
    """

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        width = spec.width
        operands = {"a_signed": In(1), "a": In(width), "b": In(width), "product": Out(2 * width)}
        super().__init__(mode_port(spec) | operands)

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """As `scalable_product`."""
        m = Module()
        mode = getattr(self, "mode", None)
        m.d.comb += self.product.eq(scalable_product(m, platform, self._spec, mode, self.a_signed, self.a, self.b))
        return m


class ScalableMacUnit(wiring.Component):
    """Adds a product to the sum of every lane; mode and sign of the activation may change with every product.

        mode, a_signed --+
        a --------[ gate ]-[ array ]--|product|--[ + ]--+--|sums|---> out_acc
        b --------[ gate ]-[       ]               |    |     |
                                      |clear|------+--[and]<--+

    Ports: ``clk``; ``rst``, synchronous, high, which makes the sums 0; input stream ``in_valid`` in, ``in_ready`` out,
    ``in_mode`` in, an index of ``spec.precisions`` (not there where that has one entry; with lanes, a number past the
    last counts as the last), ``in_a_signed`` in, ``in_clear`` in: the sums of this mode's lanes begin with this
    product, ``in_a`` (activation) and ``in_b`` (weight) in; output stream ``out_valid`` out, ``out_ready`` in,
    ``out_acc`` out, ``spec.word_width`` bits: the sums after this product, lane i at ``spec.sum_start``.
    Without ``in_clear`` a product of another mode goes on with what the register holds at the places of its lanes; bits
    that its lanes do not use stay as they are, in units with lanes by a clock enable of their own.

    One product of each lane per cycle; latency 2 cycles. All registers stop while ``out_valid`` waits for
    ``out_ready``; ``in_ready`` follows ``out_ready`` in the same cycle; neither depends on ``in_valid``.
    """

    latency = 2

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                **mode_port(spec, "in_mode"),
                "in_a_signed": In(1),
                "in_clear": In(1),
                "in_a": In(spec.width),
                "in_b": In(spec.width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_acc": Out(spec.word_width),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Products, a register, their sums, the register of the sums."""
        m = Module()
        spec, advance = self._spec, Signal()
        multiplied = delayed(m, self.in_valid, 1, "multiplied", enable=advance, reset_less=False)
        added = delayed(m, multiplied, 1, "added", enable=advance, reset_less=False)
        m.d.comb += [advance.eq(self.out_ready | ~added), self.in_ready.eq(advance), self.out_valid.eq(added)]
        mode = getattr(self, "in_mode", None)
        now = scalable_product(m, platform, spec, mode, self.in_a_signed, self.in_a, self.in_b)
        product = delayed(m, now, 1, "product", enable=advance)
        clear = delayed(m, self.in_clear, 1, "clear", enable=advance)
        values: Values = {"product": product}
        if spec.most_lanes > 1:
            values["mode"] = mode = delayed(m, mode, 1, "mode", enable=advance)
        total, held = Signal(spec.word_width, name="total"), Signal(spec.word_width, name="held")
        sums = sum_register(m, spec, mode, total, advance & multiplied)
        m.d.comb += held.eq(Mux(clear, 0, sums))
        added_up = chain(m, platform, [{"sums": LaneSums(spec)}], values | {"held": held}, {"total"}, comb_level)
        m.d.comb += [total.eq(added_up["total"]), self.out_acc.eq(sums)]
        return m
