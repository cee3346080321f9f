"""A multiplier with many planted faults, of which an input selects one while the simulation runs.

The faults stand around the blocks of the shipped components and in subclasses of two of them. They are put in place
by the object that makes the Verilog, so nothing of them is in the RTL or in what ``axmac emit`` writes.
"""

from dataclasses import dataclass
from itertools import cycle

from amaranth.hdl import Fragment, Instance, Module, Signal
from amaranth.lib import wiring

from axmac.gen.component import LINT_WAIVERS, ComponentText, ports_of
from axmac.gen.verilog import VerilogDesign
from axmac.model.spec import ArraySig, FpMul
from axmac.rtl.blocks import Values
from axmac.rtl.multiplier import FpMulCore
from axmac.rtl.significand import tile_pairs
from axmac.rtl.tile import ArrayTile
from axmac.sim.equivalence import lowest_tile_commutes
from axmac.sim.fault import Fault, sample
from axmac.sim.faults import block_faults
from axmac.sim.harness import HARNESS, harness
from axmac.sim.mutant_parts import SELECT, SELECT_WIDTH, FaultyBlock, MutantPipeline, MutantTile

__all__ = ["Mutant", "MutantDesign", "mutant_component"]

_MOST_TILES = 12


@dataclass(frozen=True)
class Mutant:
    """One planted fault: its number (1, 2, ..), what is wrong, its kind, and whether the core has it, too.

    ``proof`` says why it changes nothing, where that is known; ``significand`` is what an array with it computes, where
    that is an array of other cells.
    """

    number: int
    what: str
    kind: str
    in_core: bool
    proof: str = ""
    significand: ArraySig | None = None


class MutantDesign(VerilogDesign):
    """Makes Verilog in which every block has its faults; ``mutants`` lists them after that."""

    def __init__(self, spec: FpMul) -> None:
        super().__init__(f"{spec.id}_mutants")
        self.mutants: dict[str, Mutant] = {}
        self._spec = spec
        sig = spec.significand
        if isinstance(sig, ArraySig):
            self._tile = MutantTile(sig, self)
            pairs = tile_pairs(spec.format.sig_width // sig.tile)
            wanted = [] if sig.exact or len(pairs) == 1 else sample(len(pairs), _MOST_TILES)
            self._tile_faults = cycle([[_swap(spec, *pair)] if k in wanted else [] for k, pair in enumerate(pairs)])

    def selected(self, m: Module, name: str) -> Signal:
        """The number of the mutant that is active, in module ``m``."""
        number = Signal(SELECT_WIDTH, name=f"{name}_mutant")
        m.submodules[f"{name}_select"] = Instance(SELECT, o_number=number)
        return number

    def plant(self, what: str, kind: str, *, in_core: bool = True, **known: object) -> int:
        """The number of a mutant; the same for the same ``what``."""
        new = Mutant(len(self.mutants) + 1, what, kind, in_core, **known)
        return self.mutants.setdefault(what, new).number

    def instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """The block with its faults in place of the block."""
        if isinstance(block, ArrayTile):
            Fragment.get(block, None)  # Amaranth complains of a component that nobody elaborates
            block, faults = self._tile, next(self._tile_faults)
        else:
            faults = block_faults(block, self._spec)
        return super().instance(FaultyBlock(block, faults, self) if faults else block, inputs, outputs)

    def right_instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """The block as it is; faults inside of it stay."""
        return super().instance(block, inputs, outputs)


def mutant_component(spec: FpMul, stages: int) -> tuple[ComponentText, list[Mutant]]:
    """A module with the combinational and the pipelined module in it, both with all faults; and the mutants.

    It has the ports of both and the input ``mutant``: 0 for none, else the number of the fault that is active.
    """
    design = MutantDesign(spec)
    parts = [(FpMulCore(spec), f"{spec.id}_mutants"), (MutantPipeline(spec, stages, design), f"{spec.id}_mutants_s")]
    modules = []
    for component, name in parts:
        design.add(component, name)
        modules.append({"name": name, "ports": ports_of(component, clocked=component is parts[1][0])})
    port = {"name": "mutant", "direction": "input", "width": SELECT_WIDTH}
    modules.append({"name": f"{SELECT}_input", "ports": [port]})
    select = f"""
module {SELECT}(output [{SELECT_WIDTH - 1}:0] number);
  assign number = {HARNESS}.mutant;
endmodule
module {SELECT}_input(input [{SELECT_WIDTH - 1}:0] mutant);
endmodule
"""
    name = f"{spec.id}_mutants_both"
    text = LINT_WAIVERS + design.verilog() + select + harness(modules, name)
    ports = [port for module in modules for port in module["ports"]]
    return ComponentText(text, {"name": name, "ports": ports}), list(design.mutants.values())


def _swap(spec: FpMul, u: int, v: int) -> Fault:
    changes = {"a": lambda p: p["b"], "b": lambda p: p["a"]}
    proof = lowest_tile_commutes(spec) if u == v == 0 else ""
    return Fault(f"operands of tile a{u} b{v} swapped", "operand order", changes, proof)
