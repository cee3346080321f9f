"""Emitted Verilog as solver terms: Yosys elaborates and flattens it and writes SMT-LIB, which the solver parses."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import bitwuzla

from proofs.solver import substituted
from proofs.terms import TM, Bits

__all__ = ["Netlist"]

_YOSYS = """
from pyosys import libyosys
design = libyosys.Design()
for command in {commands!r}:
    design.run_pass(command)
"""
_DECLARED = re.compile(r"^\(declare-fun (\|[^|]+\|) \(\|[^|]+\|\) (Bool|\(_ BitVec \d+\))\)", re.MULTILINE)
_REGISTER = re.compile(r"^  \(= (\|[^|]+\|) \((\|[^|]+\|) next_state\)\) ; \S+ \\(.*)$", re.MULTILINE)


class Netlist:
    """Module ``top`` of a Verilog text with all its parts flattened into it.

    ``cut`` names instances in ``top`` that are left out: the nets that they drove take any value.
    ``emptied`` is a module whose content is left out: its outputs take any value, see `define`.
    ``registers`` holds for each register what it holds now, a free variable, and what it holds after a clock edge.
    Raises ``RuntimeError`` where Yosys refuses the text.
    """

    def __init__(self, verilog: str, top: str, cut: tuple[str, ...] = (), emptied: str = "") -> None:
        text = _smt2(verilog, top, cut, emptied)
        self.names = set(re.findall(r"^; yosys-smt2-wire (\S+) \d+$", text, re.MULTILINE))
        body, _, transition = text.partition(f"(define-fun |{top}_t| ")
        self._top = top
        self._defined: list[tuple[Bits, Bits]] = []
        self._parser = bitwuzla.Parser(TM, bitwuzla.Options())
        self._parser.parse(_without_state(body), True, False)
        self.registers: dict[str, tuple[Bits, Bits]] = {
            name: (self._term(now), self._term(after))
            for after, now, name in _REGISTER.findall(_without_state(transition))
        }

    def wire(self, name: str) -> Bits:
        """A port or an inner net, ``<instance>.<net>``, as a function of inputs and registers."""
        return substituted(self._term(f"|{self._top}_n {name}|"), self._defined)

    def define(self, net: str, value: Bits) -> None:
        """From now on the net, which took any value, is ``value``, which does not depend on it."""
        self._defined = [(self.wire(net), value)]
        self.registers = {
            name: (now, substituted(after, self._defined)) for name, (now, after) in self.registers.items()
        }

    def after_edge(self, value: Bits, inputs: dict[str, Bits]) -> Bits:
        """What ``value`` is one clock edge later; ``inputs`` are the values of input ports before the edge."""
        held = [(self.wire(name), given) for name, given in inputs.items()]
        nexts = [(now, substituted(after, held)) for now, after in self.registers.values()]
        return substituted(value, nexts)

    def _term(self, text: str) -> Bits:
        return Bits(self._parser.parse_term(text))


def _without_state(text: str) -> str:
    """The functions of a state as what they are: constants for inputs and registers, and values made from these."""
    text = re.sub(r"^\(declare-sort .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\(declare-fun \|[^|]+_is\| .*\n", "", text, flags=re.MULTILINE)
    text = _DECLARED.sub(r"(declare-const \1 \2)", text)
    text = re.sub(r"\(\(state \|[^|]+\|\)\)", "()", text)
    return re.sub(r"\((\|[^|]+\|) state\)", r"\1", text)


def _smt2(verilog: str, top: str, cut: tuple[str, ...], emptied: str) -> str:
    with tempfile.TemporaryDirectory(prefix="axmac-proof-") as folder:
        source, target = Path(folder) / "unit.v", Path(folder) / "unit.smt2"
        source.write_text(verilog, encoding="utf-8")
        commands = [f"read_verilog {source}", f"hierarchy -check -top {top}", "proc"]
        commands += [f"select -assert-count 1 {top}/c:{name}" for name in cut]
        commands += [f"delete {top}/c:{name}" for name in cut]
        commands += ["setundef -undriven -expose"] * bool(cut)
        commands += [f"setattr -set keep 1 {emptied}/i:*", f"cutpoint {emptied}"] * bool(emptied)
        commands += ["flatten", "opt_clean", f"write_smt2 -wires {target}"]
        script = _YOSYS.format(commands=commands)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        if done.returncode or not target.exists():
            raise RuntimeError(f"Yosys refused {top}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        return target.read_text(encoding="utf-8")
