import numpy as np
import pytest

from axmac.model.spec import BFLOAT16, FLOAT16, FLOAT32, FloatFormat, FpMul, PlainSig, catalog
from axmac.sim.stimulus import class_pairs, operand_classes, random_pairs, stimulus

FORMATS = [FLOAT32, BFLOAT16, FLOAT16, FloatFormat(4, 4)]


def classify(number_format, bits):
    exp, frac = bits >> number_format.frac_width & number_format.exp_special, bits & number_format.frac_mask
    if exp == number_format.exp_special:
        quiet = frac >> (number_format.frac_width - 1)
        return "inf" if frac == 0 else "quiet NaN" if quiet else "signalling NaN"
    if exp == 0:
        return "subnormal" if frac else "zero"
    return "normal"


@pytest.mark.parametrize("number_format", FORMATS, ids=lambda f: f.name)
def test_patterns_are_of_their_class(number_format):
    for name, patterns in operand_classes(number_format).items():
        for bits in patterns:
            found = classify(number_format, bits)
            assert found == (name if name in ("zero", "subnormal", "inf", "quiet NaN", "signalling NaN") else "normal")


def test_classes_of_float32():
    values = {
        name: np.array(patterns, np.uint32).view(np.float32) for name, patterns in operand_classes(FLOAT32).items()
    }
    assert values["one"].tolist() == [1.0]
    assert values["smallest normal"][0] == np.finfo(np.float32).tiny
    assert values["largest normal"].tolist() == [np.finfo(np.float32).max]
    assert all(np.frexp(value)[0] == 0.5 for value in values["powers of two"])
    assert len(values) == 10


def test_every_pair_of_patterns_and_signs_occurs_once():
    a, b = class_pairs(catalog["ax_fpm"])
    patterns = {bits for found in operand_classes(FLOAT32).values() for bits in found}
    signed = patterns | {bits | FLOAT32.sign_mask for bits in patterns}
    assert a.dtype == np.uint32
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == {(x, y) for x in signed for y in signed}
    assert len(a) == len(signed) ** 2


@pytest.mark.parametrize("n", [1, 7, 1000])
def test_seed_and_number_decide(n):
    spec = catalog["bf16_array_ama5_t4"]
    first, again, other = random_pairs(spec, n, 1), random_pairs(spec, n, 1), random_pairs(spec, n, 2)
    assert [len(first[0]), len(first[1])] == [n, n]
    np.testing.assert_array_equal(first, again)
    assert n == 1 or not np.array_equal(first, other)


def test_reals_lie_within_one():
    a, _ = random_pairs(catalog["ax_fpm"], 8000, 3)
    reals = a[4000:7000].view(np.float32)
    assert np.all(np.abs(reals) < 1)
    assert np.std(reals) == pytest.approx(1 / np.sqrt(3), rel=0.05)


@pytest.mark.parametrize("number_format", FORMATS, ids=lambda f: f.name)
def test_products_near_both_ends(number_format):
    spec = FpMul(number_format, PlainSig())
    a, b = (operand.astype(np.int64) for operand in random_pairs(spec, 8000, 5))
    exps = [operand[7000:] >> number_format.frac_width & number_format.exp_special for operand in (a, b)]
    exp = exps[0] + exps[1] - number_format.bias
    for end in (0, number_format.exp_special):
        for target in range(end - 2, end + 3):
            assert np.count_nonzero(exp == target) > 0


def test_stimulus_is_class_pairs_then_random_pairs():
    spec = catalog["ax_fpm"]
    a, b = stimulus(spec, 10, 1)
    np.testing.assert_array_equal((a[:-10], b[:-10]), class_pairs(spec))
    np.testing.assert_array_equal((a[-10:], b[-10:]), random_pairs(spec, 10, 1))
