"""Blocks of precision-scalable MACs: gated operands, the multiplier array with lanes, and the sums of lanes."""

import itertools
from collections.abc import Callable

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ScalableMac
from axmac.rtl.columns import add_columns, joined_sum

__all__ = ["GatedOperands", "LaneArray", "LaneSums", "mode_port", "mode_width", "sum_register"]


def mode_width(spec: ScalableMac) -> int:
    """Bits of ``mode``, an index of ``spec.precisions``; 0 where there is one precision only."""
    return (len(spec.precisions) - 1).bit_length()


def mode_port(spec: ScalableMac, name: str = "mode") -> dict[str, In]:
    """The port ``mode`` of what depends on it, or nothing."""
    return {name: In(mode_width(spec))} if mode_width(spec) else {}


def _lane_mode(spec: ScalableMac) -> dict[str, In]:
    """The port ``mode`` of what has lanes."""
    return mode_port(spec) if spec.most_lanes > 1 else {}


class _Modes:
    """Functions of the mode of a unit with lanes; a number past the last mode counts as the last."""

    def __init__(self, spec: ScalableMac, mode: Value | None) -> None:
        self.lane_widths = tuple(dict.fromkeys(map(spec.lane_width, spec.precisions)))
        self._mode = mode

    def any_of(self, numbers: set[int]) -> Value:
        """Whether the mode is one of ``numbers``."""
        count = len(self.lane_widths)
        if len(numbers) == count:
            return Const(1, 1)
        last = count - 1
        tests = [self._mode >= last if number == last else self._mode == number for number in sorted(numbers)]
        return Cat(tests).any() if tests else Const(0, 1)

    def where(self, fits: Callable[[int], bool]) -> set[int]:
        """The modes whose lane width k fulfils ``fits(k)``."""
        return {number for number, k in enumerate(self.lane_widths) if fits(k)}


class GatedOperands(wiring.Component):
    """Data gating: an AND with the mask of the mode in front of the array; mode s clears the lowest s bits.

    Ports: ``mode``, ``a``, ``b`` in; ``op_a``, ``op_b`` out, ``width`` bits each. Combinational.
    """

    def __init__(self, spec: ScalableMac) -> None:
        width = spec.width
        operands = {"a": In(width), "b": In(width), "op_a": Out(width), "op_b": Out(width)}
        super().__init__(mode_port(spec) | operands)

    def elaborate(self, _platform: object) -> Module:
        """One mask for both operands; no mode clears the highest bit."""
        m = Module()
        top = len(self.a) - 1
        mask = Signal(top + 1)
        m.d.comb += mask.eq(Cat(*(self.mode <= bit for bit in range(top)), 1))
        m.d.comb += [self.op_a.eq(self.a & mask), self.op_b.eq(self.b & mask)]
        return m


class LaneArray(wiring.Component):
    """One array of width x width partial products; with lanes, of 1, 2 or 4 products side by side.

    Partial product (i, j) is a_i & b_j at weight i + j; it is 0 where its bits belong to different lanes of the mode.
    Two's complement by Baugh and Wooley in every lane: partial products of weight -2^n, those of the highest bit of
    exactly one signed operand, are inverted, and a constant makes up for it: in a lane of k bits 2^(2k-1), and 2^k with
    a signed, 2^(k-1) with an unsigned activation. Lane i's product fills columns 2ki to 2ki + 2k - 1; no carry passes
    from one lane into the next. Source: Baugh and Wooley, IEEE Transactions on Computers C-22(12), 1973.

    Ports: ``mode`` in, of a unit with lanes; ``a_signed``, ``op_a`` (activation), ``op_b`` (weight) in; ``product``
    out, 2 * width bits. Combinational.
    """

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        operands = {"a_signed": In(1), "op_a": In(spec.width), "op_b": In(spec.width), "product": Out(2 * spec.width)}
        super().__init__(_lane_mode(spec) | operands)

    def elaborate(self, _platform: object) -> Module:
        """Partial products, constants, columns."""
        m = Module()
        width, modes = self._spec.width, _Modes(self._spec, getattr(self, "mode", None))
        top, minus_a = Signal(width, name="top"), Signal(width, name="minus_a")
        m.d.comb += [
            top.eq(Cat(modes.any_of(modes.where(lambda k, i=i: i % k == k - 1)) for i in range(width))),
            minus_a.eq(Mux(self.a_signed, top, 0)),
        ]
        columns: list[list[Value]] = [[] for _ in range(2 * width)]
        for i, j in itertools.product(range(width), repeat=2):
            partial = Signal(name=f"pp_{i}_{j}")
            same_lane = modes.any_of(modes.where(lambda k, i=i, j=j: i // k == j // k))
            inverted = minus_a[i] ^ top[j]
            m.d.comb += partial.eq(same_lane & ((self.op_a[i] & self.op_b[j]) ^ inverted))
            columns[i + j].append(partial)
        for c, bits in enumerate(columns):
            always = modes.where(lambda k, c=c: c % (2 * k) == 2 * k - 1)
            signed = modes.where(lambda k, c=c: c % (2 * k) == k)
            unsigned = modes.where(lambda k, c=c: c % (2 * k) == k - 1)
            if always | signed | unsigned:
                of_sign = Mux(self.a_signed, modes.any_of(signed), modes.any_of(unsigned))
                bits.append(modes.any_of(always) | of_sign)
        m.d.comb += self.product.eq(add_columns(m, columns, self._joins(modes)))
        return m

    def _joins(self, modes: _Modes) -> dict[int, Value]:
        """By column whether a carry passes into it, for all columns in which a lane of some mode begins."""
        borders = range(2 * min(modes.lane_widths), 2 * self._spec.width, 2 * min(modes.lane_widths))
        return {c: modes.any_of(modes.where(lambda k, c=c: c % (2 * k) != 0)) for c in borders}


class LaneSums(wiring.Component):
    """The sums of all lanes with one more product each, side by side as `axmac.model.spec.ScalableMac` lays them.

    One adder, whose carries stop at the lanes of the mode; every product is extended by its sign over all slots of its
    lane. Ports: ``mode`` in, of a unit with lanes; ``product`` in, 2 * width bits; ``held`` in and ``total`` out,
    ``word_width`` bits. Combinational.
    """

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        word = spec.word_width
        super().__init__(_lane_mode(spec) | {"product": In(2 * spec.width), "held": In(word), "total": Out(word)})

    def elaborate(self, _platform: object) -> Module:
        """Place the products by mode, then add; in parts, so that no unused bit has a part in another one.

        Verilog makes a whole sum unknown where one bit is.
        """
        m = Module()
        spec, modes = self._spec, _Modes(self._spec, getattr(self, "mode", None))
        addend = self._placed(modes.lane_widths[0])
        for number, k in enumerate(modes.lane_widths[1:], start=1):
            addend = Mux(modes.any_of({number}), self._placed(k), addend)
        borders = {low for low, _, _ in _fields(spec, modes)} | set(range(0, spec.word_width, spec.slot_width))
        joins = {c: modes.any_of(modes.where(lambda k, c=c: c % _share(spec, k) != 0)) for c in borders - {0}}
        placed = Signal(spec.word_width)
        m.d.comb += [placed.eq(addend), self.total.eq(joined_sum(m, self.held, placed, joins, "slot"))]
        return m

    def _placed(self, k: int) -> Value:
        """The products of lanes of k bits, each as wide as its lane's share of the word."""
        share = _share(self._spec, k)
        products = (self.product.word_select(lane, 2 * k) for lane in range(self._spec.width // k))
        return Cat(Cat(product, product[-1].replicate(share - 2 * k)) for product in products)


def sum_register(m: Module, spec: ScalableMac, mode: Value | None, total: Value, enable: ValueLike) -> Value:
    """The register of the sums; with lanes, bits that the mode does not use keep their values: their clock stands.

    Registers ``sums_<lowest bit>``, 0 after reset. ``mode`` is read by units with lanes only.
    """
    modes, word = _Modes(spec, mode), []
    for low, high, users in _fields(spec, modes):
        register = Signal(high - low, name=f"sums_{low}")
        with m.If(enable & modes.any_of(users)):
            m.d.sync += register.eq(total[low:high])
        word.append(register)
    return Cat(word)


def _share(spec: ScalableMac, k: int) -> int:
    """Bits of the register of the sums for each lane of k bits."""
    return spec.word_width * k // spec.width


def _fields(spec: ScalableMac, modes: _Modes) -> list[tuple[int, int, set[int]]]:
    """Lowest bit, highest bit + 1 and users of every part of the register whose bits have the same modes as users."""
    users = [
        modes.where(lambda k, bit=bit: bit % _share(spec, k) < 2 * k + spec.guard) for bit in range(spec.word_width)
    ]
    starts = [bit for bit in range(spec.word_width) if bit == 0 or users[bit] != users[bit - 1]]
    return [(low, high, users[low]) for low, high in itertools.pairwise([*starts, spec.word_width])]
