"""Blocks, tiles and pipelines with planted faults, of which a number selects one while the simulation runs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from amaranth.hdl import Cat, Const, Instance, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from axmac.model.spec import ArraySig, FullAdder, Multiplier
from axmac.rtl.blocks import Values
from axmac.rtl.multiplier import MultiplierPipeline
from axmac.rtl.tile import ArrayTile
from axmac.sim.fault import Fault, sample

__all__ = ["SELECT", "SELECT_WIDTH", "FaultyBlock", "MutantPipeline", "MutantTile", "Planter"]

SELECT = "axmac_mutant"
"""The Verilog module whose output ``number`` is the selected fault."""

SELECT_WIDTH = 16

_MOST_CELLS = 12


class Planter(Protocol):
    """What numbers the faults and makes the Verilog."""

    def selected(self, m: Module, name: str) -> Signal:
        """The selected number, in module ``m``."""

    def plant(self, what: str, kind: str, **known: object) -> int:
        """The number of a fault."""

    def right_instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """A block as it is."""


class FaultyBlock(wiring.Component):
    """A block between wrong inputs and wrong outputs, with the ports of the block; at most one fault is selected.

    A fault may also read ``late <port>``, the value of a port one cycle before; with a port ``enable``, of the last
    cycle with that.
    """

    def __init__(self, block: wiring.Component, faults: Sequence[Fault], design: Planter) -> None:
        self._block = block
        self._faults = faults
        self._design = design
        super().__init__(block.signature)

    def elaborate(self, _platform: object) -> Module:
        """Replace the values of the ports that the selected fault changes."""
        m = Module()
        number = self._design.selected(m, "block")
        ports = self.signature.members
        given = [name for name in ports if ports[name].flow == Out]
        outputs = {name: Signal(len(self._value(name)), name=f"right_{name}") for name in given}
        right = _Ports(m, {name: outputs.get(name, self._value(name)) for name in ports})
        wrong = dict(right)
        for fault in self._faults:
            hit = number == self._design.plant(fault.what, fault.kind, proof=fault.proof)
            for name, change in fault.changes.items():
                wrong[name] = Mux(hit, change(right)[: len(right[name])], wrong[name])
        inputs = {name: Signal(len(right[name]), name=f"wrong_{name}") for name in ports if name not in outputs}
        m.d.comb += [signal.eq(wrong[name]) for name, signal in inputs.items()]
        m.submodules.block = self._design.right_instance(self._block, inputs, outputs)
        m.d.comb += [self._value(name).eq(wrong[name]) for name in outputs]
        return m

    def _value(self, name: str) -> Value:
        return Value.cast(getattr(self, name))


class _Ports(dict):
    """Values of ports by name; registers for late ones are made when a fault asks for them."""

    def __init__(self, m: Module, values: Values) -> None:
        super().__init__(values)
        self._m = m

    def __missing__(self, name: str) -> Signal:
        value = self[name.removeprefix("late ")]
        self[name] = late = Signal.like(value, name=name.replace(" ", "_"))
        with self._m.If(self.get("enable", Const(1))):
            self._m.d.sync += late.eq(value)
        return late


class MutantTile(ArrayTile):
    """A tile with wrong cells: a truth-table bit inverted, sum and carry swapped, a partial product dropped."""

    def __init__(self, spec: ArraySig, design: Planter) -> None:
        super().__init__(spec)
        self._design = design
        count = spec.tile * (spec.tile - 1)
        self._cells = {(1 + k // spec.tile, k % spec.tile) for k in sample(count, _MOST_CELLS)}

    def elaborate(self, platform: object) -> Module:
        """The tile of the base class; its cells and partial products read ``self._number``."""
        self._number = Signal(SELECT_WIDTH, name="tile_mutant")
        m = super().elaborate(platform)
        m.submodules.select = Instance(SELECT, o_number=self._number)
        return m

    def _partial_products(self, j: int, bit: Value, columns: Value) -> Value:
        products = super()._partial_products(j, bit, columns)
        for i in [i for row, i in self._cells if row == j]:
            what, kind = f"partial product {j} {i} dropped", "partial product dropped"
            hit = self._number == self._design.plant(what, kind, significand=self._without_product(j, i))
            products = products & ~Cat(Const(0, i), hit, Const(0, self._spec.tile - 1 - i))
        return products

    def _cell(self, j: int, i: int, ports: Sequence[Value]) -> tuple[Value, Value]:
        right = super()._cell(j, i, ports)
        if (j, i) not in self._cells:
            return right
        cell = self._spec.cell_at(j, i)
        row = Cat(*reversed(ports))
        wrong = list(right)
        for inputs in range(8):
            if any(isinstance(port, Const) and inputs >> (2 - k) & 1 != port.value for k, port in enumerate(ports)):
                continue  # this row of the table is never read
            for output, column in enumerate(("sum", "cout")):
                bits = getattr(cell, column)
                flipped = bits[:inputs] + "10"[int(bits[inputs])] + bits[inputs + 1 :]
                what = f"{column} of cell {j} {i} inverted for inputs {inputs:03b}"
                known = self._with_cell(j, i, replace(cell, **{column: flipped}))
                hit = self._number == self._design.plant(what, "truth-table bit", significand=known)
                wrong[output] = wrong[output] ^ (hit & (row == inputs))
        known = self._with_cell(j, i, FullAdder(cell.cout, cell.sum))
        hit = self._number == self._design.plant(f"sum and carry of cell {j} {i} swapped", "swap", significand=known)
        return Mux(hit, right[1], wrong[0]), Mux(hit, right[0], wrong[1])

    def _without_product(self, j: int, i: int) -> ArraySig:
        """The array in which a cell reads 0 in place of its partial product."""
        cell, bit = self._spec.cell_at(j, i), 4 >> self._spec.wiring.index("p")
        columns = ("".join(column[row & ~bit] for row in range(8)) for column in (cell.sum, cell.cout))
        return self._with_cell(j, i, FullAdder(*columns))

    def _with_cell(self, j: int, i: int, cell: FullAdder) -> ArraySig:
        t = self._spec.tile
        cells = [[self._spec.cell_at(row, column) for column in range(t)] for row in range(1, t)]
        cells[j - 1][i] = cell
        return replace(self._spec, cell_map=tuple(map(tuple, cells)))


class MutantPipeline(MultiplierPipeline):
    """The pipelined module with faults in its registers and in their handshake."""

    def __init__(self, spec: Multiplier, stages: int, design: Planter) -> None:
        super().__init__(spec, stages)
        self._design = design

    def _stage(self, m: Module, k: int, values: Values, valid: list[Signal], ready: list[Signal]) -> Values:
        number = self._design.selected(m, f"stage_{k}")

        def hit(what: str) -> Value:
            return number == self._design.plant(f"stage {k}: {what}", "pipeline", in_core=False)

        enable, seen = Signal(name=f"enable_s{k}"), Signal(name=f"seen_s{k}")
        unreset = Signal(name=f"unreset_s{k}", reset_less=True)
        register, second = Signal(name=f"valid_register_s{k}"), Signal(name=f"second_valid_s{k}")
        m.d.comb += ready[k - 1].eq(ready[k] | ~seen | hit("ready ignored"))
        m.d.comb += enable.eq(ready[k - 1])
        missing, doubled = hit("missing"), hit("doubled")
        with m.If(enable):
            m.d.sync += register.eq(valid[k - 1] | (hit("valid stays") & register))
            m.d.sync += [second.eq(register), unreset.eq(valid[k - 1])]
        late = Mux(doubled, second, Mux(hit("not reset"), unreset, register))
        m.d.comb += seen.eq(Mux(missing, valid[k - 1], late))
        valid[k] = seen
        held = {}
        for name, value in values.items():
            first, next_one = (Signal.like(value, name=f"{name}_{which}_s{k}") for which in ("first", "second"))
            with m.If(enable):
                m.d.sync += [first.eq(value), next_one.eq(first)]
            skips, waits = missing | hit(f"register of {name} missing"), doubled | hit(f"register of {name} doubled")
            held[name] = Signal.like(value, name=f"{name}_s{k}")
            m.d.comb += held[name].eq(Mux(skips, value, Mux(waits, next_one, first)))
        return held
