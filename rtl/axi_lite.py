"""The AXI4-Lite registers of a matrix engine."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.rtl.engine_config import DATAFLOWS, MAX_M, EngineConfig

__all__ = ["ENGINE_ID", "EngineRegisters", "register_ports"]

ENGINE_ID = 0x41584D31
"""Reads as "AXM1" from the high byte down."""

_ADDRESS_WIDTH = 6
_DATA_WIDTH = 32
_OKAY, _SLVERR = 0, 2
_SIZES = {"size_m": 0x04, "size_k": 0x08, "size_n": 0x0C}
_CONTROL = 0x10


def register_ports() -> dict[str, wiring.Member]:
    """The five AXI4-Lite channels, as the subordinate has them; protection bits are not used."""
    write = {"awvalid": In(1), "awready": Out(1), "awaddr": In(_ADDRESS_WIDTH)}
    write |= {"wvalid": In(1), "wready": Out(1), "wdata": In(_DATA_WIDTH), "wstrb": In(_DATA_WIDTH // 8)}
    write |= {"bvalid": Out(1), "bready": In(1), "bresp": Out(2)}
    read = {"arvalid": In(1), "arready": Out(1), "araddr": In(_ADDRESS_WIDTH)}
    return write | read | {"rvalid": Out(1), "rready": In(1), "rdata": Out(_DATA_WIDTH), "rresp": Out(2)}


class EngineRegisters(wiring.Component):
    """Sizes, start and state.

    | address | name | |
    |---|---|---|
    | 0x00 | ID | `ENGINE_ID` |
    | 0x04, 0x08, 0x0c | M, K, N | sizes of the next product, 16 bits; read and write |
    | 0x10 | CONTROL | write bit 0: start; read bit 0: busy, bits 3:1: what went wrong |
    | 0x14 | LIMITS | bits 15:0 largest K, bits 31:16 largest N; the largest M is 65535 |
    | 0x18 | ARRAY | bits 7:0 rows, 15:8 columns, 23:16 dataflow (0 weight-, 1 output-stationary), 31:24 add_stages |
    | 0x1c | UNIT | first 32 bits of the SHA-256 of the multiplier's spec |

    CONTROL bits 1 and 2: TLAST of the activations, of the weights, was missing at the last operand or set before it,
    since the last start. Bit 3: a start was refused, because a size is 0 or above its limit, or because the engine is
    busy; such a write answers SLVERR. Writes to other
    registers than M, K, N and CONTROL, and accesses past 0x1f, answer SLVERR and change nothing.

    Ports: ``clk``; ``rst``, synchronous, high; `register_ports`; ``start`` out, pulses when a product begins;
    ``size_m``, ``size_k``, ``size_n`` out, of that product; ``finished`` in, pulses at its end;
    ``wrong_activations``, ``wrong_weights`` in, pulses. One access at a time in each direction; every ready is a
    register and depends on no input in the same cycle.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._config = c = config
        ports = register_ports() | {"start": Out(1), "size_m": Out(range(MAX_M + 1))}
        ports |= {"size_k": Out(range(c.max_k + 1)), "size_n": Out(range(c.max_n + 1))}
        super().__init__(ports | {"finished": In(1), "wrong_activations": In(1), "wrong_weights": In(1)})

    def elaborate(self, _platform: object) -> Module:
        """Write, read, state."""
        m = Module()
        sizes = {name: Signal(16, name=f"next_{name}") for name in _SIZES}
        busy, refused = Signal(), Signal()
        wrong = Signal(2)
        start = Signal()
        self._write(m, sizes, busy, refused, start)
        with m.If(start):
            m.d.sync += [busy.eq(1), refused.eq(0), wrong.eq(0)]
            m.d.sync += [getattr(self, name).eq(value) for name, value in sizes.items()]
        with m.Else():
            m.d.sync += wrong.eq(wrong | Cat(self.wrong_activations, self.wrong_weights))
        with m.If(self.finished):
            m.d.sync += busy.eq(0)
        m.d.sync += self.start.eq(start)
        self._read(m, sizes, Cat(busy, wrong, refused))
        return m

    def _write(self, m: Module, sizes: dict[str, Signal], busy: Signal, refused: Signal, start: Signal) -> None:
        """Address and data come in any order; when both are there the write happens and is answered."""
        c = self._config
        address, data, strobes = Signal(_ADDRESS_WIDTH), Signal(_DATA_WIDTH), Signal(_DATA_WIDTH // 8)
        address_held, data_held, act = Signal(), Signal(), Signal()
        m.d.comb += [
            self.awready.eq(~address_held),
            self.wready.eq(~data_held),
            act.eq(address_held & data_held & ~self.bvalid),
        ]
        with m.If(self.awvalid & self.awready):
            m.d.sync += [address_held.eq(1), address.eq(self.awaddr)]
        with m.If(self.wvalid & self.wready):
            m.d.sync += [data_held.eq(1), data.eq(self.wdata), strobes.eq(self.wstrb)]
        with m.If(self.bvalid & self.bready):
            m.d.sync += self.bvalid.eq(0)

        limits = {"size_k": c.max_k, "size_n": c.max_n}  # all values of the 16 bits of M fit
        fits = Cat(*(size != 0 for size in sizes.values()), *(sizes[name] <= limits[name] for name in limits)).all()
        with m.If(act):
            m.d.sync += [address_held.eq(0), data_held.eq(0), self.bvalid.eq(1), self.bresp.eq(_SLVERR)]
            with m.Switch(address[2:]):
                for name, place in _SIZES.items():
                    with m.Case(place >> 2):
                        m.d.sync += self.bresp.eq(_OKAY)
                        for byte in range(2):
                            with m.If(strobes[byte]):
                                m.d.sync += sizes[name].word_select(byte, 8).eq(data.word_select(byte, 8))
                with m.Case(_CONTROL >> 2):
                    asked = data[0] & strobes[0]
                    m.d.comb += start.eq(asked & fits & ~busy)
                    m.d.sync += self.bresp.eq(_OKAY)
                    with m.If(asked & ~start):
                        m.d.sync += [refused.eq(1), self.bresp.eq(_SLVERR)]

    def _read(self, m: Module, sizes: dict[str, Signal], state: Cat) -> None:
        """One register; the answer waits for ``rready``."""
        c = self._config
        shape = c.rows | c.cols << 8 | DATAFLOWS.index(c.dataflow) << 16 | c.add_stages << 24
        values = {0x00: ENGINE_ID, _CONTROL: state, 0x14: c.max_k | c.max_n << 16, 0x18: shape}
        values |= {place: sizes[name] for name, place in _SIZES.items()} | {0x1C: int(c.mul.sha256[:8], 16)}
        m.d.comb += self.arready.eq(~self.rvalid)
        with m.If(self.arvalid & self.arready):
            m.d.sync += [self.rvalid.eq(1), self.rdata.eq(0), self.rresp.eq(_SLVERR)]
            with m.Switch(self.araddr[2:]):
                for place, value in values.items():
                    with m.Case(place >> 2):
                        m.d.sync += [self.rdata.eq(Value.cast(value)), self.rresp.eq(_OKAY)]
        with m.Elif(self.rready):
            m.d.sync += self.rvalid.eq(0)
