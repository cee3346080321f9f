"""A table of all products as Verilog, for units that have no Verilog of their own."""

from collections.abc import Sequence

__all__ = ["WIDEST_ROM", "rom_verilog"]

WIDEST_ROM = 8
"""Bits of operands up to which a table is written as Verilog: 65,536 products are 300 KB."""


def rom_verilog(name: str, width: int, table: Sequence[Sequence[int]]) -> str:
    """Module ``name``: ports ``a`` (activation), ``b`` (weight), ``p``; a row of the table by a, its place by b.

    ``table`` holds patterns of 2 * width bits, by activation, then weight.
    """
    size, digits = 1 << width, -(-2 * width // 4)
    bits = size * 2 * width
    rows = []
    for a, row in enumerate(table):
        pattern = sum(value << (2 * width * b) for b, value in enumerate(row))
        rows.append(f"      {width}'d{a}: row = {bits}'h{pattern:0{digits}x};")
    return f"""\
module {name}(input [{width - 1}:0] a, input [{width - 1}:0] b, output [{2 * width - 1}:0] p);
  reg [{bits - 1}:0] row; // all products of a, that with b = 0 lowest
  always @*
    case (a)
{chr(10).join(rows[:-1])}
      default: row = {rows[-1].split("= ")[1]}
    endcase
  assign p = row[b * {2 * width} +: {2 * width}];
endmodule
"""
