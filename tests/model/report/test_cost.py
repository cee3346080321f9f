"""Tables of costs: figures, shares against a named unit, the paper's beside them."""

from axmac.model.report import new_result
from axmac.model.report.tables import tables_of

LIBRARY = {"name": "five", "sha256": "0" * 64, "corner": "typical", "voltage": 2.0, "temperature": 25.0}
COMMON = {"spec_sha256": "1" * 64, "part": "core", "verilog_sha256": "2" * 64, "period": 20.0}


def row(unit, area, delay, energy, **more):
    spent = {"switching": 0.5, "internal": 0.25, "leakage": 0.25, "total": energy, "glitches": 0.4, "products": 10}
    found = {"unit": unit, "module": unit, **COMMON, "tools": {"pyosys": "0.70", "opensta": "2.0.17"}}
    found |= {"flow": "liberty", "library": LIBRARY, "checked": {"vectors": 11_296, "mismatches": 0, "first": ""}}
    found |= {"area": area, "cells": 100, "kinds": {"nand2": 100}, "delay": delay, "against": ["exact"]}
    return found | {"energy": {"uniform": spent, "lenet5": spent}, "vectorless": {"total": 3.0}} | more


def test_figures_and_shares():
    rows = [row("small", 100.0, 2.0, 1.5, paper={"energy": 0.487, "delay": 0.29}), row("exact", 400.0, 8.0, 6.0)]
    figures, shares = tables_of(new_result("ppa", rows, seed=0))
    title, heads, cells = figures
    assert title == "Units: five, typical, 2 V, 25 C, clock 20 ns, pyosys 0.70, OpenSTA 2.0.17"
    assert dict(zip(heads, cells[0], strict=True)) == {
        "unit": "small",
        "area, um2": "100",
        "cells": "100",
        "delay, ns": "2.00",
        "energy, pJ: uniform": "1.50",
        "energy, pJ: lenet5": "1.50",
        "of it leakage": "0.25",
        "glitches": "40 %",
        "vectorless": "3.0",
        "golden vectors": "11,296",
    }
    title, heads, cells = shares
    assert title == "Shares of exact"
    assert heads == ["unit", "area", "delay", "energy: uniform", "energy: lenet5", "paper: delay", "paper: energy"]
    assert cells == [
        ["small", "0.250", "0.250", "0.250", "0.250", "0.29", "0.487"],
        ["exact", "1.000", "1.000", "1.000", "1.000", "", ""],
    ]


def test_a_unit_that_differs_from_golden_has_no_line():
    wrong = {key: value for key, value in row("wrong", 1.0, 1.0, 1.0).items() if key not in ("area", "energy", "delay")}
    wrong["checked"] = {"vectors": 11_296, "mismatches": 3, "first": "a=0x1"}
    (figures,) = tables_of(new_result("ppa", [wrong, row("small", 1.0, 1.0, 1.0)], seed=0, alarms=("wrong: 3",)))
    assert [line[0] for line in figures[2]] == ["small"]
    (none,) = tables_of(new_result("ppa", [wrong], seed=0, alarms=("wrong: 3",)))
    assert "no figure" in none[0]
    assert none[2] == [["wrong"]]


def test_generic_gates_are_an_estimate():
    gates = {"unit": "small", "module": "small", **COMMON, "tools": {"pyosys": "0.70"}, "flow": "generic"}
    gates |= {"library": None, "checked": {"vectors": 11_296, "mismatches": 0, "first": ""}, "against": ["small"]}
    gates |= {"gates": 1234, "depth": 20, "transistors": 0, "kinds": {}}
    figures, shares = tables_of(new_result("ppa", [gates], seed=0))
    assert "an estimate" in figures[0]
    assert figures[2] == [["small", "1,234", "20", "0", "11,296"]]
    assert shares[2] == [["small", "1.000", "1.000", "n/a", "", ""]]


def test_figures_on_an_fpga():
    checked = {"vectors": 11_296, "mismatches": 0, "first": ""}
    about = {"device": "HX8K", "nextpnr": "0.11", "seed": 3, "checked": checked, "luts": 1234, "registers": 48}
    placed = {"ice40": about | {"fmax": 61.25, "unfit": ""}}
    large = {"ice40": about | {"fmax": None, "unfit": "does not fit: needs 9,000 of 7,680 ICESTORM_LC"}}
    wrong = {"ice40": {"device": "HX8K", "nextpnr": "0.11", "seed": 3, "checked": checked | {"mismatches": 1}}}
    rows = [row(name, 1.0, 1.0, 1.0, fpga=fpga) for name, fpga in (("small", placed), ("large", large), ("no", wrong))]
    title, heads, cells = tables_of(new_result("ppa", [*rows, row("else", 1.0, 1.0, 1.0)], seed=3))[-1]
    assert title == "Units between registers on HX8K, without multiplier blocks: pyosys 0.70, nextpnr 0.11, seed 3"
    assert heads == ["unit", "LUTs", "registers", "MHz", "golden vectors"]
    assert cells == [
        ["small", "1,234", "48", "61.2", "11,296"],
        ["large", "1,234", "48", "does not fit: needs 9,000 of 7,680 ICESTORM_LC", "11,296"],
        ["no", "", "", "differs from golden", ""],
    ]


def test_proofs_are_a_column():
    proofs = [{"outcome": outcome, "seconds": 20.0} for outcome in ("proven", "not finished", "refuted")]
    rows = [row(f"unit{k}", 1.0, 1.0, 1.0, proof=proof) for k, proof in enumerate(proofs)]
    figures = tables_of(new_result("ppa", rows, seed=0))[0]
    assert figures[1][-1] == "all operands"
    assert [(line[0], line[-1]) for line in figures[2]] == [("unit0", "proven"), ("unit1", "not finished in 20 s")]
