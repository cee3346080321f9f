"""One step of the run: a command, what its outcome depends on, and the figures that it leaves."""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Step"]

ROOT = Path(__file__).resolve().parents[2]
"""The folder in which steps run."""


def _nothing(_folder: Path) -> list[dict]:
    return []


@dataclass(frozen=True)
class Step:
    """A command passes with exit status 0 and may write result files into the folder that stands for ``{out}``.

    ``program`` is ``axmac`` or ``python``, ``environment`` what is set for it. ``identity`` says what the outcome
    depends on besides the command. ``rows`` reads the figures from the folder. A step begins when those in ``needs``
    have passed; one that stands ``alone`` measures time, and no other step runs beside it.
    """

    name: str
    program: str
    arguments: tuple[str, ...]
    identity: str
    rows: Callable[[Path], list[dict]] = _nothing
    needs: tuple[str, ...] = ()
    alone: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def group(self) -> str:
        """What stands before the first slash of the name."""
        return self.name.partition("/")[0]

    @property
    def slug(self) -> str:
        """The name as a file name."""
        return "".join(letter if letter.isalnum() or letter in "_.-" else "-" for letter in self.name)

    def command(self, out: Path) -> list[str]:
        """The words of the command."""
        program = [str(Path(sys.executable).parent / "axmac")] if self.program == "axmac" else [sys.executable]
        return [*program, *(word.replace("{out}", str(out)) for word in self.arguments)]

    def variables(self, out: Path) -> dict[str, str]:
        """The environment variables of the command."""
        own = {name: value.replace("{out}", str(out)) for name, value in self.environment}
        return own | ({"PYTHONPATH": "tests"} if self.program == "python" else {})

    def command_line(self, out: Path) -> str:
        """The command as a person types it in the root folder of the project."""
        words = self.command(out)
        words[0] = words[0].removeprefix(f"{ROOT}/")
        variables = (f"{name}={shlex.quote(value)} " for name, value in self.variables(out).items())
        return "".join(variables) + shlex.join(words)
