"""Yosys' Verilog of a netlist as OpenSTA reads it: assignments bit by bit, without constants."""

import json
import re
from pathlib import Path

__all__ = ["for_opensta"]

_ASSIGN = re.compile(r"^  assign (.+?) = (.+?);\n", re.MULTILINE)
_MODULE = re.compile(r"^module \\?(\S+?)\s*\(.*?^endmodule", re.MULTILINE | re.DOTALL)


def for_opensta(verilog: Path, netlist: Path) -> None:
    """Rewrite the assignments of a Verilog file; ``netlist``, Yosys' JSON of the same modules, knows all widths."""
    modules = json.loads(netlist.read_text(encoding="utf-8"))["modules"]

    def rewritten(module: re.Match) -> str:
        widths = {name: len(net["bits"]) for name, net in modules[module[1]]["netnames"].items()}
        return _ASSIGN.sub(lambda match: _bit_by_bit(match[1], match[2], widths), module[0])

    verilog.write_text(_MODULE.sub(rewritten, verilog.read_text(encoding="utf-8")), encoding="utf-8")


def _bit_by_bit(left: str, right: str, widths: dict[str, int]) -> str:
    """Bits to bits; constants, which no path begins at, are left out."""
    pairs = zip(_bits(left, widths), _bits(right, widths), strict=True)
    return "".join(f"  assign {target} = {source};\n" for target, source in pairs if source)


def _bits(text: str, widths: dict[str, int]) -> list[str]:
    """The bits of a net, a range, a constant or a concatenation, highest first; "" for a constant bit."""
    found = []
    for word in text.strip("{} ").split(","):
        name, _, range_ = word.strip().partition("[")
        plain = name.strip().removeprefix("\\")
        ended = f"\\{plain} " if name.startswith("\\") else plain  # a space ends an escaped name
        if "'" in name:
            found += [""] * int(name.partition("'")[0])
        elif range_:
            high, _, low = range_.rstrip("]").partition(":")
            found += [f"{ended}[{bit}]" for bit in range(int(high), int(low or high) - 1, -1)]
        elif widths.get(plain, 1) > 1:
            found += [f"{ended}[{bit}]" for bit in range(widths[plain] - 1, -1, -1)]
        else:
            found.append(ended)
    return found
