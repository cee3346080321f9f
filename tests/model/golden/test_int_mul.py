"""Integer products: published vectors and figures, and all pairs against a scalar reading of the definitions."""

import numpy as np
import pytest
from oracles import magnitude_product

from axmac.model.golden import measure, multiply, trace
from axmac.model.spec import InputError, IntFormat, IntMul, ScaleTrim, catalog

BYTES = np.arange(256, dtype=np.uint8)
FAMILIES = ("exact", "trunc_k4", "trunc_k9", "drum_k3", "drum_k4", "drum_k6", "scaletrim_h3_m0", "scaletrim_h3_m4")
FAMILIES += ("scaletrim_h4_m0", "scaletrim_h4_m4", "scaletrim_h4_m8")

DRUM_PAIRS = [(0, 255), (1, 1), (7, 7), (8, 8), (15, 15), (16, 16), (17, 3), (100, 200), (127, 129), (170, 85)]
DRUM_PAIRS += [(255, 1), (255, 255)]
DRUM = {
    3: (0, 1, 49, 100, 196, 400, 60, 25088, 17920, 12800, 224, 50176),
    4: (0, 1, 49, 64, 225, 324, 54, 21632, 17280, 15488, 240, 57600),
}
SCALETRIM_PAIRS = [(0, 200), (1, 1), (1, 255), (3, 5), (48, 81), (100, 200), (127, 127), (128, 128), (170, 85)]
SCALETRIM_PAIRS += [(255, 255)]
SCALETRIM = {
    (3, 0): (0, 1, 268, 15, 3968, 18432, 13056, 16384, 13312, 52224),
    (4, 0): (0, 1, 278, 15, 3968, 19712, 13696, 16384, 14592, 54784),
    (4, 4): (0, 0, 272, 15, 3880, 20416, 15040, 16192, 14240, 60160),
    (4, 8): (0, 1, 273, 15, 3888, 20000, 15488, 16640, 14240, 61952),
    (3, 4): (0, 1, 272, 15, 4040, 19840, 14752, 17408, 13600, 59008),
}
VECTORS = [(f"drum_k{k}", DRUM_PAIRS, products) for k, products in DRUM.items()]
VECTORS += [(f"scaletrim_h{h}_m{m}", SCALETRIM_PAIRS, products) for (h, m), products in SCALETRIM.items()]


@pytest.mark.parametrize(
    ("family", "pairs", "products"), VECTORS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_vectors(family, pairs, products):
    a, b = np.array(pairs, np.uint8).T
    assert multiply(f"u8_{family}", a, b).tolist() == list(products)
    assert len(products) == len(pairs) >= 10


@pytest.mark.parametrize("family", FAMILIES)
def test_all_unsigned_pairs(family):
    actual = multiply(f"u8_{family}", BYTES[:, None], BYTES)
    expected = [[magnitude_product(family, a, b) for b in range(256)] for a in range(256)]
    assert actual.dtype == np.uint16
    assert actual.size == 65_536
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_signed_pairs_are_sign_and_magnitude(family):
    """From the unsigned products of the magnitudes, which the test above fixes; -128 x -128 is the only 128 x 128."""
    unsigned = multiply(f"u8_{family}", BYTES[:, None], BYTES).astype(int)
    actual = multiply(f"s8_{family}", BYTES[:, None], BYTES).view(np.int16)
    value = np.arange(256)
    value = np.where(value < 128, value, value - 256)
    expected = unsigned[abs(value)[:, None], abs(value)] * np.sign(value)[:, None] * np.sign(value)
    assert expected.min() >= -(1 << 15)
    assert expected.max() < 1 << 15
    np.testing.assert_array_equal(actual, expected)
    assert actual.size == 65_536


def relative(unit):
    """Mean of ED/e in magnitude, over all pairs whose exact product is not 0."""
    product = multiply(unit, BYTES[:, None], BYTES)
    value = np.arange(256)
    if unit.startswith("s"):
        value, product = np.where(value < 128, value, value - 256), product.view(np.int16)
    exact = np.abs(np.outer(value, value))
    counts = exact > 0
    return ((np.abs(product.astype(int)) - exact)[counts] / exact[counts]).mean()


@pytest.mark.parametrize(
    ("family", "unsigned", "signed"),
    [
        ("drum_k3", 12.095, 12.287),
        ("drum_k4", 5.887, 5.860),
        ("drum_k6", 1.301, 0.995),
        ("scaletrim_h3_m0", 5.899, 5.392),
        ("scaletrim_h4_m0", 4.029, 4.071),
        ("scaletrim_h4_m4", 2.696, 2.764),
        ("scaletrim_h4_m8", 2.351, 2.412),
        ("scaletrim_h3_m4", 3.742, None),
    ],
)
def test_mred(family, unsigned, signed):
    figures = measure(f"u8_{family}")
    assert (figures.pairs, figures.zero) == (255 * 255, 511)
    assert 100 * figures.mred == pytest.approx(unsigned, abs=0.0006)
    if signed is not None:
        assert 100 * measure(f"s8_{family}").mred == pytest.approx(signed, abs=0.0006)


@pytest.mark.parametrize(("k", "bias"), [(3, 3.433), (4, 1.596), (6, 0.571)])
def test_bias_of_drum(k, bias):
    assert 100 * relative(f"u8_drum_k{k}") == pytest.approx(bias, abs=0.0006)


@pytest.mark.parametrize(("k", "bias"), [(3, 2.08), (4, 0.53), (6, 0.043)])
def test_drum_is_not_unbiased_at_16_bits(k, bias):
    """DRUM is separable, so that the mean of v/e is the square of that of one operand: all 65,535 operands, times 1."""
    x = np.arange(1, 1 << 16).astype(np.uint16)
    one = multiply(f"u16_drum_k{k}", x, np.ones_like(x))
    assert 100 * ((one / x).mean() ** 2 - 1) == pytest.approx(bias, abs=0.006 if k < 6 else 0.0006)


def test_exact_errors_are_none():
    figures = measure("s8_exact")
    assert (figures.ep, figures.wce, figures.larger, figures.largest) == (0, 0, 0, 16384)


def test_a_wider_unit_is_measured_on_drawn_pairs():
    figures = measure("s16_exact", 5000, seed=3)
    assert figures.pairs + figures.zero == 5000
    assert figures.ep == 0


def test_a_range_of_integers():
    assert measure("u8_exact", low=1, high=3).pairs == 9
    for low, high in ((-1, 3), (0, 256), (0.5, 3)):
        with pytest.raises(InputError, match="range must be integers of u8, 0 to 255"):
            measure("u8_exact", low=low, high=high)


@pytest.mark.parametrize("width", [5, 12])
def test_other_widths(width):
    """Random pairs of unsigned scaleTRIM(4, 0) and DRUM(3), and the ends."""
    rng = np.random.default_rng(width)
    a, b = rng.integers(0, 1 << width, (2, 3000)).astype(np.uint16 if width > 8 else np.uint8)
    for family in ("drum_k3", "scaletrim_h4_m0", "trunc_k3"):
        expected = [magnitude_product(family, int(x), int(y), width) for x, y in zip(a, b, strict=True)]
        assert multiply(f"u{width}_{family}", a, b).tolist() == expected


def test_the_stages_are_shown():
    spec = IntMul(IntFormat(8, signed=True), ScaleTrim(4, 8))
    text = trace(spec, np.array([0x9C], np.uint8), np.array([100], np.uint8)).describe()
    for part in (
        "a=100 b=100 negative=1",
        "exp a          6",
        "frac a         9",
        "segment        4",
        "result         0x",
    ):
        assert part in text
    text = trace("u8_drum_k4", np.array([200], np.uint8), np.array([3], np.uint8)).describe()
    for part in ("lead a         7", "shift a        4", "kept a         13", "kept b         3", "product        624"):
        assert part in text


def test_other_dtypes_are_refused():
    with pytest.raises(TypeError, match="a must be uint8 bit patterns of u8, not int64"):
        multiply("u8_exact", np.arange(3), BYTES[:3])
    with pytest.raises(InputError, match="unknown unit"):
        multiply("u8_", BYTES, BYTES)
    assert catalog["u8_exact"].format.name == "u8"
