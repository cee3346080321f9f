"""Yosys in a process of its own: its log goes to a file, and whatever it dies of becomes one line."""

import importlib.util
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from axmac.model.spec import InputError

__all__ = ["run_yosys", "yosys_version"]

_RUN = """
import json, sys
from pyosys import libyosys
design = libyosys.Design()
for command in json.loads(sys.argv[1]):
    design.run_pass(command)
"""


def yosys_version() -> str:
    """The version of pyosys; ``InputError`` where it is not installed."""
    if importlib.util.find_spec("pyosys") is None:
        raise InputError("Yosys is missing: install it with `pip install 'pyosys>=0.70,<0.71'`")
    return version("pyosys")


def run_yosys(commands: list[str], folder: Path, log: str = "yosys.log") -> str:
    """Run commands one after the other in ``folder``; return what Yosys printed, which ``folder/log`` keeps.

    Raises ``InputError`` with Yosys' own line of the error, and for a process that ends without one.
    """
    yosys_version()
    path = folder / log
    with path.open("w", encoding="utf-8") as file:
        command = [sys.executable, "-c", _RUN, json.dumps(commands)]
        done = subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=False)
    text = path.read_text(encoding="utf-8", errors="replace")
    if done.returncode:
        errors = [line for line in text.splitlines() if "ERROR" in line]
        reason = errors[-1].strip() if errors else f"ended with status {done.returncode}"
        raise InputError(f"Yosys: {reason}; see {path}")
    return text
