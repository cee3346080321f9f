"""The weight-stationary systolic array: weights stay, activations move right, partial sums move down."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import Mac, Multiplier
from axmac.rtl.accumulate import SUM_WIDTH, check_mac, product_of, sum_of
from axmac.rtl.blocks import Hierarchy
from axmac.rtl.frame_ws import WeightStationaryFrame
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.staging import check_range

__all__ = ["LARGEST_SIDE", "WeightStationaryArray", "WeightStationaryPe", "check_array"]

LARGEST_SIDE = 128


def check_array(
    mac: Mac | Multiplier, rows: int, cols: int, mul_stages: int, add_stages: int | None
) -> tuple[Multiplier, int]:
    """As `check_mac`, after a check of the sides (``TypeError``, ``InputError``)."""
    check_range("rows", rows, LARGEST_SIDE)
    check_range("cols", cols, LARGEST_SIDE)
    return check_mac(mac, mul_stages, add_stages)


class WeightStationaryPe(wiring.Component):
    """One processing element: psum_down = psum + a * weight, with a second weight register for the next tile.

    The sum is RNE in float32, of integers modulo 2^32.

    Ports: ``clk``, ``rst``; ``enable`` in, moves everything but the load; ``a`` in, the activation; ``swap`` in, with
    the first activation that meets the loaded weight; ``load``, ``weight`` in; ``psum`` in, 32 bits, ``mul_stages``
    cycles after its activation; ``a_right``, ``swap_right`` out, one cycle after ``a``; ``psum_down`` out,
    ``add_stages`` cycles after ``psum``.
    """

    def __init__(self, spec: Multiplier, mul_stages: int, add_stages: int) -> None:
        self._spec = spec
        self._stages = mul_stages, add_stages
        width = spec.format.width
        super().__init__(
            {
                "enable": In(1),
                "a": In(width),
                "swap": In(1),
                "load": In(1),
                "weight": In(width),
                "psum": In(SUM_WIDTH),
                "a_right": Out(width),
                "swap_right": Out(1),
                "psum_down": Out(SUM_WIDTH),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Weight registers, multiplier, adder."""
        m = Module()
        mul_stages, add_stages = self._stages
        loaded, active, used = (Signal(self._spec.format.width, reset_less=True) for _ in range(3))
        with m.If(self.load):
            m.d.sync += loaded.eq(self.weight)
        m.d.comb += used.eq(Mux(self.swap, loaded, active))
        with m.If(self.enable):
            m.d.sync += [active.eq(used), self.a_right.eq(self.a), self.swap_right.eq(self.swap)]
        product = product_of(m, platform, self._spec, self.a, used, mul_stages, self.enable)
        total = sum_of(m, platform, self._spec, self.psum, product, add_stages, enable=self.enable)
        m.d.comb += self.psum_down.eq(total)
        return m


class WeightStationaryArray(WeightStationaryFrame):
    """``rows`` x ``cols`` elements; row r holds weights k = r of a tile, column c its output n = c.

                    psum_0    psum_1   delay mul_stages + c
                       |         |
        a_0 ---------[PE]------[PE]--->
                       |         |
        a_1 -[delay]-[PE]------[PE]--->        delay of row r: r * add_stages
                       |         |
                     out_0     out_1   delay cols - 1 - c

    A wave is one activation per row and one partial sum per column; all of it enters in one cycle and leaves as one
    vector of partial sums, ``latency`` cycles later: out_c = (..(psum_c + a_0 w_0c) + a_1 w_1c) + .., each sum rounded
    to nearest even in float32, or of integers in int32, modulo 2^32. Skew is made and removed inside. One wave per
    cycle, that is rows x cols MACs. ``latency`` is mul_stages + rows * add_stages + cols - 1, where ``add_stages`` is 3
    unless given, of integers 1 and nothing else.

    Ports: ``clk``; ``rst``, synchronous, high. Element i of a vector stands at bits [i*w, (i+1)*w).
    Waves: ``in_valid`` in, ``in_ready`` out, ``in_a`` in (rows), ``in_psum`` in (cols, 32 bits), ``in_swap`` in: this
    wave and those after it meet the tile loaded last. Results: ``out_valid`` out, ``out_ready`` in, ``out_psum`` out.
    Weights: ``weight_valid`` in, ``weight_ready`` out, ``weight_row`` in (cols): rows 0 to rows-1 of the next tile, one
    transfer each, while the array computes. A row is accepted when the swap before has passed it, so that tiles of
    at least ``min_waves`` waves follow each other without a bubble; a wave with ``in_swap`` waits for all rows.

    While a result waits for ``out_ready`` the array stands still. ``in_ready`` follows ``out_ready`` and ``in_swap`` in
    the same cycle; no ready depends on a valid input. Raises ``TypeError`` and ``InputError``.
    """

    def __init__(
        self,
        mac: Mac | Multiplier,
        rows: int,
        cols: int,
        mul_stages: int = DEFAULT_STAGES,
        add_stages: int | None = None,
    ) -> None:
        self._spec, add_stages = check_array(mac, rows, cols, mul_stages, add_stages)
        width = self._spec.format.width
        super().__init__(rows, cols, (mul_stages, add_stages), (width, width, SUM_WIDTH))

    def element(self) -> WeightStationaryPe:
        """One element."""
        return WeightStationaryPe(self._spec, *self._stages)
