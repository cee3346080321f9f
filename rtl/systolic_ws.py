"""The weight-stationary systolic array: weights stay, activations move right, partial sums move down."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import Mac, Multiplier
from axmac.rtl.accumulate import SUM_WIDTH, check_mac, product_of, sum_of
from axmac.rtl.blocks import Copies, Hierarchy
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.staging import check_range, delayed

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


class WeightStationaryArray(wiring.Component):
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
        self._rows, self._cols, self._stages = rows, cols, (mul_stages, add_stages)
        self.latency = mul_stages + rows * add_stages + cols - 1
        self.min_waves = (rows - 1) * add_stages + cols + 1
        width = self._spec.format.width
        super().__init__(
            {
                "weight_valid": In(1),
                "weight_ready": Out(1),
                "weight_row": In(cols * width),
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_swap": In(1),
                "in_a": In(rows * width),
                "in_psum": In(cols * SUM_WIDTH),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_psum": Out(cols * SUM_WIDTH),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Control, then the grid."""
        m = Module()
        advance, swap_now, tile_loaded = Signal(), Signal(), Signal()
        valid = delayed(m, self.in_valid & self.in_ready, self.latency, "valid", enable=advance, reset_less=False)
        m.d.comb += [
            advance.eq(self.out_ready | ~valid),
            self.in_ready.eq(advance & (tile_loaded | ~self.in_swap)),
            swap_now.eq(self.in_valid & self.in_ready & self.in_swap),
            self.out_valid.eq(valid),
        ]
        loads = self._load_control(m, advance, swap_now, tile_loaded)
        self._grid(m, platform, advance, swap_now, loads)
        return m

    def _load_control(self, m: Module, advance: Signal, swap_now: Signal, tile_loaded: Signal) -> list[Signal]:
        """The load strobe of each row. Row r may change ``r * add_stages + cols`` cycles after a swap entered."""
        _, add_stages = self._stages
        last_age = self.latency
        age = Signal(range(last_age + 1), init=last_age)
        passed = Signal(range(last_age + self._rows * add_stages), init=self._cols - 1)
        row = Signal(range(self._rows + 1))
        loads = [Signal(name=f"load_{r}") for r in range(self._rows)]
        accepted = self.weight_valid & self.weight_ready
        m.d.comb += [tile_loaded.eq(row == self._rows), self.weight_ready.eq(~tile_loaded & (age >= passed))]
        m.d.comb += [load.eq(accepted & (row == r)) for r, load in enumerate(loads)]
        with m.If(advance & (age != last_age)):
            m.d.sync += age.eq(age + 1)
        with m.If(accepted):
            m.d.sync += [row.eq(row + 1), passed.eq(passed + add_stages)]
        with m.If(swap_now):
            m.d.sync += [row.eq(0), passed.eq(self._cols - 1), age.eq(0)]
        return loads

    def _grid(
        self, m: Module, platform: Hierarchy | None, advance: Signal, swap_now: Signal, loads: list[Signal]
    ) -> None:
        """Rows from top to bottom, each from left to right."""
        mul_stages, add_stages = self._stages
        width = self._spec.format.width
        pes = Copies(lambda: WeightStationaryPe(self._spec, mul_stages, add_stages))
        psums = [
            delayed(m, self.in_psum.word_select(c, SUM_WIDTH), mul_stages + c, f"psum_{c}", enable=advance)
            for c in range(self._cols)
        ]
        swap = swap_now
        for r in range(self._rows):
            a = delayed(m, self.in_a.word_select(r, width), r * add_stages, f"a_{r}", enable=advance)
            swap_right = swap = delayed(m, swap, add_stages if r else 0, f"swap_{r}", enable=advance, reset_less=False)
            for c in range(self._cols):
                inputs = {
                    "enable": advance,
                    "a": a,
                    "swap": swap_right,
                    "load": loads[r],
                    "weight": self.weight_row.word_select(c, width),
                    "psum": psums[c],
                }
                outputs = pes.add(m, platform, f"pe_{r}_{c}", inputs)
                a, swap_right, psums[c] = outputs["a_right"], outputs["swap_right"], outputs["psum_down"]
        columns = [delayed(m, psum, self._cols - 1 - c, f"out_{c}", enable=advance) for c, psum in enumerate(psums)]
        m.d.comb += self.out_psum.eq(Cat(columns))
