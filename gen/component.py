"""Verilog text and manifest entries of any component."""

from dataclasses import dataclass

from amaranth.lib import wiring
from amaranth.lib.wiring import In

from axmac.gen.verilog import VerilogDesign

__all__ = ["LINT_WAIVERS", "ComponentText", "component_text", "ports_of"]

LINT_WAIVERS = """\
/* verilator lint_off DECLFILENAME */ // one file holds all modules of the unit
/* verilator lint_off UNUSEDSIGNAL */ // bits that rounding drops and cells ignore, resets of parts without one
/* verilator lint_off WIDTHEXPAND */ // operands of Yosys' expressions are extended to the width of the result
/* verilator lint_off WIDTHTRUNC */ // Yosys writes !x for x == 0, also where x has several bits
/* verilator lint_off CASEOVERLAP */ // Yosys writes a multiplexer with one-hot selects as a case with don't-cares
/* verilator lint_off VARHIDDEN */ // Yosys' multiplexer functions name their arguments a, b and s
"""


@dataclass(frozen=True)
class ComponentText:
    """Verilog of a component: ``text`` with its lint waivers, and ``module``, its entry in a manifest."""

    text: str
    module: dict


def component_text(component: wiring.Component, name: str) -> ComponentText:
    """The component as module ``name`` with all its parts; the same bytes for the same component and tool versions."""
    design = VerilogDesign(name)
    design.add(component, name)
    text = design.verilog()
    return ComponentText(
        f"{LINT_WAIVERS}\n{text}", {"name": name, "ports": ports_of(component, clocked=" clk;" in _head(text, name))}
    )


def _head(text: str, name: str) -> str:
    """The declarations of module ``name``."""
    begin = text.index(f"module {name}(")
    return text[begin : text.index("endmodule", begin)]


def ports_of(component: wiring.Component, *, clocked: bool) -> list[dict]:
    """The ports of a component as a manifest lists them."""
    clock_ports = [{"name": name, "direction": "input", "width": 1} for name in ("clk", "rst")]
    members = [
        {"name": name, "direction": "input" if member.flow == In else "output", "width": len(getattr(component, name))}
        for name, member in component.signature.members.items()
    ]
    return clock_ports + members if clocked else members
