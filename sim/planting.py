"""A design in which faults are planted while its Verilog is made; an input selects one of them."""

from dataclasses import dataclass

from amaranth.hdl import Instance, Module, Signal
from amaranth.lib import wiring

from axmac.gen.component import LINT_WAIVERS, ComponentText, ports_of
from axmac.gen.verilog import VerilogDesign
from axmac.model.spec import ArraySig
from axmac.rtl.blocks import Values
from axmac.sim.harness import HARNESS, harness
from axmac.sim.mutant_parts import SELECT, SELECT_WIDTH

__all__ = ["Mutant", "PlantingDesign", "selectable"]


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


class PlantingDesign(VerilogDesign):
    """Numbers the faults that `instance` of a subclass puts around blocks; ``mutants`` lists them after that."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.mutants: dict[str, Mutant] = {}

    def selected(self, m: Module, name: str) -> Signal:
        """The number of the mutant that is active, in module ``m``."""
        number = Signal(SELECT_WIDTH, name=f"{name}_mutant")
        m.submodules[f"{name}_select"] = Instance(SELECT, o_number=number)
        return number

    def plant(self, what: str, kind: str, *, in_core: bool = True, **known: object) -> int:
        """The number of a mutant; the same for the same ``what``."""
        new = Mutant(len(self.mutants) + 1, what, kind, in_core, **known)
        return self.mutants.setdefault(what, new).number

    def right_instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """The block as it is; faults inside of it stay."""
        return super().instance(block, inputs, outputs)


def selectable(
    design: PlantingDesign, parts: list[tuple[wiring.Component, str]], clocked: set[str], name: str
) -> ComponentText:
    """A module ``name`` with the ports of all ``parts`` (component, module name), and the input ``mutant``.

    0 stands for none, else it is the number of the fault that is active. ``clocked`` names the parts with a clock.
    """
    modules = []
    for component, part in parts:
        design.add(component, part)
        modules.append({"name": part, "ports": ports_of(component, clocked=part in clocked)})
    port = {"name": "mutant", "direction": "input", "width": SELECT_WIDTH}
    modules.append({"name": f"{SELECT}_input", "ports": [port]})
    select = f"""
module {SELECT}(output [{SELECT_WIDTH - 1}:0] number);
  assign number = {HARNESS}.mutant;
endmodule
module {SELECT}_input(input [{SELECT_WIDTH - 1}:0] mutant);
endmodule
"""
    text = LINT_WAIVERS + design.verilog() + select + harness(modules, name)
    return ComponentText(text, {"name": name, "ports": [port for module in modules for port in module["ports"]]})
