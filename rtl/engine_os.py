"""The schedule of an output-stationary matrix engine."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring

from axmac.rtl.blocks import Hierarchy, add_block
from axmac.rtl.engine_buffers import at_most
from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.engine_ws import schedule_ports
from axmac.rtl.nest import Loop, Nest
from axmac.rtl.systolic_os import OutputStationaryArray

__all__ = ["OutputStationarySchedule"]


class OutputStationarySchedule(wiring.Component):
    """Feeds an `OutputStationaryArray` and takes its results.

        for chunk of rows * slots rows, for n tile:
            for k, for slot:                            a wave, one per cycle
            results of each slot, row by row

    Two counters walk through these loops: waves, and results. In the last chunk only the slots that have rows are used.
    Activations of rows past M and weights of columns past N hold anything; their sums are not read.

    Ports: ``clk``; ``rst``, synchronous, high; `schedule_ports`.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        super().__init__(schedule_ports(config))

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Waves, array, results."""
        m = Module()
        c = self._config
        array = OutputStationaryArray(c.mul, c.rows, c.cols, c.mul_stages, c.add_stages)
        n, slot = Loop("n", c.cols, c.max_n), Loop("slot", c.rows, c.chunk_rows)
        waves = Nest((c.chunks, n, Loop("k", 1, c.max_k), slot))
        results = Nest((c.chunks, n, slot, Loop("row", 1, c.rows)))

        wave_valid, wave_slot, first, last = Signal(), Signal.like(waves.slot_index), Signal(), Signal()
        room = self.result_free | ~(waves.k_end & (waves.n_index == 0) & (waves.slot_index == 0))
        send = Signal()
        operands = waves.active & self.chunk_ready & self.weights_complete
        m.d.comb += [
            send.eq(operands & room & (~wave_valid | array.in_ready)),
            self.wave.eq(wave_valid & array.in_ready),
            self.activation_enable.eq(send),
            self.activation_address.eq(Cat(waves.k[: c.k_bits], waves.slot_index[: c.activation_bits - c.k_bits])),
            self.weight_enable.eq(send),
            self.weight_address.eq(Cat(waves.n_index[: c.n_bits], waves.k[: c.k_bits])),
            self.claim.eq(send & waves.k_end & (waves.n_index == 0) & (waves.slot_index == 0)),
            self.release.eq(send & waves.n_end & waves.k_end & waves.slot_end),
        ]
        with m.If(send):
            m.d.sync += [wave_valid.eq(1), wave_slot.eq(waves.slot_index)]
            m.d.sync += [first.eq(waves.k_index == 0), last.eq(waves.k_end)]
        with m.Elif(array.in_ready):
            m.d.sync += wave_valid.eq(0)
        limits = {"start": self.start, "limit_chunk": self.size_m, "limit_n": self.size_n}
        for_waves = {"step": send, "limit_k": self.size_k}
        for_waves["limit_slot"] = at_most(c.chunk_rows, self.size_m - waves.chunk)
        add_block(m, platform, "waves", waves, limits | for_waves)

        inputs = {"in_valid": wave_valid, "in_slot": wave_slot, "in_first": first, "in_last": last, "out_ready": 1}
        inputs |= {"in_a": self.activation_data, "in_b": self.weight_data}
        out = add_block(m, platform, "array", array, inputs)

        for_results = {"step": out["out_valid"], "limit_row": c.rows}
        for_results["limit_slot"] = at_most(c.chunk_rows, self.size_m - results.chunk)
        add_block(m, platform, "results", results, limits | for_results)
        row = results.slot + results.row
        m.d.comb += [
            self.result_enable.eq(out["out_valid"]),
            self.result_address.eq(Cat(results.n_index[: c.n_bits], row[: c.row_bits])),
            self.result_data.eq(out["out_row"]),
            self.written.eq(out["out_valid"] & results.n_end & results.slot_end & results.row_end),
        ]
        return m
