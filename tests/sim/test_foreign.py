"""All pairs of a foreign module in Verilator, and modules that the simulation itself unmasks."""

import numpy as np
import pytest

from axmac.model.spec import InputError
from axmac.sim.foreign import foreign_products

PORTS = ("a", "b", "p")
HEAD = "module m(input [1:0] a, b, output"


def test_rows_are_the_first_port():
    text = "module m(input [2:0] x, \\y.1 , output [5:0] z); assign z = {x, \\y.1 }; endmodule"
    one = foreign_products("unit", text, "m", ("x", "y.1", "z"), 3, "m.v")
    other = foreign_products("unit", text, "m", ("y.1", "x", "z"), 3, "m.v")
    np.testing.assert_array_equal(one, np.arange(64).reshape(8, 8))
    np.testing.assert_array_equal(other, one.T)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (f"{HEAD} reg [3:0] p);\nalways @* if (a[0]) p = a * b; endmodule", "unit", "m.v:2: Verilator (LATCH): "),
        (f"{HEAD} [3:0] p);\nassign p = a[0] ? a * b : 4'bx; endmodule", "unit",
         "m.v: m gives two products for the patterns 0x0 and 0x"),
        (f"{HEAD} [3:0] p);\nassign p = a * c; endmodule", "unit", "m.v:2: Verilator: Can't find definition"),
        (f"{HEAD} [3:0] p); assign p = a * b; endmodule", "module", "m.v: Verilator: syntax error"),
    ],
    ids=["latch", "undefined", "unknown", "keyword"],
)  # fmt: skip
def test_one_line(text, name, message):
    with pytest.raises(InputError) as refused:
        foreign_products(name, text, "m", PORTS, 2, "m.v")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_module_that_remembers_is_unmasked_by_the_order_of_pairs(monkeypatch):
    monkeypatch.setattr("axmac.sim.foreign.STYLE", ("LATCH", "UNOPTFLAT", "WIDTHEXPAND", "DECLFILENAME"))
    text = f"{HEAD} reg [3:0] p);\nalways @* if (a[0]) p = a * b; endmodule"
    with pytest.raises(InputError, match=r"m gives two products for the patterns 0x\d and 0x\d: it remembers"):
        foreign_products("unit", text, "m", PORTS, 2, "m.v")
