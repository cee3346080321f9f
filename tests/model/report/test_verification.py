"""The README's table is what the committed result says; what a row says follows from its figures."""

from pathlib import Path

import pytest

from axmac.model.report import load, new_result, table_of
from axmac.model.spec import catalog

ROOT = Path(__file__).resolve().parents[3]
UNIT = {
    "subject": "some_unit",
    "kind": "unit",
    "statements": 12,
    "proven": 11,
    "exhaustive": {"pairs of significands": 65536},
    "sampled": {"verilator": 1234, "icarus": 5},
    "bins": {"bins": 90, "hit": 88, "unreachable": 2},
    "mutants": {"killed": 80, "equivalent": 3, "survived": 0},
    "code": {"line": [9, 10], "toggle": [3, 4], "branch": [0, 1]},
}


def test_the_committed_result_covers_every_unit():
    result = load(ROOT / "docs" / "verification.json")
    assert result["alarms"] == []
    units = {row["subject"]: row for row in result["rows"] if row["kind"] == "unit"}
    assert set(catalog.floats) | {"adder", "mac", "systolic-ws", "systolic-os", "engine-ws", "engine-os"} == set(
        units
    ) - set(catalog.integers)
    for unit in catalog.floats:
        assert units[unit]["proven"] == units[unit]["statements"] >= 9
        assert units[unit]["mutants"]["survived"] == 0


def cells(row):
    return table_of(new_result("verification", [row], seed=1))[2][0]


def test_the_row_of_a_unit():
    assert cells(UNIT) == [
        "some_unit",
        "11 of 12 statements",
        "65,536 pairs of significands",
        "1,234 on Verilator, 5 on Icarus",
        "88 of 90, 2 proven unreachable",
        "80 of 83, 3 equivalent",
        "90% line, 75% toggle",
    ]


@pytest.mark.parametrize(
    ("row", "sampled"),
    [
        (
            {"kind": "network", "sampled": {"verilator": 71}, "scores_differ": 0},
            "71 MACs on Verilator, 0 scores differ",
        ),
        ({"kind": "model", "sampled": {"oracles": 10**6}}, "1,000,000 results against the oracles"),
        ({"kind": "tests", "passed": {"a": 3, "b": 4}}, "7 tests passed"),
    ],
)
def test_other_rows(row, sampled):
    assert cells({"subject": "x"} | row) == ["x", "", "", sampled, "", "", ""]


def test_alarms_are_in_the_title():
    title = table_of(new_result("verification", [UNIT], seed=1, alarms=("failed: x",)))[0]
    assert "NOT ALL PASSED: failed: x" in title
