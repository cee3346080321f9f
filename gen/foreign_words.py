"""What a foreign Verilog file may say: logic only, nothing that reads files or runs programs."""

import re

from axmac.model.spec import InputError

__all__ = ["check_words"]

_FUNCTIONS = {"$signed", "$unsigned", "$clog2", "$bits"}
_DIRECTIVES = {
    *("timescale", "default_nettype", "resetall", "celldefine", "endcelldefine"),
    *("define", "undef", "ifdef", "ifndef", "else", "elsif", "endif"),
}
_SILENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\\\S+', re.DOTALL)
_DEFINED = re.compile(r"`define\s+([A-Za-z_]\w*)")
_WORDS = re.compile(r"``|`\w+|(?<![\w$])\$[A-Za-z_]\w*|\bimport\b|\bbind\b|\bprimitive\b")


def check_words(verilog: str, where: str) -> None:
    """Raise ``InputError`` with line and word for system tasks, ``import``, ``bind``, primitives, other directives.

    ``where`` is the name of the file. Comments, strings and escaped names may hold anything.
    """
    text = _SILENT.sub(lambda match: " " + "\n" * match[0].count("\n"), verilog)
    known = {f"`{name}" for name in {*_DIRECTIVES, *_DEFINED.findall(text)}} | _FUNCTIONS
    for match in _WORDS.finditer(text):
        if match[0] not in known:
            line = text.count("\n", 0, match.start()) + 1
            raise InputError(f"{where}:{line}: {match[0]} is not taken: a unit is one file of plain modules")
