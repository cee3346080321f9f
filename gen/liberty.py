"""Liberty files: found, unpacked, and read as far as power needs it: groups with attributes, some cells at a time.

A Liberty file is a tree of groups ``kind (arguments) { attributes and groups }``. Files of a process have tens of
megabytes, nearly all of them timing tables, which OpenSTA reads; so `Library.cells` reads the named cells only.
"""

import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole

__all__ = ["Group", "Library", "open_library"]

VARIABLE = "AXMAC_LIBERTY"
"""The environment variable that names the Liberty file."""

_SKIPPED = ("timing", "min_pulse_width")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.|\\\n)*"|[^\s"(){}:;,\\]+|[(){}:;,]')
_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_CELL = re.compile(r'\bcell\s*\(\s*"?([^")\s]+)"?\s*\)\s*{')
_BRACE = re.compile(r'"(?:[^"\\]|\\.|\\\n)*"|[{}]')
_UNITS = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}


@dataclass
class Group:
    """``kind (arguments) {..}``: simple attributes as text, complex ones as lists of text, groups in their order."""

    kind: str
    arguments: list[str]
    simple: dict[str, str] = field(default_factory=dict)
    complex: dict[str, list[str]] = field(default_factory=dict)
    groups: list["Group"] = field(default_factory=list)

    def of(self, kind: str) -> list["Group"]:
        """The groups of a kind."""
        return [group for group in self.groups if group.kind == kind]

    def number(self, name: str, default: float | None = None) -> float:
        """A simple attribute as a number. ``InputError`` where it is none and there is no default."""
        try:
            return float(self.simple[name])
        except (KeyError, ValueError) as error:
            if default is not None and name not in self.simple:
                return default
            raise InputError(f"Liberty: {self.kind} {self.arguments} has no number {name!r}") from error


@dataclass(frozen=True)
class Library:
    """A Liberty file that is readable: ``path`` is unpacked; ``sha256`` that of its text; ``head`` all but its cells.

    ``corner`` are its default operating conditions, ``voltage`` theirs in V, ``temperature`` in degrees Celsius.
    """

    path: Path
    name: str
    sha256: str
    corner: str
    voltage: float
    temperature: float
    head: Group

    def unit(self, kind: str) -> float:
        """``time``, ``leakage_power`` or ``capacitive_load`` unit in s, W or F."""
        if kind == "capacitive_load":
            count, unit = self.head.complex.get("capacitive_load_unit", ["1", "pf"])
            return float(count) * _UNITS[unit.lower().removesuffix("f")]
        text = self.head.simple.get(f"{kind}_unit", {"time": "1ns", "leakage_power": "1nW"}[kind])
        found = re.fullmatch(r"([\d.]+)([fpnum]?)[sW]", text)
        if found is None:
            raise InputError(f"Liberty: {kind}_unit {text!r} is not understood")
        return float(found[1]) * _UNITS[found[2]]

    def clock_gates(self, names: Iterable[str]) -> dict[str, tuple[str, str, str]]:
        """Of the named cells those that gate a clock: their pins for enable, clock, and gated clock."""
        found = {}
        for name, cell in self.cells(names).items():
            if "clock_gating_integrated_cell" in cell.simple:
                roles = {role: pin.arguments[0] for pin in cell.of("pin") for role in pin.simple}
                found[name] = tuple(roles[f"clock_gate_{role}_pin"] for role in ("enable", "clock", "out"))
        return found

    def cells(self, names: Iterable[str]) -> dict[str, Group]:
        """The groups of some cells, without their timing. ``InputError`` for a cell that the file does not have."""
        text = self.path.read_text(encoding="utf-8", errors="replace")
        places = {match[1]: match for match in _CELL.finditer(text)}
        found = {}
        for name in names:
            if name not in places:
                raise InputError(f"{self.name} has no cell {name!r}")
            found[name] = _parse(text[places[name].start() : _closing(text, places[name].end())])
        return found


def open_library(path: Path | str | None, folder: Path) -> Library | None:
    """The Liberty file of a path, or of AXMAC_LIBERTY for None; None where neither names one.

    A file ``.gz`` is unpacked into ``folder``, once. Raises ``InputError`` for a file that is missing, damaged or no
    Liberty file.
    """
    path = path or os.environ.get(VARIABLE)
    if not path:
        return None
    path = Path(path)
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{path}: cannot be read ({reason}): name a Liberty file with --liberty or {VARIABLE}"
        ) from error
    text = content.decode(errors="replace")
    if re.match(r"\s*library\s*\(", _REMARK.sub("", text[:100_000])) is None or not re.search(r"\bcell\s*\(", text):
        raise InputError(f"{path}: is no Liberty file: it does not begin with 'library (..)' or has no cells")
    sha256 = hashlib.sha256(content).hexdigest()
    if path.suffix == ".gz":
        path = folder.resolve() / f"{sha256[:12]}.lib"
        if not path.exists():
            write_whole(path, content)
    head = _parse(text[: re.search(r"\n?\s*\bcell\s*\(", text).start()] + "}")
    conditions = head.of("operating_conditions")
    wanted = head.simple.get("default_operating_conditions", "")
    chosen = next((group for group in conditions if group.arguments == [wanted]), (conditions or [None])[0])
    if chosen is None:
        raise InputError(f"{path}: has no operating_conditions, without which no power can be computed")
    corner = chosen.arguments[0] if chosen.arguments else "default"
    values = chosen.number("voltage"), chosen.number("temperature", 25.0)
    return Library(path.resolve(), head.arguments[0], sha256, corner, *values, head)


def _closing(text: str, start: int) -> int:
    """The place after the brace that closes the one before ``start``."""
    depth = 1
    for match in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise InputError("Liberty: a group is not closed")


def _parse(text: str) -> Group:
    """The one group that a text is."""
    text = _REMARK.sub(" ", text)
    for kind in _SKIPPED:
        text = _without(text, kind)
    tokens = [match[0] for match in _TOKEN.finditer(text)]
    group, _ = _group(tokens, 0)
    return group


def _without(text: str, kind: str) -> str:
    """The text without the groups of a kind."""
    parts, place = [], 0
    for match in re.finditer(rf"\b{kind}\s*\([^)]*\)\s*{{", text):
        if match.start() >= place:
            parts.append(text[place : match.start()])
            place = _closing(text, match.end())
    return "".join([*parts, text[place:]])


def _group(tokens: list[str], at: int) -> tuple[Group, int]:
    """The group whose kind is the token ``at``, and the place after it."""
    arguments, after = _arguments(tokens, at + 1)
    group = Group(tokens[at], arguments)
    at = after + 1
    while at < len(tokens) and tokens[at] != "}":
        name = tokens[at]
        if name in ";,":
            at += 1
        elif tokens[at + 1 : at + 2] == [":"]:
            group.simple[name] = tokens[at + 2].strip('"')
            at += 3
            while at < len(tokens) and tokens[at] not in ";}" and tokens[at + 1 : at + 2] not in ([":"], ["("]):
                at += 1
        elif tokens[at + 1 : at + 2] == ["("]:
            arguments, after = _arguments(tokens, at + 1)
            if tokens[after : after + 1] == ["{"]:
                inner, at = _group(tokens, at)
                group.groups.append(inner)
            else:
                group.complex[name] = arguments
                at = after
        else:
            raise InputError(f"Liberty: {name!r} is not understood")
    return group, at + 1


def _arguments(tokens: list[str], at: int) -> tuple[list[str], int]:
    """What stands in parentheses that open at ``at``, and the place after them."""
    try:
        end = tokens.index(")", at)
    except ValueError as error:
        raise InputError(f"Liberty: a parenthesis is not closed after {tokens[at - 1]!r}") from error
    return [token.strip('"') for token in tokens[at + 1 : end] if token != ","], end + 1
