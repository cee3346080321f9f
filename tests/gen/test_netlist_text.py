"""Assignments of a netlist, bit by bit, as OpenSTA reads them."""

import json

from axmac.gen.netlist_text import for_opensta

TEXT = """module one(a, p);
  assign p = { \\x.y , a[1:0], 2'b10 };
  assign \\w.z [1:0] = \\x.v ;
  assign \\x.y = a[2];
endmodule
module two(a, p);
  assign p = a;
endmodule
"""
WIDTHS = {"one": {"a": 3, "p": 5, "x.y": 1, "x.v": 2, "w.z": 4}, "two": {"a": 2, "p": 2}}


def test_every_module_by_its_own_widths(tmp_path):
    verilog, netlist = tmp_path / "n.v", tmp_path / "n.json"
    verilog.write_text(TEXT, encoding="utf-8")
    modules = {name: {"netnames": {n: {"bits": [0] * w} for n, w in nets.items()}} for name, nets in WIDTHS.items()}
    netlist.write_text(json.dumps({"modules": modules}), encoding="utf-8")
    for_opensta(verilog, netlist)
    assert verilog.read_text(encoding="utf-8").splitlines() == [
        "module one(a, p);",
        "  assign p[4] = \\x.y ;",
        "  assign p[3] = a[1];",
        "  assign p[2] = a[0];",
        "  assign \\w.z [1] = \\x.v [1];",
        "  assign \\w.z [0] = \\x.v [0];",
        "  assign \\x.y  = a[2];",
        "endmodule",
        "module two(a, p);",
        "  assign p[1] = a[1];",
        "  assign p[0] = a[0];",
        "endmodule",
    ]
