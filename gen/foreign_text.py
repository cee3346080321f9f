"""Verilog that others wrote, as it stands in our files: what lint may say about it, and where its directives end."""

__all__ = ["STYLE", "foreign_text"]

STYLE = (
    *("ASCRANGE", "BLKSEQ", "CASEINCOMPLETE", "CASEOVERLAP", "CASEX", "CMPCONST", "COLONPLUS", "DECLFILENAME"),
    *("DEFPARAM", "EOFNEWLINE", "GENUNNAMED", "IMPLICIT", "PINCONNECTEMPTY", "STMTDLY", "SYMRSVDWORD", "TIMESCALEMOD"),
    *("UNDRIVEN", "UNOPTFLAT", "UNSIGNED", "UNUSEDGENVAR", "UNUSEDPARAM", "UNUSEDSIGNAL", "VARHIDDEN"),
    *("WIDTHEXPAND", "WIDTHTRUNC"),
)
"""Verilator's warnings about style and widths: they do not make a multiplier unusable."""


def foreign_text(verilog: str) -> str:
    """The text with style warnings off while it lasts; its compiler directives do not reach what follows."""
    off = "".join(f"/* verilator lint_off {code} */\n" for code in STYLE)
    on = "".join(f"/* verilator lint_on {code} */\n" for code in STYLE)
    return f"// The imported module, as it is:\n{off}{verilog.rstrip()}\n`resetall\n{on}"
