"""What the outcome of a step depends on: the sources that its modules import, and the tools."""

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from kept import digest

from axmac.model.report.provenance import versions
from axmac.sim.simulators import simulator_named
from everything.step import ROOT

__all__ = ["closure", "identity"]

_TOOLS = ("pyosys", "bitwuzla", "pytest", "cocotbext-axi")


def closure(roots: Iterable[str]) -> list[Path]:
    """Files of this project that the files ``roots`` import, directly or not, and they themselves; by name."""
    found: set[Path] = set()
    waiting = [ROOT / root for root in roots]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported(path)
    return sorted(found)


def identity(roots: Iterable[str], *more: str) -> str:
    """The hash of all sources behind ``roots``, of the versions of the tools, and of whatever else is given."""
    return f"{digest(closure(roots))} {_tools()} {' '.join(more)}"


@lru_cache(maxsize=1)
def _tools() -> str:
    found = versions() | {tool: metadata.version(tool) for tool in _TOOLS}
    found |= {"icarus": simulator_named("icarus").version}
    del found["axmac"]
    return " ".join(f"{name}={version}" for name, version in sorted(found.items()))


@lru_cache(maxsize=1000)
def _imported(path: Path) -> tuple[Path, ...]:
    return tuple(file for name in _names(path) for file in _files(name)) if path.suffix == ".py" else ()


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name: str) -> Iterator[Path]:
    """The modules on the way to a dotted name: its packages, and itself where it is a module."""
    parts = name.split(".")
    base, parts = (ROOT, parts[1:]) if parts[0] == "axmac" else (ROOT / "tests", parts)
    for length in range(1, len(parts) + 1):
        place = base.joinpath(*parts[:length])
        candidates = (place.with_suffix(".py"), place / "__init__.py")
        yield from (path for path in candidates if path.is_file())
