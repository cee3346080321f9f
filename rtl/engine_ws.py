"""The schedule of a weight-stationary matrix engine."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.rtl.accumulate import SUM_WIDTH
from axmac.rtl.blocks import Hierarchy, add_block
from axmac.rtl.engine_buffers import at_most
from axmac.rtl.engine_config import MAX_M, EngineConfig
from axmac.rtl.nest import Loop, Nest
from axmac.rtl.ram import Ram
from axmac.rtl.systolic_ws import WeightStationaryArray

__all__ = ["WeightStationarySchedule", "schedule_ports"]


def schedule_ports(config: EngineConfig) -> dict[str, wiring.Member]:
    """The ports that both schedules have.

    ``start`` in, with ``size_m``, ``size_k``, ``size_n`` in, kept until the end. To the buffers, as there:
    ``chunk_ready`` in, ``release`` out, ``weights_complete`` in, ``result_free`` in, ``claim`` out, ``written`` out;
    ``activation_enable``, ``activation_address`` out, ``activation_data`` in; the same for ``weight``;
    ``result_enable``, ``result_address``, ``result_data`` out. ``wave`` out: a wave enters the array.
    """
    c = config
    width = c.mul.format.width
    return {
        "start": In(1),
        "size_m": In(range(MAX_M + 1)),
        "size_k": In(range(c.max_k + 1)),
        "size_n": In(range(c.max_n + 1)),
        "chunk_ready": In(1),
        "release": Out(1),
        "activation_enable": Out(1),
        "activation_address": Out(c.activation_bits),
        "activation_data": In(width * c.rows),
        "weights_complete": In(1),
        "weight_enable": Out(1),
        "weight_address": Out(c.weight_bits),
        "weight_data": In(width * c.cols),
        "result_free": In(1),
        "claim": Out(1),
        "result_enable": Out(1),
        "result_address": Out(c.result_bits),
        "result_data": Out(SUM_WIDTH * c.cols),
        "written": Out(1),
        "wave": Out(1),
    }


class WeightStationarySchedule(wiring.Component):
    """Feeds a `WeightStationaryArray` and takes its partial sums.

        for chunk of rows, for k tile, for n tile:      the tile of weights, loaded one tile ahead
            for row of the chunk:                       a wave, one per cycle
                partial sums = tile(partial sums of the k tile before, or +0)

    Three counters walk through these loops: weights, waves, and partial sums that come out. A wave waits until its own
    partial sum of the k tile before is written, which takes no time when a chunk times the n tiles is at least the
    latency of the array and 4 cycles. Activations and weights past K are +0: their products leave a sum as it is.

    Ports: ``clk``; ``rst``, synchronous, high; `schedule_ports`.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        super().__init__(schedule_ports(config))

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Weights, waves, array, partial sums."""
        m = Module()
        c = self._config
        array = WeightStationaryArray(c.mul, c.rows, c.cols, c.mul_stages, c.add_stages)
        k, n, row = Loop("k", c.rows, c.max_k), Loop("n", c.cols, c.max_n), Loop("row", 1, c.chunk_rows)
        waves, sums = Nest((c.chunks, k, n, row)), Nest((c.chunks, k, n, row))
        sum_address = Cat(sums.n_index[: c.n_bits], sums.row[: c.row_bits])
        read_sum = Signal(SUM_WIDTH * c.cols)
        send = Signal()
        weight_row, weight_valid = self._weights(m, platform, array.weight_ready, k, n)
        allowed = self._allowed(m, waves, send, array.out_valid)

        wave_valid, swap, from_zero = Signal(), Signal(), Signal()
        inside = Signal(c.rows)
        m.d.comb += [
            send.eq(allowed & (~wave_valid | array.in_ready)),
            self.wave.eq(wave_valid & array.in_ready),
            self.activation_enable.eq(send),
            self.activation_address.eq(Cat(waves.k_index[: c.activation_bits - c.row_bits], waves.row[: c.row_bits])),
            self.claim.eq(send & waves.k_end & (waves.n_index == 0) & (waves.row == 0)),
            self.release.eq(send & waves.k_end & waves.n_end & waves.row_end),
        ]
        with m.If(send):
            m.d.sync += [wave_valid.eq(1), swap.eq(waves.row == 0), from_zero.eq(waves.k_index == 0)]
            m.d.sync += inside.eq(Cat(waves.k + r < self.size_k for r in range(c.rows)))
        with m.Elif(array.in_ready):
            m.d.sync += wave_valid.eq(0)
        width = c.mul.format.width
        activations = Cat(
            self.activation_data.word_select(r, width) & inside[r].replicate(width) for r in range(c.rows)
        )
        self._walk(m, platform, "waves", waves, send)

        inputs = {"weight_valid": weight_valid, "weight_row": weight_row, "in_valid": wave_valid, "in_swap": swap}
        inputs |= {"in_a": activations, "in_psum": Mux(from_zero, 0, read_sum), "out_ready": 1}
        out = add_block(m, platform, "array", array, inputs)

        self._walk(m, platform, "sums", sums, out["out_valid"])
        m.d.comb += [
            self.result_enable.eq(out["out_valid"] & sums.k_end),
            self.result_address.eq(sum_address),
            self.result_data.eq(out["out_psum"]),
            self.written.eq(out["out_valid"] & sums.k_end & sums.n_end & sums.row_end),
        ]
        ram = {
            "write_lanes": out["out_valid"] & ~sums.k_end,
            "write_address": sum_address,
            "write_data": out["out_psum"],
            "read_enable": send,
            "read_address": Cat(waves.n_index[: c.n_bits], waves.row[: c.row_bits]),
        }
        read = add_block(m, platform, "sum_ram", Ram(SUM_WIDTH * c.cols, 1, c.result_bits), ram)
        m.d.comb += read_sum.eq(read["read_data"])
        return m

    def _weights(self, m: Module, platform: Hierarchy | None, accepted: Value, k: Loop, n: Loop) -> tuple[Value, Value]:
        """The rows of all tiles in the order in which the array takes them, and their valid."""
        c = self._config
        nest = Nest((c.chunks, k, n, Loop("row", 1, c.rows)))
        valid, inside, fetch = Signal(), Signal(), Signal()
        row = nest.k + nest.row
        m.d.comb += [
            fetch.eq(nest.active & self.weights_complete & (~valid | accepted)),
            self.weight_enable.eq(fetch),
            self.weight_address.eq(Cat(nest.n_index[: c.n_bits], row[: c.k_bits])),
        ]
        with m.If(fetch):
            m.d.sync += [valid.eq(1), inside.eq(row < self.size_k)]
        with m.Elif(accepted):
            m.d.sync += valid.eq(0)
        self._walk(m, platform, "weights", nest, fetch, row_limit=c.rows)
        return self.weight_data & inside.replicate(len(self.weight_data)), valid

    def _allowed(self, m: Module, waves: Nest, send: Value, sum_arrives: Value) -> Value:
        """Whether the next wave may be sent: its operands, its partial sum and room for its result are there."""
        c = self._config
        in_flight = Signal(range(c.mul_stages + c.rows * c.add_stages + c.cols + 4))
        per_k_tile = Signal(range((c.chunk_rows << c.n_bits) + 1))
        first_k = waves.k_index == 0
        first_of_tile = (waves.n_index == 0) & (waves.row == 0)
        m.d.sync += in_flight.eq(in_flight + send - sum_arrives)
        with m.If(send & first_k):
            m.d.sync += per_k_tile.eq(Mux(first_of_tile, 1, per_k_tile + 1))
        sum_is_there = first_k | (in_flight < per_k_tile)
        room = self.result_free | ~(waves.k_end & first_of_tile)
        return waves.active & self.chunk_ready & sum_is_there & room

    def _walk(
        self, m: Module, platform: Hierarchy | None, name: str, nest: Nest, step: Value, row_limit: int = 0
    ) -> None:
        c = self._config
        limits = {"limit_chunk": self.size_m, "limit_k": self.size_k, "limit_n": self.size_n}
        limits["limit_row"] = row_limit or at_most(c.chunk_rows, self.size_m - nest.chunk)
        add_block(m, platform, name, nest, {"start": self.start, "step": step} | limits)
