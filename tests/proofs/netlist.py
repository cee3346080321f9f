"""Emitted Verilog as solver terms: Yosys elaborates it, flattens it and writes SMT-LIB, the solver's parser reads that."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import bitwuzla
from proofs.terms import TM, Bits, free

__all__ = ["Netlist"]

_YOSYS = """
from pyosys import libyosys
design = libyosys.Design()
for command in {commands!r}:
    design.run_pass(command)
"""
_DECLARED = re.compile(r"^\(declare-fun (\|[^|]*\|) \(\|[^|]*\|\) (.*)\) ; (.*)$")
_NEXT = re.compile(r"^  \(= (\|[^|]*\|) \((\|[^|]*\|) next_state\)\)", re.MULTILINE)


class Netlist:
    """Module ``top`` of a Verilog text, all its parts flattened into it.

    ``cut`` names instances in ``top`` that are removed; the nets that they drove become inputs of any value.
    ``wire(name)`` gives a port or an inner net, ``<instance>.<net>``; ``registers`` are pairs (now, next) by name.
    """

    def __init__(self, verilog: str, top: str, cut: tuple[str, ...] = ()) -> None:
        text = _smt2(verilog, top, cut)
        self._wires: dict[str, str] = {}
        self._top = top
        self.registers: dict[str, tuple[Bits, Bits]] = {}
        self._parser = bitwuzla.Parser(TM, bitwuzla.Options())
        self._parser.parse(self._closed(text), True, False)
        for after, now in _NEXT.findall(text.replace(" state)", ")").replace("(|", "(|")):
            self.registers[now] = (self._term(now), self._term(after))

    def _closed(self, text: str) -> str:
        """The text with the state argument of every function left out: registers and inputs become constants."""
        lines = []
        for line in text.splitlines():
            ...
        return ""
