"""Dot products: the order of the additions, the accumulator, shapes."""

import numpy as np
import pytest
from oracles import assert_same_bits, integer_product, multiply_ama5

from axmac.model.golden import matmul, multiply
from axmac.model.spec import Mac, catalog


def test_exact_unit_accumulates_like_a_float32_loop():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 5, 37)).astype(np.float32), rng.normal(size=(37, 4)).astype(np.float32)
    acc = np.zeros((2, 5, 4), np.float32)
    for k in range(37):
        acc = acc + a[..., k, None] * b[k]
    assert_same_bits(matmul("fp32_ieee", a.view(np.uint32), b.view(np.uint32)), acc.view(np.uint32))


def test_ax_fpm_accumulates_scalar_products_in_order():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(3, 21)).astype(np.float32), rng.normal(size=(21, 2)).astype(np.float32)
    expected = np.zeros((3, 2), np.float32)
    for m in range(3):
        for n in range(2):
            acc = np.float32(0)
            for k in range(21):
                bits = multiply_ama5(int(a[m, k].view(np.uint32)), int(b[k, n].view(np.uint32)), 4)
                acc = acc + np.uint32(bits).view(np.float32)
            expected[m, n] = acc
    got = matmul(Mac(catalog["ax_fpm"]), a.view(np.uint32), b.view(np.uint32))
    assert_same_bits(got, expected.view(np.uint32))


def test_narrow_products_are_widened():
    a = np.array([[0x3F80, 0x4000]], np.uint16)
    b = np.array([[0x3F80], [0x3F80]], np.uint16)
    products = multiply("bf16_array_ama5_t4", a[0], b[:, 0]).astype(np.uint32) << 16
    total = products.view(np.float32).sum(dtype=np.float32)
    assert matmul("bf16_array_ama5_t4", a, b)[0, 0] == total.view(np.uint32)


def test_empty_products_are_plus_zero():
    assert_same_bits(matmul("ax_fpm", np.zeros((2, 0), np.uint32), np.zeros((0, 3), np.uint32)), np.zeros(6, np.uint32))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([[1, 2]], np.zeros((2, 3), np.uint32), "a must be uint32 bit patterns of fp32, not list"),
        (np.zeros((1, 2), np.uint32), [[1], [2]], "b must be uint32 bit patterns of fp32, not list"),
        (np.zeros((2, 0)), np.zeros((0, 3), np.uint32), "a must be uint32 bit patterns of fp32, not float64"),
        (np.zeros((2, 0), np.uint32), np.zeros((0, 3), np.uint16), "b must be uint32 bit patterns of fp32, not uint16"),
        (3, np.zeros((1, 1), np.uint32), "a must be uint32 bit patterns of fp32, not int"),
    ],
)
def test_operands_that_are_no_patterns_are_refused_whatever_their_size(a, b, words):
    with pytest.raises(TypeError, match=words):
        matmul("ax_fpm", a, b)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must be"):
        matmul("ax_fpm", np.zeros((2, 3), np.uint32), np.zeros((4, 2), np.uint32))


@pytest.mark.parametrize("unit", ["u8_drum_k4", "s8_scaletrim_h4_m8", "s16_exact"])
def test_integers_are_summed_exactly_modulo_2_to_the_32(unit):
    """Of 16 bits the sums leave int32 many times; Python's integers do not."""
    width = catalog[unit].format.width
    rng = np.random.default_rng(3)
    a, b = (rng.integers(0, 1 << width, shape).astype(f"uint{width}") for shape in ((3, 50), (50, 2)))
    expected = np.zeros((3, 2), object)
    for m, k, n in np.ndindex(3, 50, 2):
        bits = integer_product(unit, int(a[m, k]), int(b[k, n]))
        signed = unit.startswith("s") and bits >> (2 * width - 1)
        expected[m, n] += bits - (1 << 2 * width) if signed else bits
    assert_same_bits(matmul(unit, a, b), (expected % (1 << 32)).astype(np.uint32))
    assert_same_bits(matmul(Mac(catalog[unit]), a, b), matmul(unit, a, b))


@pytest.mark.parametrize("unit", ["s8_exact", "u8_exact", "s16_exact", "u16_exact"])
def test_dot_products_of_exact_units_are_those_of_python(unit):
    """Python's own ``*``, ``+`` and two's complement; 16 bits and the ends of the formats make int32 wrap."""
    signed, width = unit.startswith("s"), catalog[unit].format.width
    ends = (
        [-(2 ** (width - 1)), 1 - 2 ** (width - 1), -1, 0, 1, 2 ** (width - 1) - 1] if signed else [0, 1, 2**width - 1]
    )
    rng = np.random.default_rng(5)
    a, b = (rng.choice(ends, shape).tolist() for shape in ((6, 40), (40, 5)))
    patterns = (np.array(x).astype(f"int{width}" if signed else f"uint{width}").view(f"uint{width}") for x in (a, b))
    found, wraps = matmul(Mac(catalog[unit], "int32"), *patterns), 0
    for m, n in np.ndindex(6, 5):
        exact = sum(x * row[n] for x, row in zip(a[m], b, strict=True))
        wraps += not -(2**31) <= exact < 2**31
        assert int(found[m, n]).to_bytes(4, "little") == (exact % 2**32).to_bytes(4, "little")
    assert found.size == 30
    assert (wraps > 5) == (width == 16)
