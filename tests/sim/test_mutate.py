"""Planted faults: on small units here, on the whole catalog by ``axmac mutate --all``, which `make verify-all` runs."""

from dataclasses import replace

import numpy as np
import pytest

from axmac.gen import generate
from axmac.model.golden.significand import significand_product, tile_products
from axmac.model.spec import AMA2, AMA3, AMA5, BFLOAT16, EXACT, ArraySig, FpMul, InputError, catalog
from axmac.sim.cones import unobservable
from axmac.sim.equivalence import kept_bits, lowest_tile_commutes, same_products
from axmac.sim.mutants import mutant_component
from axmac.sim.mutate import MutantResult, MutationReport, mutate

KINDS = {"truth-table bit", "swap", "partial product dropped", "operand order", "exponent off by one", "normalisation"}
KINDS |= {"rounding", "special case removed", "DAZ removed", "pipeline"}


@pytest.mark.parametrize("unit", [pytest.param("bf16_booth", marks=pytest.mark.verify_all), "bf16_array_ama5_t4"])
def test_no_fault_survives(unit):
    report = mutate(unit, n=2000)
    print(f"{report.spec}: {report.count('killed')} killed, {report.count('equivalent')} equivalent")
    assert [mutant.what for mutant in report.mutants if mutant.outcome == "survived"] == []
    assert report.passed
    assert report.count("killed") > 75
    assert all(mutant.evidence for mutant in report.mutants)
    if unit.endswith("ama5_t4"):
        assert {mutant.kind for mutant in report.mutants} == KINDS


def test_mutants_are_named_once_and_stay_out_of_the_product():
    component, mutants = mutant_component(catalog["ax_fpm"], 3)
    assert [mutant.number for mutant in mutants] == list(range(1, len(mutants) + 1))
    assert len({mutant.what for mutant in mutants}) == len(mutants) > 300
    assert "axmac_mutant" in component.text
    assert "mutant" not in generate("ax_fpm")


def test_a_survivor_fails():
    def report(*outcomes):
        mutants = [MutantResult(str(k), "kind", outcome, "") for k, outcome in enumerate(outcomes)]
        return MutationReport("unit", "verilator", 1, 3, 1, 0.0, mutants)

    assert report("killed", "equivalent").passed
    assert not report("killed", "survived").passed
    assert not report().passed
    figures = report("killed", "survived", "killed").as_dict()
    assert (figures["killed"], figures["equivalent"], figures["survived"]) == (2, 0, 1)
    assert figures["kinds"] == {"kind": {"killed": 2, "equivalent": 0, "survived": 1}}


def with_cell(sig, j, i, cell):
    cells = [[sig.cell_at(row, column) for column in range(sig.tile)] for row in range(1, sig.tile)]
    cells[j - 1][i] = cell
    return replace(sig, cell_map=tuple(map(tuple, cells)))


def flipped(cell, row, column):
    bits = getattr(cell, column)
    return replace(cell, **{column: bits[:row] + "10"[int(bits[row])] + bits[row + 1 :]})


@pytest.mark.parametrize("topology", ["array", "csa"])
@pytest.mark.parametrize("tile", [4, 8])
@pytest.mark.parametrize("cell", [EXACT, AMA2, AMA3, AMA5], ids=lambda cell: cell.name)
def test_proofs_by_cones_hold_for_all_pairs(cell, tile, topology):
    """Cones prove nothing that all pairs refute; what they do prove are many of the equivalent ones."""
    sig = ArraySig(cell, tile, topology=topology)
    spec = FpMul(BFLOAT16, sig)
    half = np.arange(128, 256, dtype=np.uint64)
    a, b = (operand.ravel() for operand in np.meshgrid(half, half))
    right = kept_bits(spec, significand_product(sig, 8, a, b))
    rng = np.random.default_rng(1)
    proven = 0
    for _ in range(60):
        j, i, row = int(rng.integers(1, tile)), int(rng.integers(tile)), int(rng.integers(8))
        column = ("sum", "cout")[rng.integers(2)]
        wrong = with_cell(sig, j, i, flipped(sig.cell_at(j, i), row, column))
        if unobservable(spec, wrong):
            proven += 1
            np.testing.assert_array_equal(kept_bits(spec, significand_product(wrong, 8, a, b)), right)
    assert proven > 0


def test_proof_by_all_pairs():
    spec = catalog["bf16_array_ama5_t4"]
    unused = with_cell(spec.significand, 1, 0, flipped(AMA5, 0, "cout"))  # a carry that AMA5 cells do not read
    used = with_cell(spec.significand, 1, 0, flipped(AMA5, 0, "sum"))
    assert "16,384 pairs" in same_products(spec, unused)
    assert same_products(spec, used) == ""
    assert "256 pairs" in same_products(catalog["ax_fpm"], unused)
    assert same_products(catalog["ax_fpm"], used) == ""
    assert same_products(spec, None) == ""


def test_lowest_tile_of_width_2_commutes_under_truncation():
    """The same for 8-bit significands, where all pairs can be tried."""
    assert "low 2 bits" in lowest_tile_commutes(catalog["fp32_array_ama5_t2"])
    assert lowest_tile_commutes(catalog["ax_fpm"]) == ""
    spec = FpMul(BFLOAT16, ArraySig(AMA5, 2))
    assert lowest_tile_commutes(spec)
    half = np.arange(128, 256, dtype=np.uint64)
    a, b = (operand.ravel() for operand in np.meshgrid(half, half))
    three = np.uint64(3)
    tile = tile_products(spec.significand, 2, a & three, b & three).ravel()
    swapped = tile_products(spec.significand, 2, b & three, a & three).ravel()
    product = significand_product(spec.significand, 8, a, b)
    assert np.any(tile != swapped)
    np.testing.assert_array_equal(kept_bits(spec, product - tile + swapped), kept_bits(spec, product))


def test_a_hidden_bit_that_is_lost_changes_no_result():
    """Results of 1.0 x 1.0 with the only product bit set and cleared."""
    spec = catalog["bf16_array_exact_t8"]
    products = np.array([1 << 14, 0, 1 << 15], np.uint64)
    kept = kept_bits(spec, products)
    assert kept[0] == kept[1] != kept[2]


@pytest.mark.parametrize(
    ("arguments", "error"), [({"n": 0}, InputError), ({"seed": -1}, InputError), ({"n": "1"}, TypeError)]
)
def test_bad_arguments(arguments, error):
    with pytest.raises(error):
        mutate("bf16_booth", **arguments)
