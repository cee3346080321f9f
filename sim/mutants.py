"""A multiplier with many planted faults, of which an input selects one while the simulation runs.

The faults stand around the blocks of the shipped components and in subclasses of two of them. They are put in place
by the object that makes the Verilog, so nothing of them is in the RTL or in what ``axmac emit`` writes.
"""

from itertools import cycle

from amaranth.hdl import Fragment, Instance
from amaranth.lib import wiring

from axmac.gen.component import ComponentText
from axmac.model.spec import ArraySig, FpMul, Multiplier
from axmac.rtl.blocks import Values
from axmac.rtl.multiplier import MultiplierCore
from axmac.rtl.significand import tile_pairs
from axmac.rtl.tile import ArrayTile
from axmac.sim.equivalence import lowest_tile_commutes
from axmac.sim.fault import Fault, sample
from axmac.sim.faults import block_faults
from axmac.sim.mutant_parts import FaultyBlock, MutantPipeline, MutantTile
from axmac.sim.planting import Mutant, PlantingDesign, selectable

__all__ = ["MutantDesign", "mutant_component"]

_MOST_TILES = 12


class MutantDesign(PlantingDesign):
    """Makes Verilog in which every block has its faults; ``mutants`` lists them after that."""

    def __init__(self, spec: Multiplier) -> None:
        super().__init__(f"{spec.id}_mutants")
        self._spec = spec
        sig = spec.significand if isinstance(spec, FpMul) else None
        if isinstance(sig, ArraySig):
            self._tile = MutantTile(sig, self)
            pairs = tile_pairs(spec.format.sig_width // sig.tile)
            wanted = [] if sig.exact or len(pairs) == 1 else sample(len(pairs), _MOST_TILES)
            self._tile_faults = cycle([[_swap(spec, *pair)] if k in wanted else [] for k, pair in enumerate(pairs)])

    def instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """The block with its faults in place of the block."""
        if isinstance(block, ArrayTile):
            Fragment.get(block, None)  # Amaranth complains of a component that nobody elaborates
            block, faults = self._tile, next(self._tile_faults)
        else:
            faults = block_faults(block, self._spec)
        return super().instance(FaultyBlock(block, faults, self) if faults else block, inputs, outputs)


def mutant_component(spec: Multiplier, stages: int) -> tuple[ComponentText, list[Mutant]]:
    """A module with the combinational and the pipelined module in it, both with all faults; and the mutants.

    It has the ports of both and the input ``mutant``: 0 for none, else the number of the fault that is active.
    """
    design = MutantDesign(spec)
    parts = [
        (MultiplierCore(spec), f"{spec.id}_mutants"),
        (MutantPipeline(spec, stages, design), f"{spec.id}_mutants_s"),
    ]
    component = selectable(design, parts, {parts[1][1]}, f"{spec.id}_mutants_both")
    return component, list(design.mutants.values())


def _swap(spec: FpMul, u: int, v: int) -> Fault:
    changes = {"a": lambda p: p["b"], "b": lambda p: p["a"]}
    proof = lowest_tile_commutes(spec) if u == v == 0 else ""
    return Fault(f"operands of tile a{u} b{v} swapped", "operand order", changes, proof)
