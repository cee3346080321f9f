"""Writes flat_array.v: an 8x8 carry-save array of two-input gates, with the names that a synthesis tool gives.

It knows nothing of who reads it: ``python make_netlist.py > flat_array.v``. Rows are added from the highest bit of the
multiplier down; the three lowest columns have no carries, so that the product is approximate.
"""

WIDTH, WITHOUT_CARRY = 8, 3


def main() -> None:
    """Print the module."""
    lines, count = [], 0

    def gate(kind: str, x: str, y: str) -> str:
        nonlocal count
        count += 1
        name = f"\\net[{count}].$n/{kind} "
        lines.append(f"  wire {name};")
        if count % 2:
            lines.append(f"  {kind} g{count} ({name}, {x}, {y});")
        else:
            sign = {"and": "&", "xor": "^", "or": "|"}[kind]
            lines.append(f"  assign {name} = {x} {sign} {y};")
        return name

    columns = [[] for _ in range(2 * WIDTH)]
    for j in reversed(range(WIDTH)):
        for i in range(WIDTH):
            columns[i + j].append(gate("and", f"\\in$A [{i}]", f"\\in$B [{j}]"))
    for k, bits in enumerate(columns):
        while len(bits) > 1:
            x, y = bits.pop(0), bits.pop(0)
            z = bits.pop(0) if bits else None
            half = gate("xor", x, y)
            carry = gate("and", x, y)
            if z is not None:
                bits.append(gate("xor", half, z))
                carry = gate("or", carry, gate("and", half, z))
            else:
                bits.append(half)
            if k >= WITHOUT_CARRY and k + 1 < len(columns):
                columns[k + 1].append(carry)
    for k, bits in enumerate(columns):
        lines.append(f"  assign \\out.q [{k}] = {bits[0] if bits else chr(49) + chr(39) + 'b0'};")
    print("module \\array.8x8 (\\in$A , \\in$B , \\out.q );")
    print("  input [7:0] \\in$A ;\n  input [7:0] \\in$B ;\n  output [15:0] \\out.q ;")
    print("\n".join(lines))
    print("endmodule")


main()
