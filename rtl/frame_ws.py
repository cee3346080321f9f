"""What surrounds the elements of a weight-stationary array: control of streams and weights, skew, and the grid."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.rtl.blocks import Copies, Hierarchy
from axmac.rtl.staging import delayed

__all__ = ["WeightStationaryFrame"]


class WeightStationaryFrame(wiring.Component):
    """Control, skew and grid of a weight-stationary array, whatever its elements compute.

    ``widths``: bits of an activation, a weight and a sum at the ports; ``wave_ports``: further inputs of a wave, whose
    names stay in the attribute; ``reset_skew``: whether a reset clears what is on its way to an element. A subclass
    says what one element is (`element`), and may put more into a row than its activation (`activation`).
    Ports, streams and ``latency`` as in `WeightStationaryArray`; ``stages``: mul_stages and add_stages of an element.
    """

    reset_skew = False

    def __init__(
        self,
        rows: int,
        cols: int,
        stages: tuple[int, int],
        widths: tuple[int, int, int],
        wave_ports: dict[str, In] | None = None,
    ) -> None:
        self._rows, self._cols, self._stages = rows, cols, stages
        self.wave_ports = tuple(wave_ports or {})
        self._a_width, self._weight_width, self._sum_width = widths
        mul_stages, add_stages = stages
        self.latency = mul_stages + rows * add_stages + cols - 1
        self.min_waves = (rows - 1) * add_stages + cols + 1
        super().__init__(
            {
                "weight_valid": In(1),
                "weight_ready": Out(1),
                "weight_row": In(cols * self._weight_width),
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_swap": In(1),
                **(wave_ports or {}),
                "in_a": In(rows * self._a_width),
                "in_psum": In(cols * self._sum_width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_psum": Out(cols * self._sum_width),
            }
        )

    def element(self) -> wiring.Component:
        """One element, with the ports of `WeightStationaryPe`."""
        raise NotImplementedError

    def activation(self, row: int) -> Value:
        """What a wave brings into a row and its elements hand on to the right."""
        return self.in_a.word_select(row, self._a_width)

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
        pes = Copies(self.element)
        skew = {"enable": advance, "reset_less": not self.reset_skew}
        psums = [
            delayed(m, self.in_psum.word_select(c, self._sum_width), mul_stages + c, f"psum_{c}", **skew)
            for c in range(self._cols)
        ]
        swap = swap_now
        for r in range(self._rows):
            a = delayed(m, self.activation(r), r * add_stages, f"a_{r}", **skew)
            swap_right = swap = delayed(m, swap, add_stages if r else 0, f"swap_{r}", enable=advance, reset_less=False)
            for c in range(self._cols):
                inputs = {
                    "enable": advance,
                    "a": a,
                    "swap": swap_right,
                    "load": loads[r],
                    "weight": self.weight_row.word_select(c, self._weight_width),
                    "psum": psums[c],
                }
                outputs = pes.add(m, platform, f"pe_{r}_{c}", inputs)
                a, swap_right, psums[c] = outputs["a_right"], outputs["swap_right"], outputs["psum_down"]
        columns = [delayed(m, psum, self._cols - 1 - c, f"out_{c}", enable=advance) for c, psum in enumerate(psums)]
        m.d.comb += self.out_psum.eq(Cat(columns))
