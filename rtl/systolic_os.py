"""The output-stationary systolic array: sums stay, activations move right, weights move down."""

from amaranth.hdl import Array, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import Mac, Multiplier
from axmac.rtl.accumulate import SUM_WIDTH, product_of, sum_of
from axmac.rtl.blocks import Copies, Hierarchy
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.nest import index_width
from axmac.rtl.staging import delayed
from axmac.rtl.systolic_ws import check_array

__all__ = ["OutputStationaryArray", "OutputStationaryPe"]


class OutputStationaryPe(wiring.Component):
    """One processing element: L = ``add_stages`` sums, each acc = acc + a * b, and one result register per sum.

    The sum is RNE in float32, of integers modulo 2^32. An addition takes L cycles, so the sum of a slot may be used
    every L cycles; L slots take turns.
    Ports: ``clk``, ``rst``; ``a``, ``b`` in; with them ``valid``, ``slot``, ``first`` (acc starts as +0) and ``last``
    (the sum goes to the result register) in; all of these out one cycle later: ``b_down``, the others ``<name>_right``.
    ``take`` in: the result of ``take_slot`` goes into the drain register; ``shift`` in: ``drain_in`` does;
    ``drain_out`` out. A result is there ``mul_stages + add_stages`` cycles after its last operands.
    """

    def __init__(self, spec: Multiplier, mul_stages: int, add_stages: int) -> None:
        self._spec = spec
        self._stages = mul_stages, add_stages
        width = spec.format.width
        slots = index_width(add_stages)
        tags = {"valid": 1, "slot": slots, "first": 1, "last": 1}
        ports = {"a": In(width), "b": In(width)} | {name: In(shape) for name, shape in tags.items()}
        ports |= {"take": In(1), "take_slot": In(slots), "shift": In(1), "drain_in": In(SUM_WIDTH)}
        ports |= {"a_right": Out(width), "b_down": Out(width), "drain_out": Out(SUM_WIDTH)}
        super().__init__(ports | {f"{name}_right": Out(shape) for name, shape in tags.items()})

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Multiplier, adder with its loop, result registers."""
        m = Module()
        mul_stages, add_stages = self._stages
        m.d.sync += [self.b_down.eq(self.b), self.a_right.eq(self.a)]
        m.d.sync += [getattr(self, f"{tag}_right").eq(getattr(self, tag)) for tag in ("valid", "slot", "first", "last")]

        product = product_of(m, platform, self._spec, self.a, self.b, mul_stages)
        first = delayed(m, self.first, mul_stages, "first")
        slot = delayed(m, self.slot, mul_stages, "slot")
        sums = Array(Signal(SUM_WIDTH, name=f"sum_{k}", reset_less=True) for k in range(add_stages))
        results = Array(Signal(SUM_WIDTH, name=f"result_{k}", reset_less=True) for k in range(add_stages))
        acc = Mux(first, 0, sums[slot])
        # the last register is the sum itself
        total = sum_of(m, platform, self._spec, acc, product, add_stages, last_register=False)
        valid = delayed(m, self.valid, mul_stages + add_stages - 1, "valid", reset_less=False)
        last = delayed(m, self.last, mul_stages + add_stages - 1, "last")
        slot = delayed(m, slot, add_stages - 1, "sum_slot")
        with m.If(valid):
            m.d.sync += sums[slot].eq(total)
        with m.If(valid & last):
            m.d.sync += results[slot].eq(total)

        with m.If(self.take):
            m.d.sync += self.drain_out.eq(results[self.take_slot])
        with m.Elif(self.shift):
            m.d.sync += self.drain_out.eq(self.drain_in)
        return m


class OutputStationaryArray(wiring.Component):
    """``rows`` x ``cols`` elements; element (r, c) sums up output (m = r, n = c) of each of L = ``add_stages`` slots.

                     out_0   out_1           results leave at the top, row 0 first
                       ^       ^
              b_0 ->   |       |   <- b_1    weights enter at the top, column c after c cycles
                       |       |
        a_0 ---------[PE]----[PE]--->
                       |       |             row r after r cycles
        a_1 -[delay]-[PE]----[PE]--->
                       |       |

    A wave is one activation per row and one weight per column, for one slot: for every r and c the slot's sum becomes
    sum + a_r b_c, RNE in float32, or of integers in int32, modulo 2^32. The first wave of a slot starts from +0, the
    last one ends it; any number may come between. The slots take turns: slot s is accepted in every L-th cycle. With L
    slots in use a wave enters in every cycle, that is rows x cols MACs; with fewer the rate is slots / L. The wave that
    ends a slot waits until the slot's previous results are on their way out; L slots of ``min_steps`` waves each follow
    each other without a bubble.
    ``add_stages`` is 3 unless given, of integers 1 and nothing else: these have one slot.
    ``latency`` is rows + cols + mul_stages + add_stages.

    Ports: ``clk``; ``rst``, synchronous, high. Element i of a vector stands at bits [i*w, (i+1)*w).
    Waves: ``in_valid`` in, ``in_ready`` out, ``in_slot``, ``in_first``, ``in_last`` in, ``in_a`` in (rows), ``in_b`` in
    (cols). Results, 32 bits: ``out_valid`` out, ``out_ready`` in, ``out_slot``, ``out_row`` (cols) out: rows 0 to
    rows - 1 of a slot, one transfer each, slots in the order in which they ended, the first transfer ``latency``
    cycles after the last wave. ``in_ready`` depends on ``in_slot`` and ``in_last``; no ready depends on a valid input
    or on ``out_ready``. Raises ``TypeError`` and ``InputError``.
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
        self._complete = rows + cols - 2 + mul_stages + add_stages
        self.latency = self._complete + 2
        last_slot_leaves = self._complete + 2 + (add_stages - 1) * (rows - 1)
        self.min_steps = max(rows, -(-last_slot_leaves // add_stages))
        width = self._spec.format.width
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_slot": In(index_width(add_stages)),
                "in_first": In(1),
                "in_last": In(1),
                "in_a": In(rows * width),
                "in_b": In(cols * width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_slot": Out(index_width(add_stages)),
                "out_row": Out(cols * SUM_WIDTH),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Turns of the slots, drain control, grid."""
        m = Module()
        slots = self._stages[1]
        turn = Signal(index_width(slots))
        occupied = Signal(slots)
        wave, take = Signal(), Signal()
        m.d.sync += turn.eq(Mux(turn == slots - 1, 0, turn + 1))
        m.d.comb += [
            self.in_ready.eq((self.in_slot == turn) & ~(self.in_last & occupied.bit_select(self.in_slot, 1))),
            wave.eq(self.in_valid & self.in_ready),
        ]
        ended = delayed(m, wave & self.in_last, self._complete, "ended", reset_less=False)
        ended_slot = delayed(m, self.in_slot, self._complete, "ended_slot")
        take_slot = self._drain_control(m, ended, ended_slot, take)
        with m.If(take):
            m.d.sync += occupied.bit_select(take_slot, 1).eq(0)
        with m.If(wave & self.in_last):
            m.d.sync += occupied.bit_select(self.in_slot, 1).eq(1)
        self._grid(m, platform, wave, take, take_slot)
        return m

    def _drain_control(self, m: Module, ended: Signal, ended_slot: Signal, take: Signal) -> Signal:
        """A queue of slots that ended; ``take`` loads the drain registers of all elements with the oldest results.

        The queue never overflows: a slot is in it once at most.
        """
        slots = self._stages[1]
        queue = [Signal(index_width(slots), name=f"queue_{k}") for k in range(slots)]
        length = Signal(range(slots + 1))
        left = Signal(range(self._rows + 1))
        m.d.comb += [
            self.out_valid.eq(left != 0),
            take.eq((length != 0) & ((left == 0) | ((left == 1) & self.out_ready))),
        ]
        with m.If(take):
            m.d.sync += [left.eq(self._rows), self.out_slot.eq(queue[0])]
            m.d.sync += [queue[k].eq(queue[k + 1]) for k in range(slots - 1)]
        with m.Elif(self.out_valid & self.out_ready):
            m.d.sync += left.eq(left - 1)
        m.d.sync += length.eq(length + ended - take)
        with m.If(ended):
            m.d.sync += Array(queue)[(length - take)[: index_width(slots)]].eq(ended_slot)
        return queue[0]

    def _grid(self, m: Module, platform: Hierarchy | None, wave: Signal, take: Signal, take_slot: Signal) -> None:
        """Rows from top to bottom, each from left to right; drain registers form one chain per column, upwards."""
        width = self._spec.format.width
        pes = Copies(lambda: OutputStationaryPe(self._spec, *self._stages))
        chains = [[Signal(SUM_WIDTH, name=f"drain_{r}_{c}") for c in range(self._cols)] for r in range(self._rows + 1)]
        columns = [delayed(m, self.in_b.word_select(c, width), c, f"b_{c}") for c in range(self._cols)]
        shift = self.out_valid & self.out_ready
        for r in range(self._rows):
            moving = {
                "a": delayed(m, self.in_a.word_select(r, width), r, f"a_{r}"),
                "valid": delayed(m, wave, r, f"valid_{r}", reset_less=False),
            }
            for tag in ("slot", "first", "last"):
                moving[tag] = delayed(m, getattr(self, f"in_{tag}"), r, f"{tag}_{r}")
            for c in range(self._cols):
                drain = {"take": take, "take_slot": take_slot, "shift": shift, "drain_in": chains[r + 1][c]}
                outputs = pes.add(m, platform, f"pe_{r}_{c}", moving | {"b": columns[c]} | drain)
                moving = {tag: outputs[f"{tag}_right"] for tag in moving}
                columns[c] = outputs["b_down"]
                m.d.comb += chains[r][c].eq(outputs["drain_out"])
        m.d.comb += self.out_row.eq(Cat(chains[0]))
