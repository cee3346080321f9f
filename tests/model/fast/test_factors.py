"""Tables as few terms: found for units whose products have them, and compared at every pair."""

import numpy as np
import pytest
from oracles import closed_form, integer_product

from axmac.model.fast.factors import factored
from axmac.model.fast.tables import integer_table
from axmac.model.spec import as_spec, catalog

PRIME = (1 << 31) - 1
TERMS = {"u8_exact": 1, "s8_exact": 1, "u8_drum_k4": 1, "s8_drum_k3": 1, "s8_drum_k6": 1, "u8_trunc_k4": 5}


def signed(pattern, width):
    return pattern - (1 << width) if pattern >> (width - 1) else pattern


def assert_sum_is(factors, table):
    """At every pair, in Python's own integers."""
    compared = 0
    x, w = ([list(map(int, row)) for row in part] for part in factors)
    for b, row in enumerate(table):
        for a, product in enumerate(row):
            assert sum(f[a] * g[b] for f, g in zip(x, w, strict=True)) == product, (a, b)
            compared += 1
    assert compared == 65_536


@pytest.mark.parametrize("unit", TERMS)
def test_terms_of_integer_units(unit):
    patterns = range(256)
    product = (lambda p: signed(p, 16)) if unit[0] == "s" else int
    wanted = [[product(integer_product(unit, a, b)) for a in patterns] for b in patterns]
    factors = factored(integer_table(as_spec(unit)), 8)
    assert len(factors.x) == len(factors.w) == TERMS[unit]
    assert_sum_is(factors, wanted)


def test_terms_of_a_bilinear_array():
    a = np.arange(256, dtype=np.uint64)
    factors = factored(integer_table(catalog["bf16_array_ama5_t4"].significand), 8)
    assert len(factors.x) == 2
    assert_sum_is(factors, closed_form(a, a[:, None], 4, 8).tolist())


@pytest.mark.parametrize("terms", [1, 2, 3, 7])
def test_hidden_terms_are_found(terms):
    rng = np.random.default_rng(terms)
    table = rng.integers(-90, 90, (256, terms)) @ rng.integers(-90, 90, (terms, 256))
    assert factored(table, terms - 1) is None
    factors = factored(table, 8)
    assert len(factors.x) == terms
    assert_sum_is(factors, table.tolist())


def test_tables_without_few_terms():
    assert factored(integer_table(as_spec("s8_scaletrim_h4_m8")), 8) is None
    assert factored(np.random.default_rng(0).integers(0, 1 << 16, (256, 256)), 8) is None
    assert factored(np.zeros((256, 256), np.int32), 8) is None


def test_terms_that_hold_only_modulo_the_prime_are_refused():
    rows = np.arange(256)
    table = np.outer(rows, rows)
    assert factored(table, 8) is not None
    table[200, 100] += PRIME
    assert factored(table, 8) is None


def test_factors_that_float32_does_not_hold_are_refused():
    ones = np.ones(256, np.int64)
    large = np.where(np.arange(256) == 7, (1 << 24) + 1, 1)
    assert factored(np.outer(large, ones), 8) is None
    assert factored(np.outer(ones, large), 8) is None
    assert factored(np.outer(ones, np.minimum(large, 1 << 24)), 8) is not None
