"""The faults that `axmac mutate` plants at the ports of the blocks of precision-scalable MACs."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Mux, Value
from amaranth.lib import wiring

from axmac.model.spec import ScalableMac
from axmac.rtl.scalable_blocks import GatedOperands, LaneArray, LaneSums, mode_width
from axmac.sim.fault import Fault, Ports, sample

__all__ = ["scalable_faults"]

_MOST_BITS = 4
"""Bits of an operand that are dropped, one at a time."""


def scalable_faults(block: wiring.Component, spec: ScalableMac) -> list[Fault]:
    """The faults of a block; none for a block that is not one of the MAC's."""
    make = _MAKERS.get(type(block))
    return make(spec) if make else []


def _gate(spec: ScalableMac) -> list[Fault]:
    faults = [
        Fault("one bit too many gated", "data gating", {"mode": lambda p: Mux(p["mode"] < last, p["mode"] + 1, last)}),
        Fault("one bit too few gated", "data gating", {"mode": lambda p: Mux(p["mode"] > 0, p["mode"] - 1, 0)}),
    ]
    last = len(spec.precisions) - 1
    return [*faults, *(Fault(f"{x} not gated", "data gating", {f"op_{x}": lambda p, x=x: p[x]}) for x in "ab")]


def _array(spec: ScalableMac) -> list[Fault]:
    faults = [
        Fault("operands swapped", "operand order", {"op_a": lambda p: p["op_b"], "op_b": lambda p: p["op_a"]}),
        Fault("activations always signed", "sign", {"a_signed": lambda _: Const(1, 1)}),
        Fault("activations never signed", "sign", {"a_signed": lambda _: Const(0, 1)}),
        Fault("highest bit of the product dropped", "sign", {"product": lambda p: p["product"][:-1]}),
    ]
    for name in ("op_a", "op_b"):
        for bit in sample(spec.width, _MOST_BITS):
            dropped = _without(name, bit)
            faults.append(Fault(f"bit {bit} of {name} dropped", "partial product dropped", {name: dropped}))
    return faults + _lanes(spec, "product", 2 * spec.width)


def _sums(spec: ScalableMac) -> list[Fault]:
    wide = spec.word_width

    def not_extended(p: Ports) -> Value:
        right = p["total"]
        whole = (p["held"] + p["product"])[:wide]
        return Mux(p["mode"] == 0, whole, right) if spec.most_lanes > 1 else whole

    faults = [
        Fault("sums dropped", "accumulator", {"held": lambda _: Const(0, wide)}),
        Fault("products of one lane not extended by their sign", "sign", {"total": not_extended}),
    ]
    return faults + _lanes(spec, "total", wide)


def _lanes(spec: ScalableMac, output: str, width: int) -> list[Fault]:
    """Wrong lanes: those of another mode, and a bit that reaches the upper half where the mode has two or four."""
    if spec.most_lanes == 1:
        return []
    half, last = width // 2, len(spec.precisions) - 1

    def carried(p: Ports) -> Value:
        return p[output] ^ Cat(Const(0, half), (p["mode"] != 0) & p[output][half - 1])

    modes = {
        "always one lane": lambda _: Const(0, mode_width(spec)),
        "always the most lanes": lambda _: Const(last, mode_width(spec)),
        "two lanes instead of four": lambda p: Mux(p["mode"] >= last, last - 1, p["mode"]),
    }
    faults = [Fault(f"{output}: {what}", "lanes", {"mode": change}) for what, change in modes.items()]
    return [*faults, Fault(f"{output}: a carry between lanes", "lanes", {output: carried})]


def _without(name: str, bit: int) -> Callable[[Ports], Value]:
    return lambda p: p[name] & ~Const(1 << bit, len(p[name]))


_MAKERS: dict[type, Callable[[ScalableMac], list[Fault]]] = {
    GatedOperands: _gate,
    LaneArray: _array,
    LaneSums: _sums,
}
