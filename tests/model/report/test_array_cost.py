"""Tables of systolic arrays: figures, shares of a named unit's array of the same size."""

from shown import cost_row

from axmac.model.report import new_result
from axmac.model.report.tables import tables_of


def array(area, energy, mismatches=0):
    found = {"rows": 2, "cols": 4, "module": "m", "checked": {"vectors": 10_048, "mismatches": mismatches, "first": ""}}
    if mismatches:
        return found
    found |= {"latency": 12, "area": area, "element": area / 10, "registers": 1234, "delay": 8.0}
    spent = {"element": 0.75 * energy, "frame": 0.25 * energy, "total": energy}
    return found | {"energy": spent, "glitches": 0.4, "products": 4096}


def test_figures_and_shares_by_size():
    small = cost_row("small", 1.0, 1.0, 1.0, arrays={"2x4": array(1000.0, 10.0), "8x8": array(9000.0, 9.0)})
    exact = cost_row("exact", 1.0, 1.0, 1.0, arrays={"2x4": array(4000.0, 40.0)})
    (table,) = (found for found in tables_of(new_result("ppa", [small, exact], seed=0)) if "Systolic" in found[0])
    _, heads, cells = table
    assert heads[-1] == "area and energy, share of exact"
    assert cells == [
        ["small", "2x4", "1,000", "80%", "1,234", "125.0", "10.00", "75%", "10,048", "0.250, 0.250"],
        ["small", "8x8", "9,000", "80%", "1,234", "125.0", "9.00", "75%", "10,048", ""],
        ["exact", "2x4", "4,000", "80%", "1,234", "125.0", "40.00", "75%", "10,048", ""],
    ]


def test_an_array_that_differs_from_golden_has_no_figures():
    row = cost_row("small", 1.0, 1.0, 1.0, arrays={"2x4": array(1.0, 1.0, mismatches=3)})
    (table,) = (found for found in tables_of(new_result("ppa", [row], seed=0)) if "Systolic" in found[0])
    assert table[2] == [["small", "2x4", *[""] * 6, "differs from golden"]]


def test_without_arrays_there_is_no_table():
    titles = [table[0] for table in tables_of(new_result("ppa", [cost_row("small", 1.0, 1.0, 1.0)], seed=0))]
    assert titles
    assert not any("Systolic" in title for title in titles)
