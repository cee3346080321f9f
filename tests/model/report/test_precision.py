"""Energy of precision-scalable MACs: shares, table, sentence and picture from planted rows."""

import pytest

from axmac.model.report import new_result
from axmac.model.report.figures import draw_energies
from axmac.model.report.html import html_page
from axmac.model.report.precision import energy_shares, precision_sentence, precision_summary, precision_table
from axmac.model.report.tables import blocks_of, tables_of


def row(unit, bits, energy, scaled, mismatches=0):
    about = {"unit": unit, "spec_sha256": "0" * 64, "bits": bits, "precision": bits, "lanes": 16 // bits}
    about |= {"registers": 80, "clock_gates": 3}
    about |= {"verilog_sha256": "0" * 64, "tools": {"pyosys": "1"}, "period": 20.0}
    about["library"] = {"name": "five", "sha256": "0" * 64, "corner": "typical", "voltage": 2.0, "temperature": 25.0}
    about["checked"] = {"vectors": 4096, "mismatches": mismatches, "first": "x" * bool(mismatches)}
    if mismatches:
        return about
    spent = {"switching": energy / 2, "internal": energy / 4, "leakage": energy / 4, "total": energy}
    model = {"voltage": 0.8, "frequency": 0.5, "energy": scaled}
    return about | {"delay": 7.25, "energy": spent, "glitches": 0.25, "products": 4000, "scaled": model}


@pytest.fixture
def result():
    rows = [row("mac16_dvafs", 16, 30.0, 30.0), row("mac16_dvafs", 8, 10.0, 5.0), row("mac16_dvafs", 4, 0, 0, 7)]
    rows.append(row("mac16_dvafs", 3, 8.0, 4.0))
    return new_result("precision", [*rows, row("mac16_standard", 16, 20.0, 20.0)], seed=0)


def test_shares_are_those_of_the_standard_mac(result):
    assert energy_shares(result) == {"mac16_dvafs": {16: 1.5, 8: 0.5, 3: 0.4}, "mac16_standard": {16: 1.0}}
    assert energy_shares(result, scaled=True)["mac16_dvafs"] == {16: 1.5, 8: 0.25, 3: 0.2}


def test_table_and_sentence(result, tmp_path):
    _, heads, rows = precision_table(result)
    assert all(len(cells) == len(heads) for cells in rows)
    figures = ["7.25", "10.00", "25.00 %", "0.500", "25.0 %", "4,096", "0.80", "0.50", "5.00", "0.250"]
    assert rows[1] == ["mac16_dvafs", "8", "8 x 2", "80, 3", *figures]
    assert rows[2] == ["mac16_dvafs", "4", "4 x 4", "80, 3", *[""] * 5, "differs from golden", *[""] * 4]
    title, shown_heads, shown = precision_summary(result)
    assert (shown_heads, shown) == (heads, [*rows[:3], rows[4]])
    assert title.endswith("share: of mac16_standard at 16 bits; 4 of 5 points")
    said = precision_sentence(result)
    assert "share of mac16_standard at 16 bits" in said
    assert "mac16_dvafs takes 1.50 (1.50) for 16 bits, 0.50 (0.25) for 8 bits; " in said
    assert said in blocks_of(result)
    assert tables_of(result) == [precision_table(result)]
    page = html_page({"precision": result}, {})
    assert page.index("id='cost'") < page.index("mac16_dvafs takes") < page.index("id='precision'")
    assert draw_energies(result, tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
