"""Words that foreign Verilog may not have, and places where they mean nothing."""

import pytest

from axmac.gen.foreign_words import check_words
from axmac.model.spec import InputError


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ('module m;\ninitial $readmemh("x", r); endmodule', "$readmemh", 2),
        ('`include "secret.v"', "`include", 1),
        ("// one\n/* two\nthree */ `systemc_header", "`systemc_header", 3),
        ('import "DPI-C" function int f();', "import", 1),
        ("`define A x``y\n", "``", 1),
        ("\n\nbind m n x();", "bind", 3),
        ("primitive p(o, i);", "primitive", 1),
        ("`UNKNOWN", "`UNKNOWN", 1),
    ],
)
def test_refused(text, word, line):
    with pytest.raises(InputError) as refused:
        check_words(text, "m.v")
    assert str(refused.value).startswith(f"m.v:{line}: {word} is not taken")


@pytest.mark.parametrize(
    "text",
    [
        "// $system `include import",
        "/* $system\n bind */",
        'localparam x = "$system `include";',
        r"wire \a$system ; wire \`include ; wire \import ;",
        "`timescale 1ns/1ps\n`default_nettype none\n`define W 8\nwire [`W-1:0] x;\n`ifdef W\n`endif",
        "assign p = $signed(a) * $unsigned(b) + $clog2(8);",
        "wire imported, binding, a$b;",
    ],
)
def test_taken(text):
    check_words(text, "m.v")
