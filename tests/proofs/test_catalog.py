"""The emitted Verilog of units is what their specifications say; `python -m proofs` proves the whole catalog."""

import pytest

from axmac.model.spec import AMA1, AMA2, AMA3, AMA4, AMA5, CELLS, EXACT, ArraySig, BoothSig, FloatFormat, FpMul, catalog
from proofs import booth, floats, products, significands
from proofs.ledger import PROVEN, Row, emitted, read_rows, rows_of, summary, up_to_date, write_rows
from proofs.reach import STATEMENTS

QUICK = ("ax_fpm", "heap", "fp32_array_ama5_t24", "fp32_ieee", "bf16", "bf16_array_ama1_t8", "bf16_csa_ama3_t8")
SECONDS = 100


@pytest.mark.parametrize("unit", QUICK)
def test_every_statement_is_proven(unit):
    rows = list(rows_of(catalog[unit], SECONDS))
    assert len(rows) >= 9
    assert [row for row in rows if row.outcome != PROVEN] == []


def test_cells_and_topologies_at_4_bits():
    for topology in ("array", "csa"):
        for cell in (EXACT, AMA1, AMA2, AMA3, AMA4, AMA5):
            spec = FpMul(FloatFormat(4, 4), ArraySig(cell, 4, topology=topology))
            assert significands.tiles(spec, SECONDS, emitted) is None
            assert significands.terms_are_added(spec, SECONDS, emitted) is None
            assert floats.finite_product(spec, SECONDS, emitted) is None


@pytest.mark.parametrize("spec", [catalog["fp32_ieee_booth"], FpMul(FloatFormat(5, 5), BoothSig())], ids=["24", "5"])
def test_booth_of_even_and_odd_width(spec):
    assert booth.booth_terms(spec, SECONDS, emitted) is None
    assert booth.booth_sum(spec, SECONDS, emitted) is None


@pytest.mark.verify_all
@pytest.mark.parametrize("topology", ["array", "csa"])
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_and_topology_at_8_bits(topology, cell):
    spec = FpMul(FloatFormat(8, 8), ArraySig(CELLS[cell], 8, topology=topology))
    assert significands.tiles(spec, SECONDS, emitted) is None
    assert significands.terms_are_added(spec, SECONDS, emitted) is None


def test_the_equations_of_exact_cells_add_up_to_the_product():
    for topology in ("array", "csa"):
        for tile in (2, 3, 8, 24):
            assert products.exact_by_weights(ArraySig(EXACT, tile, topology=topology))
        assert not products.exact_by_weights(ArraySig(AMA1, 8, topology=topology))


def test_rows_are_kept_until_something_changes(tmp_path):
    spec = FpMul(FloatFormat(4, 4), ArraySig(EXACT, 4))
    rows = list(rows_of(spec, SECONDS))
    path = write_rows(spec, rows, tmp_path)
    assert read_rows(tmp_path) == rows
    assert up_to_date(spec, tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(PROVEN, "undecided", 1), encoding="utf-8")
    assert not up_to_date(spec, tmp_path)


def test_what_the_solver_does_not_decide_in_its_time_is_said():
    with pytest.raises(TimeoutError):
        significands.plain_product(catalog["fp32_csa_exact_t24"], 0.5, emitted)


def test_rows_are_summed_up():
    spec = catalog["bf16"]
    (line,) = summary([Row(spec.id, "x", "all", "m", 1.0, PROVEN), Row("other", "x", "all", "m", 2.0, "undecided")])
    assert line == {"what": "x", "size": "all", "method": "m", "units": 2, "proven": 1, "seconds": 2.0}


def test_small_widths_are_decided_at_once():
    for _, proof, significand in STATEMENTS:
        assert proof(FpMul(FloatFormat(8, 4), significand(4)), SECONDS, emitted) is None
