"""Every proof fails on a netlist with a fault: the text of the Verilog is changed in one place, or another unit's."""

import pytest

from axmac.model.spec import catalog
from proofs.booth import booth_sum, booth_terms
from proofs.exhaustive import all_pairs
from proofs.floats import finite_product, special_cases
from proofs.ledger import emitted
from proofs.products import agrees_on_powers, bilinear, heap_form, tile_form
from proofs.significands import plain_product, terms_are_added, tiles, tiles_by_cell
from proofs.streams import STREAM_RULES, stream_rules

SECONDS = 100
AX_FPM, BOOTH, ARRAY = catalog["ax_fpm"], catalog["bf16_booth"], catalog["bf16_array_exact_t8"]


def changed(spec, old, new, module=""):
    """The unit's Verilog with the first ``old`` in a module (by default anywhere) replaced."""
    text = emitted(spec)
    start = text.index(f"\nmodule {spec.id}{module}(") if module else 0
    at = text.index(old, start)
    assert "endmodule" not in text[start:at] or not module
    faulty = text[:at] + new + text[at + len(old) :]
    return lambda _spec: faulty


def another(spec, unit):
    """The Verilog of another unit under the unit's name."""
    text = emitted(catalog[unit]).replace(catalog[unit].id, spec.id)
    return lambda _spec: text


def test_a_product_of_three_bits():
    """No pair (2^i, 2^j) shows it, which is why bilinearity is proven first."""
    faulty = changed(AX_FPM, "assign p[0] = a[0] & b[0]", "assign p[0] = a[0] & b[0] ^ (a[0] & a[1] & b[0])")
    assert agrees_on_powers(AX_FPM, tile_form, SECONDS, faulty) is None
    assert bilinear(AX_FPM, SECONDS, faulty)
    assert tiles(AX_FPM, SECONDS, faulty)


def test_a_sum_of_two_partial_products():
    faulty = changed(AX_FPM, "assign p[0] = a[0] & b[0]", "assign p[0] = a[0] & b[0] | a[1] & b[1]")
    assert bilinear(AX_FPM, SECONDS, faulty)


def test_a_wrong_partial_product():
    faulty = changed(AX_FPM, "assign cout_1_3 = a[1] & b[3]", "assign cout_1_3 = a[1] & b[2]")
    assert bilinear(AX_FPM, SECONDS, faulty) is None
    assert agrees_on_powers(AX_FPM, tile_form, SECONDS, faulty)
    assert tiles(AX_FPM, SECONDS, faulty)


def test_the_closed_form_of_another_unit():
    assert agrees_on_powers(catalog["heap"], tile_form, SECONDS)
    assert agrees_on_powers(AX_FPM, heap_form, SECONDS)


def test_an_adder_that_is_none():
    assert terms_are_added(AX_FPM, SECONDS, changed(AX_FPM, " + ", " | ", "_adder_tree"))
    assert booth_sum(BOOTH, SECONDS, changed(BOOTH, " + ", " | ", "_booth_adder"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("assign carry_8_0 = ", "assign carry_8_0 = ~"), ("assign sum_7_0 = ", "assign sum_7_0 = 1'h1 | ")],
)
def test_a_wrong_full_adder(old, new):
    assert booth_sum(BOOTH, SECONDS) is None
    assert booth_sum(BOOTH, SECONDS, changed(BOOTH, old, new, "_booth_adder"))


@pytest.mark.parametrize("proof", [tiles, tiles_by_cell, plain_product])
def test_a_wrong_gate_in_an_exact_array(proof):
    assert proof(ARRAY, SECONDS) is None
    faulty = changed(ARRAY, "cout_6_7 ^ cout_7_6", "cout_6_7 | cout_7_6", "_array_tile")
    assert proof(ARRAY, SECONDS, faulty)


@pytest.mark.parametrize("unit", ["bf16_array_ama1_t8", "bf16_array_ama2_t8"])
def test_other_cells(unit):
    assert tiles(ARRAY, SECONDS, another(ARRAY, unit))
    assert tiles_by_cell(ARRAY, SECONDS, another(ARRAY, unit))


def test_a_wrong_booth_digit():
    assert booth_terms(BOOTH, SECONDS, changed(BOOTH, "one_3 ? sig_a", "two_3 ? sig_a", "_booth_multiples"))


def test_a_plain_product_that_is_none():
    spec = catalog["fp32_ieee"]
    assert plain_product(spec, SECONDS, changed(spec, " * ", " + ", "_plain_product"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("nan_a | nan_b", "nan_a"), ("inf_a | inf_b", "inf_a"), ("zero_a | zero_b", "zero_a"), ("_00_ | _03_", "_00_")],
)
def test_a_special_case_removed(old, new):
    faulty = changed(BOOTH, old, new, "_special_cases")
    assert special_cases(BOOTH, SECONDS, faulty)
    assert finite_product(BOOTH, SECONDS, faulty)


def test_subnormals_kept():
    faulty = another(BOOTH, "bf16_ieee_booth")
    assert special_cases(BOOTH, SECONDS, faulty)


@pytest.mark.parametrize(
    ("unit", "other"),
    [("bf16_booth", "bf16_booth_rtz"), ("ax_fpm", "fp32_array_ama5_t4_xc"), ("ax_fpm", "fp32_array_ama5_t4_rne")],
)
def test_another_rounding_or_carry_rule(unit, other):
    assert special_cases(catalog[unit], SECONDS, another(catalog[unit], other)) is None
    assert finite_product(catalog[unit], SECONDS, another(catalog[unit], other))


def test_operands_swapped():
    faulty = changed(AX_FPM, ".a(a),\n    .b(b)", ".a(b),\n    .b(a)")
    assert finite_product(AX_FPM, SECONDS, faulty)


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("ready_s3 ? p : out_p", "p", {"hold", "queue"}),
        ("ready_s3 ? valid_s2 : out_valid", "valid_s2", {"hold", "queue"}),
        ("ready_s2 ? valid_s1 : valid_s2", "valid_s1", {"queue"}),
        ("ready_s2 ? valid_s1 : valid_s2", "valid_s1 | valid_s2", {"queue", "latency"}),
        ("in_ready ? terms : terms_s1", "terms", {"queue"}),
        ("rst ? 1'h0 : _21_", "_21_", {"reset"}),
        ("assign in_ready = ready_s2 | _00_", "assign in_ready = (ready_s2 | _00_) & in_valid", {"ready"}),
        ("assign in_ready = ready_s2 | _00_", "assign in_ready = _00_", {"ready"}),
    ],
)
def test_a_broken_stream(old, new, broken):
    found = stream_rules(BOOTH, 3, SECONDS, changed(BOOTH, old, new, "_s3"))
    assert set(found) == set(STREAM_RULES)
    assert broken <= {rule for rule, counterexample in found.items() if counterexample is not None}


@pytest.mark.verify_all
def test_the_loop_over_all_pairs(tmp_path):
    row = all_pairs(BOOTH, tmp_path, range(0x3F80, 0x4000), another(BOOTH, "bf16_booth_rtz"))
    assert row.outcome.startswith("refuted: a=0x3f81 b=")
