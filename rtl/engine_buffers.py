"""The three buffers of a matrix engine: activations, weights, results."""

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.rtl.accumulate import SUM_WIDTH
from axmac.rtl.blocks import Hierarchy, add_block
from axmac.rtl.engine_config import MAX_M, EngineConfig
from axmac.rtl.nest import Loop, Nest
from axmac.rtl.ram import Ram

__all__ = ["ActivationBuffer", "ResultBuffer", "WeightBuffer", "at_most"]


def at_most(limit: int, value: Value) -> Value:
    """The smaller one of both."""
    return Mux(value < limit, value, limit)


def _operand_ports(width: int) -> dict[str, wiring.Member]:
    return {"valid": In(1), "ready": Out(1), "operand": In(width), "last": In(1), "wrong_last": Out(1)}


class ActivationBuffer(wiring.Component):
    """Two chunks of rows of activations: one is read while the next one is filled, an operand per cycle.

    A word holds the ``rows`` activations of a wave: one row and one k tile (``ws``), or one k and one slot (``os``).
    Lanes past the end of the matrix hold anything.

    Ports: ``clk``, ``rst``; ``start`` in, with ``size_m``, ``size_k`` in, kept until the end; operand stream ``valid``
    in, ``ready`` out, ``operand``, ``last`` in; ``wrong_last`` out, pulses where ``last`` is not with the last operand
    of the matrix; ``chunk_ready`` out; ``read_enable``, ``read_address`` in, ``read_data`` out one cycle later;
    ``release`` in, with the last read of a chunk.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = c = config
        width = c.mul.format.width
        ports = {"start": In(1), "size_m": In(range(MAX_M + 1)), "size_k": In(range(c.max_k + 1))}
        ports |= _operand_ports(width) | {"chunk_ready": Out(1), "read_enable": In(1)}
        ports |= {"read_address": In(c.activation_bits), "read_data": Out(width * c.rows), "release": In(1)}
        super().__init__(ports)

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Count where the next operand goes; keep track of full chunks."""
        m = Module()
        c = self._config
        row, k = Loop("row", 1, c.chunk_rows), Loop("k", 1, c.max_k)
        lane = Loop("lane", 1, c.rows)
        row_tile, k_tile = Loop("tile", c.rows, c.chunk_rows), Loop("tile", c.rows, c.max_k)
        weight_stationary = c.dataflow == "ws"
        nest = Nest((c.chunks, row, k_tile, lane) if weight_stationary else (c.chunks, row_tile, lane, k))
        rows_left = at_most(c.chunk_rows, self.size_m - nest.chunk)
        tiled = self.size_k if weight_stationary else rows_left
        accepted = self.valid & self.ready
        inputs = {"start": self.start, "step": accepted, "limit_chunk": self.size_m, "limit_tile": tiled}
        inputs |= {"limit_row": rows_left, "limit_k": self.size_k, "limit_lane": at_most(c.rows, tiled - nest.tile)}
        add_block(m, platform, "nest", nest, inputs)

        full, filling, reading = Signal(2), Signal(), Signal()
        inner = (nest.row_end, nest.tile_end, nest.lane_end) if weight_stationary else ()
        inner = inner or (nest.tile_end, nest.lane_end, nest.k_end)
        chunk_end = Cat(inner).all()
        m.d.comb += [
            self.ready.eq(nest.active & ~full.bit_select(filling, 1)),
            self.wrong_last.eq(accepted & (self.last ^ (chunk_end & nest.chunk_end))),
            self.chunk_ready.eq(full.bit_select(reading, 1)),
        ]
        with m.If(accepted & chunk_end):
            m.d.sync += [full.bit_select(filling, 1).eq(1), filling.eq(~filling)]
        with m.If(self.release):
            m.d.sync += [full.bit_select(reading, 1).eq(0), reading.eq(~reading)]

        if weight_stationary:
            address = Cat(nest.tile_index[: c.activation_bits - c.row_bits], nest.row[: c.row_bits])
        else:
            address = Cat(nest.k[: c.k_bits], nest.tile_index[: c.activation_bits - c.k_bits])
        ram = {
            "write_lanes": accepted << nest.lane,
            "write_address": Cat(address, filling),
            "write_data": self.operand.replicate(c.rows),
            "read_enable": self.read_enable,
            "read_address": Cat(self.read_address, reading),
        }
        read = add_block(m, platform, "ram", Ram(c.mul.format.width, c.rows, c.activation_bits + 1), ram)
        m.d.comb += self.read_data.eq(read["read_data"])
        return m


class WeightBuffer(wiring.Component):
    """All weights of a product; a word holds ``cols`` of one k. Lanes past the end of the matrix hold anything.

    Ports: ``clk``, ``rst``; ``start`` in, with ``size_k``, ``size_n`` in; operand stream as in `ActivationBuffer`;
    ``complete`` out; ``read_enable``, ``read_address`` (n tile, k) in, ``read_data`` out one cycle later.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = c = config
        width = c.mul.format.width
        ports = {"start": In(1), "size_k": In(range(c.max_k + 1)), "size_n": In(range(c.max_n + 1))}
        ports |= _operand_ports(width) | {"complete": Out(1), "read_enable": In(1)}
        super().__init__(ports | {"read_address": In(c.weight_bits), "read_data": Out(width * c.cols)})

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Count where the next operand goes."""
        m = Module()
        c = self._config
        nest = Nest((Loop("k", 1, c.max_k), Loop("n", c.cols, c.max_n), Loop("lane", 1, c.cols)))
        accepted = self.valid & self.ready
        inputs = {"start": self.start, "step": accepted, "limit_k": self.size_k, "limit_n": self.size_n}
        inputs["limit_lane"] = at_most(c.cols, self.size_n - nest.n)
        add_block(m, platform, "nest", nest, inputs)
        at_end = nest.k_end & nest.n_end & nest.lane_end
        m.d.comb += [self.ready.eq(nest.active), self.wrong_last.eq(accepted & (self.last ^ at_end))]
        with m.If(self.start):
            m.d.sync += self.complete.eq(0)
        with m.Elif(accepted & at_end):
            m.d.sync += self.complete.eq(1)
        ram = {
            "write_lanes": accepted << nest.lane,
            "write_address": Cat(nest.n_index[: c.n_bits], nest.k[: c.k_bits]),
            "write_data": self.operand.replicate(c.cols),
            "read_enable": self.read_enable,
            "read_address": self.read_address,
        }
        read = add_block(m, platform, "ram", Ram(c.mul.format.width, c.cols, c.weight_bits), ram)
        m.d.comb += self.read_data.eq(read["read_data"])
        return m


class ResultBuffer(wiring.Component):
    """The results of two chunks of rows: one is sent row by row while the next one is computed.

    Ports: ``clk``, ``rst``; ``start`` in, with ``size_m``, ``size_n`` in; ``claim`` in, before the first result of a
    chunk is on its way, only while ``free`` out; ``write_enable``, ``write_address`` (n tile, row), ``write_data``
    (``cols`` sums) in; ``written`` in, with the last write of a chunk; AXI4-Stream ``tvalid`` out, ``tready`` in,
    ``tdata`` (one sum), ``tlast`` out; ``finished`` out, pulses with the last transfer.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = c = config
        ports = {"start": In(1), "size_m": In(range(MAX_M + 1)), "size_n": In(range(c.max_n + 1)), "free": Out(1)}
        ports |= {"claim": In(1), "write_enable": In(1), "write_address": In(c.result_bits)}
        ports |= {"write_data": In(SUM_WIDTH * c.cols), "written": In(1), "tvalid": Out(1), "tready": In(1)}
        super().__init__(ports | {"tdata": Out(SUM_WIDTH), "tlast": Out(1), "finished": Out(1)})

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Read a word per element, choose its lane in the next cycle."""
        m = Module()
        c = self._config
        nest = Nest((c.chunks, Loop("row", 1, c.chunk_rows), Loop("n", c.cols, c.max_n), Loop("lane", 1, c.cols)))
        claimed, readable = Signal(range(3)), Signal(2)
        writing, reading, fetch = Signal(), Signal(), Signal()
        inputs = {"start": self.start, "step": fetch, "limit_chunk": self.size_m, "limit_n": self.size_n}
        inputs["limit_row"] = at_most(c.chunk_rows, self.size_m - nest.chunk)
        inputs["limit_lane"] = at_most(c.cols, self.size_n - nest.n)
        add_block(m, platform, "nest", nest, inputs)
        chunk_end = nest.row_end & nest.n_end & nest.lane_end
        m.d.comb += [
            self.free.eq(claimed != 2),
            fetch.eq(readable.bit_select(reading, 1) & (~self.tvalid | self.tready)),
        ]
        m.d.sync += claimed.eq(claimed + self.claim - (fetch & chunk_end))
        with m.If(self.written):
            m.d.sync += [readable.bit_select(writing, 1).eq(1), writing.eq(~writing)]
        with m.If(fetch & chunk_end):
            m.d.sync += [readable.bit_select(reading, 1).eq(0), reading.eq(~reading)]

        ram = {
            "write_lanes": self.write_enable,
            "write_address": Cat(self.write_address, writing),
            "write_data": self.write_data,
            "read_enable": fetch,
            "read_address": Cat(nest.n_index[: c.n_bits], nest.row[: c.row_bits], reading),
        }
        read = add_block(m, platform, "ram", Ram(SUM_WIDTH * c.cols, 1, c.n_bits + c.row_bits + 1), ram)
        lane = Signal.like(nest.lane)
        with m.If(fetch):
            m.d.sync += [lane.eq(nest.lane), self.tlast.eq(chunk_end & nest.chunk_end), self.tvalid.eq(1)]
        with m.Elif(self.tready):
            m.d.sync += self.tvalid.eq(0)
        m.d.comb += [
            self.tdata.eq(read["read_data"].word_select(lane, SUM_WIDTH)),
            self.finished.eq(self.tvalid & self.tready & self.tlast),
        ]
        return m
