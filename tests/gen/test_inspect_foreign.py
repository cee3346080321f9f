"""Foreign Verilog: what is a multiplier, and one line for everything that is none."""

from pathlib import Path

import pytest

from axmac.gen.inspect_foreign import inspect_foreign
from axmac.model.spec import InputError

FOREIGN = Path(__file__).resolve().parents[1] / "foreign"
PORTS = "input [7:0] a, b, output [15:0] p"


def test_modules_and_ports():
    found = inspect_foreign((FOREIGN / "loa.v").read_text(), "loa.v", "mul8u")
    assert (found.top, found.modules) == ("mul8u", ("loa_columns", "mul8u"))
    assert (found.inputs, found.outputs) == ({"A": 8, "B": 8}, {"O": 16})


def test_escaped_names_and_the_only_module():
    found = inspect_foreign((FOREIGN / "flat_array.v").read_text(), "flat_array.v", None)
    assert (found.top, found.inputs, found.outputs) == ("array.8x8", {"in$A": 8, "in$B": 8}, {"out.q": 16})


def test_a_table_in_a_case_statement_and_a_memory_that_is_never_written_are_logic():
    text = f"""module m({PORTS}); reg [7:0] s [0:1]; initial begin s[0] = 0; s[1] = 255; end
    reg [3:0] k; always @* case (b[1:0]) 0: k = 1; 1: k = 2; default: k = 3; endcase
    assign p = a * k + s[b[2]]; endmodule"""
    assert inspect_foreign(text, "m.v", "m").top == "m"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"module m({PORTS});\nreg [15:0] q;\nalways @(posedge a[0])\n q <= a*b;\nassign p = q; endmodule",
         "m.v:3: m is not combinational: q is a register"),
        ("module m(input clk, rst, input [7:0] a, b, output reg [15:0] p);\n"
         "always @(posedge clk or posedge rst) if (rst) p <= 0; else p <= a * b; endmodule",
         "m.v:2: m is not combinational: p is a register"),
        ("module m(input [7:0] a, b, output reg [15:0] p);\n\nalways @* if (a[0]) p = a * b; endmodule",
         "m.v:3: m is not combinational: p is a latch"),
        (f"module m({PORTS}); reg [15:0] r [0:255];\nalways @(posedge a[0]) r[a] <= b; assign p = r[b]; endmodule",
         "m.v:2: m is not combinational: r is a memory that is written or clocked"),
        (f"module n(input x, y, output z); assign z = x & y; endmodule\n"
         f"module m({PORTS}); wire u, v; n n1(u, a[0], v); n n2(v, b[0], u); assign p = a * b + u; endmodule",
         "m.v: m has a loop"),
        (f"module m({PORTS}); assign p[14:0] = a * b; endmodule", "m.v: Wire m.p [15] is used but has no driver"),
        (f"module m({PORTS}); assign p = a * b; assign p[0] = a[0]; endmodule", "m.v: multiple conflicting drivers"),
        (f"module m({PORTS}); assign p = a[0] ? a * b : 16'bz; endmodule", "m has a net that is not driven always (z)"),
        (f"module m({PORTS});\nassign p = a * ; endmodule", "m.v:2: syntax error"),
        (f"module m({PORTS}); other x(a, b, p); endmodule", "other' referenced in module `\\m' in cell `\\x'"),
        (f"(* blackbox *) module n({PORTS}); endmodule module m({PORTS});\nn x(a, b, p); endmodule",
         "m has a part n of which the file has no content"),
        (f"module n({PORTS}); assign p = 0; endmodule", "m.v: has no module m: the file has n"),
        ("// nothing", "m.v: has no module"),
        (f"module m(inout x, {PORTS}); assign p = a * b; endmodule", "m has an inout x"),
        (f"module m({PORTS});\ninitial $system(\"x\"); assign p = a * b; endmodule", "m.v:2: $system is not taken"),
    ],
    ids=lambda value: value[-30:] if not value.startswith(("module", "(*", "//")) else "",
)  # fmt: skip
def test_one_line_for_what_is_no_multiplier(text, message):
    with pytest.raises(InputError) as refused:
        inspect_foreign(text, "m.v", "m")
    assert message in str(refused.value)
    assert str(refused.value).startswith("m.v:")
    assert "\n" not in str(refused.value)
    assert "/tmp" not in str(refused.value)


def test_several_modules_need_a_name():
    with pytest.raises(InputError, match="name the module with --top: the file has loa_columns, mul8u"):
        inspect_foreign((FOREIGN / "loa.v").read_text(), "loa.v", None)
