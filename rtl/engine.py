"""The matrix engine: a systolic array with buffers, AXI4-Lite registers and AXI4-Stream operands and results."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Flow, In, Out

from axmac.rtl.axi_lite import EngineRegisters, register_ports
from axmac.rtl.blocks import Hierarchy, Values, add_block
from axmac.rtl.engine_buffers import ActivationBuffer, ResultBuffer, WeightBuffer
from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.engine_os import OutputStationarySchedule
from axmac.rtl.engine_streams import BEAT_WIDTH, OperandStream, beat_ports
from axmac.rtl.engine_ws import WeightStationarySchedule

__all__ = ["MatmulEngine"]

_OPERANDS = ("activations", "weights")


class MatmulEngine(wiring.Component):
    """activations [M, K] x weights [K, N] = results [M, N], accumulated sequentially over k from 0.

        s_axil ------> registers --sizes, start--> +----------+
        s_axis_activations --> two chunks of rows->|          |--> chunk of results --> m_axis_results
        s_axis_weights ------> all weights ------->| schedule |
                                                   +----------+
                                                     |      ^
                                                  systolic array

    Registers: `EngineRegisters`. All matrices are sent row by row, 32 bits per beat, little-endian, TLAST with the last
    beat of a matrix. Operands shorter than 17 bits are packed as `OperandStream` says (bfloat16: two per beat, TKEEP
    0x3 in the last beat of an odd number); results are one sum per beat, float32, or of integers int32 modulo 2^32.

    After a start the weights come in first or together with the first rows of activations; computing begins when
    all weights and one chunk of activations are there, and goes on while the next chunk comes in and results go out.
    Each stream moves one element per cycle, the array computes rows x cols MACs per cycle: it works without a pause
    from the first wave to the last one where N and K are at least rows * cols (multiples of cols and rows) and M
    is a multiple of the chunk, and K, in an output-stationary engine, at least the ``min_steps`` of its array.
    The engine is busy until the last result is taken. Operands that come before a start wait.

    Ports: ``clk``; ``rst``, synchronous, high; ``s_axil_*``; ``s_axis_activations_*``, ``s_axis_weights_*``,
    ``m_axis_results_*``; ``wave`` out, set in every cycle in which a wave enters the array.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        ports = {f"s_axil_{name}": member for name, member in register_ports().items()}
        stream = beat_ports(config.mul.format.width)
        for matrix in _OPERANDS:
            ports |= {f"s_axis_{matrix}_{name}": member for name, member in stream.items()}
        results = {"tvalid": Out(1), "tready": In(1), "tdata": Out(BEAT_WIDTH), "tlast": Out(1)}
        super().__init__(
            ports | {f"m_axis_results_{name}": member for name, member in results.items()} | {"wave": Out(1)}
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Registers, operand buffers, schedule, results."""
        m = Module()
        c = self._config
        registers, activations, weights = EngineRegisters(c), ActivationBuffer(c), WeightBuffer(c)
        stationary = WeightStationarySchedule if c.dataflow == "ws" else OutputStationarySchedule
        schedule, results = stationary(c), ResultBuffer(c)

        self._add(
            m,
            platform,
            "registers",
            registers,
            {
                "finished": results.finished,
                "wrong_activations": activations.wrong_last,
                "wrong_weights": weights.wrong_last,
            },
            "s_axil_",
        )
        run = {name: getattr(registers, name) for name in ("start", "size_m", "size_k", "size_n")}
        reads = {
            "activations": {
                "read_enable": schedule.activation_enable,
                "read_address": schedule.activation_address,
                "release": schedule.release,
            },
            "weights": {"read_enable": schedule.weight_enable, "read_address": schedule.weight_address},
        }
        for name, buffer in (("activations", activations), ("weights", weights)):
            stream = OperandStream(c.mul.format.width)
            self._add(m, platform, f"{name}_stream", stream, {"ready": buffer.ready}, f"s_axis_{name}_")
            operand = {port: getattr(stream, port) for port in ("valid", "operand", "last")}
            add_block(m, platform, f"{name}_buffer", buffer, run | reads[name] | operand)
        add_block(
            m,
            platform,
            "schedule",
            schedule,
            run
            | {
                "chunk_ready": activations.chunk_ready,
                "activation_data": activations.read_data,
                "weights_complete": weights.complete,
                "weight_data": weights.read_data,
                "result_free": results.free,
            },
        )
        taken = {
            "claim": schedule.claim,
            "write_enable": schedule.result_enable,
            "write_address": schedule.result_address,
            "write_data": schedule.result_data,
            "written": schedule.written,
        }
        self._add(m, platform, "results_buffer", results, run | taken, "m_axis_results_")
        m.d.comb += self.wave.eq(schedule.wave)
        return m

    def _add(
        self, m: Module, platform: Hierarchy | None, name: str, block: wiring.Component, inputs: Values, prefix: str
    ) -> None:
        """Add a block, some of whose ports are ports of the engine with a prefix."""
        own = {port: f"{prefix}{port}" for port in block.signature.members if hasattr(self, f"{prefix}{port}")}
        members = block.signature.members
        from_outside = {port: getattr(self, mine) for port, mine in own.items() if members[port].flow is Flow.In}
        add_block(m, platform, name, block, inputs | from_outside)
        m.d.comb += [
            getattr(self, mine).eq(getattr(block, port)) for port, mine in own.items() if port not in from_outside
        ]
