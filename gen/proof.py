"""Whether a mapped netlist is the Verilog, for all operands: ABC's ``cec``, within a time.

The Verilog goes another way than in mapping: flattened and turned into gates operator by operator, without any
optimisation; the netlist's cells are what the Liberty file says of their functions.
"""

import importlib.util
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from axmac.gen.yosys import run_yosys, yosys_version
from axmac.model.spec import InputError

__all__ = ["PROVEN", "REFUTED", "UNDECIDED", "Proof", "prove_equal"]

PROVEN, REFUTED, UNDECIDED = "proven", "refuted", "not finished"

_OUTCOME = re.compile(r"^Networks are (equivalent|NOT EQUIVALENT)", re.MULTILINE)


@dataclass(frozen=True)
class Proof:
    """``outcome``: one of `PROVEN`, `REFUTED`, `UNDECIDED`; ``seconds``: the time it was given."""

    outcome: str
    seconds: float

    def as_dict(self) -> dict[str, str | float]:
        """Both values."""
        return {"outcome": self.outcome, "seconds": self.seconds}


def prove_equal(verilog: str, top: str, netlist: Path, seconds: float, folder: Path) -> Proof:
    """Compare combinational module ``top`` with ``netlist``, Yosys' JSON of a mapped one; ABC has ``seconds`` for it.

    Raises ``InputError`` where Yosys or ABC cannot read one of them.
    """
    (folder / "proof.v").write_text(verilog, encoding="utf-8")
    gates = ["proc", "flatten -wb", "techmap", "opt_clean -purge", "setundef -zero"]
    for source, target in (("read_verilog proof.v", "proof_rtl"), (f"read_json {netlist}", "proof_cells")):
        commands = [source, f"hierarchy -top {top}", *gates, f"write_blif {target}.blif"]
        run_yosys(commands, folder, f"{target}.log")
    begin = time.monotonic()
    command = [str(_abc()), "-c", "cec proof_rtl.blif proof_cells.blif"]
    try:
        options = {"cwd": folder, "stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "text": True}
        text = subprocess.run(command, stdout=subprocess.PIPE, timeout=seconds, check=False, **options).stdout
    except subprocess.TimeoutExpired:
        return Proof(UNDECIDED, seconds)
    (folder / "proof.log").write_text(f"{text}{time.monotonic() - begin:.1f} s\n", encoding="utf-8")
    found = _OUTCOME.search(text)
    if found is None and "UNDECIDED" not in text:
        raise InputError(f"ABC: {(text.strip().splitlines() or ['says nothing'])[-1]}; see {folder / 'proof.log'}")
    outcome = UNDECIDED if found is None else PROVEN if found[1] == "equivalent" else REFUTED
    return Proof(outcome, seconds)


def _abc() -> Path:
    """ABC as pyosys brings it."""
    yosys_version()
    return Path(importlib.util.find_spec("pyosys").origin).with_name("yosys-abc")
