"""Precision-scalable MACs against Python's own integers: products, sums that just fit, the register, matrices."""

import random

import numpy as np
import pytest
from scalable_oracle import number, plain_products

from axmac.model.golden import scalable
from axmac.model.spec import SCALABLE_DESIGNS, InputError, ScalableMac

SMALL = [ScalableMac("dvafs", 8), ScalableMac("dg", 8), ScalableMac("standard", 8)]


@pytest.mark.parametrize("spec", SCALABLE_DESIGNS, ids=lambda spec: spec.id)
def test_lane_products(spec):
    rng, compared = np.random.default_rng(1), 0
    for k in spec.precisions:
        a, b = rng.integers(0, 1 << spec.width, (2, 400)).astype(np.uint16)
        for signed in (False, True):
            found = scalable.lane_products(spec, k, a, b, a_signed=signed)
            pairs = zip(a.tolist(), b.tolist(), strict=True)
            assert found.tolist() == [plain_products(spec, k, x, y, signed) for x, y in pairs]
            words = scalable.product_words(spec, k, a, b, a_signed=signed)
            width = 2 * spec.lane_width(k)
            lanes = [[word >> i * width & (1 << width) - 1 for i in range(spec.lanes(k))] for word in words.tolist()]
            assert lanes == [[product % (1 << width) for product in products] for products in found.tolist()]
            compared += found.size
    assert compared == 800 * sum(map(spec.lanes, spec.precisions))


@pytest.mark.parametrize("spec", SCALABLE_DESIGNS, ids=lambda spec: spec.id)
@pytest.mark.parametrize("signed", [False, True])
def test_packed_values_come_back(spec, signed):
    rng = np.random.default_rng(2)
    for k in spec.precisions:
        low, high = (-(1 << k - 1), 1 << k - 1) if signed else (0, 1 << k)
        values = rng.integers(low, high, (50, spec.lanes(k)))
        words = scalable.pack(spec, k, values)
        assert words.dtype == np.uint16
        np.testing.assert_array_equal(scalable.lane_values(spec, k, words, signed=signed), values)
        for wrong in (1 << k, -(1 << k - 1) - 1):
            with pytest.raises(InputError, match=f"does not fit {k} bits"):
                scalable.pack(spec, k, np.full((1, spec.lanes(k)), wrong))
    with pytest.raises(InputError, match="lanes"):
        scalable.pack(spec, spec.width, np.zeros((3, 2)))


@pytest.mark.parametrize("spec", SCALABLE_DESIGNS, ids=lambda spec: spec.id)
@pytest.mark.parametrize("signed", [False, True])
def test_so_many_extreme_products_fit_and_one_more_does_not(spec, signed):
    """``headroom`` is exact: of the pair of the largest product, or that of the lowest, whichever wraps first."""
    for k in spec.precisions:
        half, top = 1 << k - 1, (1 << k - 1) - 1 if signed else (1 << k) - 1
        pairs = [(a, b) for a in {top, -half if signed else 0} for b in (-half, half - 1)]
        fits = []
        for count in (spec.headroom(k, a_signed=signed), spec.headroom(k, a_signed=signed) + 1):
            right = True
            for pair in pairs:
                a, b = (scalable.pack(spec, k, np.full((count, spec.lanes(k)), value)) for value in pair)
                sums = scalable.dot_product(spec, k, a, b, a_signed=signed)
                right &= set(sums.tolist()) == {pair[0] * pair[1] * count << 2 * spec.shift(k)}
            fits.append(right)
        assert fits == [True, False], k


@pytest.mark.parametrize("design", SCALABLE_DESIGNS, ids=lambda spec: spec.id)
def test_the_register_keeps_what_a_mode_does_not_use(design):
    """Against a list of bits: sums are cut out, added to and put back; one guard bit, so that they wrap."""
    spec = ScalableMac(design.kind, design.width, 1)
    rng, register, bits, wraps = random.Random(3), scalable.SumRegister(spec), [0] * spec.word_width, 0
    for _ in range(600):
        k, signed, clear = rng.choice(spec.precisions), rng.random() < 0.5, rng.random() < 0.05
        a, b = (rng.choice([rng.getrandbits(spec.width), (1 << spec.width) - 1, 1 << spec.width - 1]) for _ in "ab")
        width = 2 * (k if spec.kind == "dvafs" else spec.width) + 1
        expected = []
        for lane, product in enumerate(plain_products(spec, k, a, b, signed)):
            places = range(lane * spec.word_width * k // spec.width, spec.word_width)[:width]
            before = 0 if clear else number(sum(bits[p] << i for i, p in enumerate(places)), width, signed=True)
            after = before + product
            wraps += not -(1 << width - 1) <= after < 1 << width - 1
            for i, p in enumerate(places):
                bits[p] = after >> i & 1
            expected.append(number(after % (1 << width), width, signed=True))
        word = register.add(k, a, b, a_signed=signed, clear=clear)
        assert word == sum(bit << i for i, bit in enumerate(bits))
        assert register.sums(k) == expected
    assert wraps > 5


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.id)
@pytest.mark.parametrize("signed", [False, True])
def test_matrices_of_any_shape(spec, signed):
    rng, compared = np.random.default_rng(4), 0
    for k in spec.precisions:
        for m, depth, n in ((1, 1, 1), (3, 7, 2), (2, 40, 5)):
            low, high = (-(1 << k - 1), 1 << k - 1) if signed else (0, 1 << k)
            a, b = rng.integers(low, high, (m, depth)), rng.integers(-(1 << k - 1), 1 << k - 1, (depth, n))
            found = scalable.matrix_product(spec, k, a, b, a_signed=signed)
            np.testing.assert_array_equal(found, a @ b)
            compared += found.size
    assert compared == 17 * len(spec.precisions)


def test_a_matrix_product_past_the_guard_bits_wraps_lane_by_lane():
    spec = ScalableMac("dvafs", 8, 1)
    a, b = np.full((1, 20), 15), np.full((20, 1), -8)
    lane = (10 * 15 * -8 + 256) % 512 - 256
    assert scalable.matrix_product(spec, 4, a, b, a_signed=False).tolist() == [[2 * lane]]
    assert 2 * lane != 20 * 15 * -8


def test_a_precision_of_another_unit_is_named():
    one = np.array([[1]])
    with pytest.raises(InputError, match="mac8_dvafs has no precision of 0 bits: use one of 8, 4, 2"):
        scalable.matrix_product(ScalableMac("dvafs", 8), 0, one, one, a_signed=False)


@pytest.mark.parametrize(
    ("a", "b", "signed", "message"),
    [
        (-1, 1, False, "activations of 8 bits must be 0 to 255, not -1"),
        (200, 1, True, "activations of 8 bits must be -128 to 127, not 200"),
        (1, 200, False, "weights of 8 bits must be -128 to 127, not 200"),
    ],
)
def test_operands_of_another_sign_are_refused(a, b, signed, message):
    with pytest.raises(InputError, match=message):
        scalable.matrix_product(ScalableMac("dvafs", 8), 8, np.array([[a]]), np.array([[b]]), a_signed=signed)
