"""Tables of costs: figures, shares against a named unit, the paper's beside them."""

from shown import COST, cost_row

from axmac.model.report import new_result
from axmac.model.report.cost import cost_sentence
from axmac.model.report.tables import tables_of


def test_figures_and_shares():
    rows = [
        cost_row("small", 100.0, 2.0, 1.5, paper={"energy": 0.487, "delay": 0.29}),
        cost_row("exact", 400.0, 8.0, 6.0),
    ]
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
    assert title == "Units: shares of an exact one"
    assert heads[:3] == ["unit", "share of", "area"]
    assert heads[3:] == ["delay", "energy: uniform", "energy: lenet5", "paper: delay", "paper: energy"]
    assert cells == [["small", "exact", "0.250", "0.250", "0.250", "0.250", "0.29", "0.487"]]


def test_the_sentence_names_shares_base_and_operands():
    rows = [cost_row("small", 100.0, 2.0, 1.5), cost_row("exact", 400.0, 4.0, 2.0)]
    said = cost_sentence(new_result("ppa", rows, seed=0))
    shares = "small has 25.0 % of the area, 50.0 % of the delay, 75.0 % of the energy"
    assert said == f"Against exact, operands lenet5: {shares}."
    assert cost_sentence(new_result("ppa", [rows[0]], seed=0)) == ""


def test_a_unit_that_differs_from_golden_has_no_line():
    wrong = {
        key: value for key, value in cost_row("wrong", 1.0, 1.0, 1.0).items() if key not in ("area", "energy", "delay")
    }
    wrong["checked"] = {"vectors": 11_296, "mismatches": 3, "first": "a=0x1"}
    (figures,) = tables_of(new_result("ppa", [wrong, cost_row("small", 1.0, 1.0, 1.0)], seed=0, alarms=("wrong: 3",)))
    assert [line[0] for line in figures[2]] == ["small"]
    (none,) = tables_of(new_result("ppa", [wrong], seed=0, alarms=("wrong: 3",)))
    assert "no figure" in none[0]
    assert none[2] == [["wrong"]]


def test_generic_gates_are_an_estimate():
    gates = {"unit": "small", "module": "small", **COST, "tools": {"pyosys": "0.70"}, "flow": "generic"}
    gates |= {"library": None, "checked": {"vectors": 11_296, "mismatches": 0, "first": ""}, "against": ["large"]}
    gates |= {"gates": 1234, "depth": 20, "transistors": 0, "kinds": {}}
    large = gates | {"unit": "large", "gates": 2468, "depth": 40}
    figures, shares = tables_of(new_result("ppa", [gates, large], seed=0))
    assert "an estimate" in figures[0]
    assert figures[2][0] == ["small", "1,234", "20", "0", "11,296"]
    assert shares[2] == [["small", "large", "0.500", "0.500", "n/a", "", ""]]


def test_figures_on_an_fpga():
    checked = {"vectors": 11_296, "mismatches": 0, "first": ""}
    about = {"device": "HX8K", "nextpnr": "0.11", "seed": 3, "checked": checked, "luts": 1234, "registers": 48}
    placed = {"ice40": about | {"fmax": 61.25, "unfit": ""}}
    large = {"ice40": about | {"fmax": None, "unfit": "does not fit: needs 9,000 of 7,680 ICESTORM_LC"}}
    wrong = {"ice40": {"device": "HX8K", "nextpnr": "0.11", "seed": 3, "checked": checked | {"mismatches": 1}}}
    rows = [
        cost_row(name, 1.0, 1.0, 1.0, fpga=fpga) for name, fpga in (("small", placed), ("large", large), ("no", wrong))
    ]
    title, heads, cells = tables_of(new_result("ppa", [*rows, cost_row("else", 1.0, 1.0, 1.0)], seed=3))[-1]
    assert title == "Units between registers on HX8K, without multiplier blocks: pyosys 0.70, nextpnr 0.11, seed 3"
    assert heads == ["unit", "LUTs", "registers", "MHz", "golden vectors"]
    assert cells == [
        ["small", "1,234", "48", "61.2", "11,296"],
        ["large", "1,234", "48", "does not fit: needs 9,000 of 7,680 ICESTORM_LC", "11,296"],
        ["no", "", "", "differs from golden", ""],
    ]


def test_proofs_are_a_column():
    proofs = [{"outcome": outcome, "seconds": 20.0} for outcome in ("proven", "not finished", "refuted")]
    rows = [cost_row(f"unit{k}", 1.0, 1.0, 1.0, proof=proof) for k, proof in enumerate(proofs)]
    figures = tables_of(new_result("ppa", rows, seed=0))[0]
    assert figures[1][-1] == "all operands"
    assert [(line[0], line[-1]) for line in figures[2]] == [("unit0", "proven"), ("unit1", "not finished in 20 s")]
