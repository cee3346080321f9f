"""The weight-stationary systolic array of precision-scalable MACs: packed words in, sums of lanes out."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import ScalableMac
from axmac.rtl.blocks import Hierarchy, Values, chain, comb_level
from axmac.rtl.frame_ws import WeightStationaryFrame
from axmac.rtl.scalable import scalable_product
from axmac.rtl.scalable_blocks import LaneSums, mode_port, mode_width, sum_register
from axmac.rtl.staging import check_range, delayed
from axmac.rtl.systolic_ws import LARGEST_SIDE

__all__ = ["ScalableArray", "ScalablePe", "check_sides"]

_STAGES = 1, 1
"""A register after the products, and that of the sums."""


def check_sides(rows: int, cols: int) -> None:
    """Refuse numbers of rows and columns that no array has: ``TypeError``, ``InputError``."""
    check_range("rows", rows, LARGEST_SIDE)
    check_range("cols", cols, LARGEST_SIDE)


class ScalablePe(wiring.Component):
    """One processing element: the sums of all lanes move down, a product richer; one weight word for the next tile.

    Ports as `axmac.rtl.systolic_ws.WeightStationaryPe`, but: ``a`` and ``a_right`` hold the activation word, above it
    ``a_signed`` and then the mode; ``weight`` is a word of the lanes' weights; ``psum`` and ``psum_down`` hold the sums
    of the lanes. The register of the sums as in `axmac.rtl.scalable.ScalableMacUnit`.
    """

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        travelling = spec.width + 1 + mode_width(spec)
        super().__init__(
            {
                "enable": In(1),
                "a": In(travelling),
                "swap": In(1),
                "load": In(1),
                "weight": In(spec.width),
                "psum": In(spec.word_width),
                "a_right": Out(travelling),
                "swap_right": Out(1),
                "psum_down": Out(spec.word_width),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Weight registers, products, sums."""
        m = Module()
        spec, width = self._spec, self._spec.width
        loaded, active, used = (Signal(width, reset_less=True) for _ in range(3))
        with m.If(self.load):
            m.d.sync += loaded.eq(self.weight)
        m.d.comb += used.eq(Mux(self.swap, loaded, active))
        with m.If(self.enable):
            m.d.sync += [active.eq(used), self.a_right.eq(self.a), self.swap_right.eq(self.swap)]
        word, a_signed, mode = self.a[:width], self.a[width], self.a[width + 1 :] if mode_width(spec) else None
        now = scalable_product(m, platform, spec, mode, a_signed, word, used)
        product = delayed(m, now, 1, "product", enable=self.enable, reset_less=False)
        values: Values = {"product": product, "held": self.psum}
        if spec.most_lanes > 1:
            values["mode"] = mode = delayed(m, mode, 1, "mode", enable=self.enable, reset_less=False)
        total: Value = chain(m, platform, [{"sums": LaneSums(spec)}], values, {"total"}, comb_level)["total"]
        m.d.comb += self.psum_down.eq(sum_register(m, spec, mode, total, self.enable))
        return m


class ScalableArray(WeightStationaryFrame):
    """``rows`` x ``cols`` elements; row r holds the weights of ``lanes`` values of k, column c its output n = c.

    As `axmac.rtl.systolic_ws.WeightStationaryArray`, with these differences. A wave also brings ``in_mode`` (an index
    of ``spec.precisions``; not there where that has one entry) and ``in_a_signed``, which must be the same for all
    waves that meet one tile, and may be others for the next tile. ``in_a`` (rows) and ``weight_row`` (cols) hold words
    of ``spec.width`` bits with an operand in each lane. ``in_psum`` and ``out_psum`` (cols) hold sums of all lanes,
    ``spec.word_width`` bits, as `axmac.model.spec.ScalableMac` lays them; bits that the mode does not use have no
    meaning. A column adds lane by lane: what leaves it is ``lanes`` sums, which whoever reads them adds. ``latency`` is
    rows + cols. Raises ``TypeError`` and ``InputError``.
    """

    reset_skew = True  # a mode that is unknown at first would make sums unknown that nothing writes again

    def __init__(self, spec: ScalableMac, rows: int, cols: int) -> None:
        check_sides(rows, cols)
        self._spec = spec
        modes = mode_port(spec, "in_mode") | {"in_a_signed": In(1)}
        super().__init__(rows, cols, _STAGES, (spec.width, spec.width, spec.word_width), modes)

    def element(self) -> ScalablePe:
        """One element."""
        return ScalablePe(self._spec)

    def activation(self, row: int) -> Value:
        """The activation word, whether it is signed, and the mode."""
        mode = [self.in_mode] if mode_width(self._spec) else []
        return Cat(super().activation(row), self.in_a_signed, *mode)
