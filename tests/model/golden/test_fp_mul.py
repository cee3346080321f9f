"""Products of patterns: published values, the table of special cases, numpy's own arithmetic, fractions."""

import numpy as np
import pytest
from oracles import assert_same_bits, class_pairs, multiply_ama5

from axmac.model.golden import multiply, trace
from axmac.model.spec import AMA5, BFLOAT16, FLOAT32, ArraySig, FpMul

AX_FPM = FpMul(FLOAT32, ArraySig(AMA5, 4))


def f32(*values):
    return np.array(values, np.float32).view(np.uint32)


def random_patterns(count, seed, dtype=np.uint32):
    rng = np.random.default_rng(seed)
    return (rng.integers(0, np.iinfo(dtype).max, count, dtype=dtype, endpoint=True) for _ in range(2))


def test_published_example():
    assert multiply("ax_fpm", f32(0.856), f32(0.471))[0] == 0x3EDA273C
    assert float(multiply("ax_fpm", f32(0.471), f32(0.856)).view(np.float32)[0]) == pytest.approx(
        0.493587702512741, abs=1e-15
    )
    assert multiply("ax_fpm", f32(1.0), f32(1.0))[0] == f32(2.0)[0]


SPECIAL = {
    "NaN operand": [(0x7FC00001, 0x3F800000, 0x7FC00000), (0x3F800000, 0xFF800001, 0x7FC00000)],
    "inf x 0": [(0x7F800000, 0x80000000, 0x7FC00000), (0x00000000, 0xFF800000, 0x7FC00000)],
    "inf x subnormal is NaN": [(0x7F800000, 0x00000001, 0x7FC00000), (0x807FFFFF, 0x7F800000, 0x7FC00000)],
    "inf x non-zero": [(0x7F800000, 0xBF800000, 0xFF800000), (0xFF800000, 0xFF800000, 0x7F800000)],
    "zero operand": [(0x80000000, 0x3F800000, 0x80000000), (0xBF800000, 0x80000000, 0x00000000)],
    "subnormal operand": [(0x007FFFFF, 0x7F7FFFFF, 0x00000000), (0x3F800000, 0x80000001, 0x80000000)],
    "overflow": [(0x7F7FFFFF, 0x7F7FFFFF, 0x7F800000), (0x7F7FFFFF, 0xC0000000, 0xFF800000)],
    "underflow": [(0x00800000, 0x00800000, 0x00000000), (0x80800000, 0x3E000000, 0x80000000)],
}


@pytest.mark.parametrize("case", SPECIAL)
def test_table_of_special_cases(case):
    for a, b, expected in SPECIAL[case]:
        got = multiply(AX_FPM, np.array([a], np.uint32), np.array([b], np.uint32))[0]
        assert got == expected, f"{a:#x} x {b:#x} = {got:#x}"


@pytest.mark.parametrize("tile", [1, 3, 4, 24])
@pytest.mark.parametrize("extra_carry", ["lost", "counted"])
def test_float32_equals_the_definition_in_scalars(tile, extra_carry):
    spec = FpMul(FLOAT32, ArraySig(AMA5, tile), extra_carry=extra_carry)
    a, b = (np.concatenate(pair) for pair in zip(class_pairs("fp32"), random_patterns(4000, tile), strict=True))
    expected = [
        multiply_ama5(int(x), int(y), tile, counted=extra_carry == "counted") for x, y in zip(a, b, strict=True)
    ]
    assert a.size == 34**2 + 4000
    assert_same_bits(multiply(spec, a, b), np.array(expected, np.uint32))


@pytest.mark.parametrize("tile", [1, 2, 4, 8])
def test_bfloat16_equals_the_definition_in_scalars(tile):
    spec = FpMul(BFLOAT16, ArraySig(AMA5, tile))
    random = random_patterns(4000, tile, np.uint16)
    a, b = (np.concatenate(pair) for pair in zip(class_pairs("bf16"), random, strict=True))
    expected = [multiply_ama5(int(x), int(y), tile, sig_width=8) for x, y in zip(a, b, strict=True)]
    assert_same_bits(multiply(spec, a, b), np.array(expected, np.uint16))


@pytest.mark.parametrize("counted", [False, True])
def test_range_is_judged_on_the_final_exponent(counted):
    """Significands whose product carries into bit 48 at the two ends of the exponent range."""
    spec = FpMul(FLOAT32, ArraySig(AMA5, 4), extra_carry="counted" if counted else "lost")
    steps = np.arange(-3, 4)
    low = np.uint32(0x00FFFFFF) + np.uint32(1 << 23) * (steps + 3).astype(np.uint32)
    high = np.uint32(0x7F7FFFFF) - np.uint32(1 << 23) * (steps + 3).astype(np.uint32)
    partner_low, partner_high = np.uint32(0x3F7FFFFF), np.uint32(0x40FFFFFF)
    for operands, partner in ((low, partner_low), (high, partner_high)):
        expected = [multiply_ama5(int(x), int(partner), 4, counted=counted) for x in operands]
        assert_same_bits(
            multiply(spec, operands, np.broadcast_to(partner, operands.shape)), np.array(expected, np.uint32)
        )


def numpy_product(a, b):
    with np.errstate(all="ignore"):
        return (a.view(np.float32) * b.view(np.float32)).view(np.uint32)


def test_exact_float32_is_numpys_multiplication_ten_million_times():
    compared = 0
    for seed in range(10):
        a, b = random_patterns(1_000_000, seed)
        assert_same_bits(multiply("fp32_ieee", a, b), numpy_product(a, b), any_nan=True)
        compared += a.size
    assert compared == 10_000_000


@pytest.mark.parametrize("unit", ["fp32_ieee", "fp32_ieee_booth"])
def test_exact_float32_near_subnormal_results_and_on_class_pairs(unit):
    rng = np.random.default_rng(3)
    near_subnormal = (
        rng.integers(0, 1 << 25, 1_000_000, dtype=np.uint32),
        rng.integers(0x3E000000, 0x40000000, 1_000_000, dtype=np.uint32),
    )
    compared = 0
    for a, b in (near_subnormal, class_pairs("fp32")):
        assert_same_bits(multiply(unit, a, b), numpy_product(a, b), any_nan=True)
        compared += a.size
    assert compared == 1_000_000 + 34**2


def rounded_once(a, b):
    """bfloat16 products: exact in float64, rounded to 8 significant bits, range judged on the rounded value."""
    with np.errstate(invalid="ignore"):
        wide = [(x.astype(np.uint32) << 16).view(np.float32).astype(np.float64) for x in (a, b)]
    flushed = [np.where(np.abs(x) < 2.0**-126, np.copysign(0.0, x), x) for x in wide]
    with np.errstate(all="ignore"):
        mantissa, exponent = np.frexp(flushed[0] * flushed[1])
        value = np.ldexp(np.rint(mantissa * 256), exponent - 8)
        value = np.where(np.abs(value) < 2.0**-126, np.copysign(0.0, value), value)
        return (value.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def test_exact_bfloat16_is_the_float64_product_rounded_once():
    compared = 0
    for seed in range(10):
        a, b = random_patterns(1_000_000, seed, np.uint16)
        assert_same_bits(multiply("bf16_booth", a, b), rounded_once(a, b), any_nan=True)
        compared += a.size
    assert compared == 10_000_000
    a, b = class_pairs("bf16")
    assert_same_bits(multiply("bf16_booth", a, b), rounded_once(a, b), any_nan=True)


def test_all_bfloat16_significand_pairs():
    fractions = np.arange(128, dtype=np.uint16)
    a, b = (x.reshape(-1) for x in np.meshgrid(0x3F80 | fractions, 0x4000 | fractions, indexing="ij"))
    signs = np.array([0, 0x8000], np.uint16)
    a, b = (x.reshape(-1) for x in np.broadcast_arrays(a[:, None, None] | signs[:, None], b[:, None, None] | signs))
    assert a.size == 65_536
    assert_same_bits(multiply("bf16_booth", a, b), rounded_once(a, b))
    assert_same_bits(
        multiply("bf16_booth_to_fp32", a, b),
        numpy_product(a.astype(np.uint32) << 16, b.astype(np.uint32) << 16),
    )


def test_flushing_exact_float32_is_numpys_multiplication_without_subnormals():
    a, b = random_patterns(200_000, 9)
    with np.errstate(all="ignore"):
        product = a.view(np.float32) * b.view(np.float32)
        safe = (np.abs(product) > np.float32(2.0**-125)) & (np.abs(product) < np.float32(2.0**127))
    normal = safe & ((a >> 23 & 0xFF) > 0) & ((b >> 23 & 0xFF) > 0)
    assert normal.sum() > 50_000
    assert_same_bits(multiply("fp32_plain", a[normal], b[normal]), product[normal].view(np.uint32))


def test_bfloat16_product_in_float32_is_exact():
    a, b = random_patterns(200_000, 4, np.uint16)
    with np.errstate(all="ignore"):
        wide = [(x.astype(np.uint32) << 16).view(np.float32) for x in (a, b)]
        product = wide[0] * wide[1]
    normal = (np.abs(product) >= np.float32(2.0**-126)) & np.isfinite(product)
    normal &= ((a >> 7 & 0xFF) > 0) & ((b >> 7 & 0xFF) > 0)
    assert normal.sum() > 100_000
    assert_same_bits(multiply("bf16_booth_to_fp32", a[normal], b[normal]), product[normal].view(np.uint32))


def test_rounding_and_truncation_differ_by_one_unit_in_the_last_place():
    a, b = random_patterns(100_000, 6)
    a, b = a & 0x3FFFFFFF | 0x20000000, b & 0x3FFFFFFF | 0x20000000
    difference = multiply("fp32_plain", a, b).astype(np.int64) - multiply("fp32_plain_rtz", a, b)
    assert set(np.unique(difference)) == {0, 1}


def test_shapes_broadcast_and_may_be_empty():
    a, b = random_patterns(12, 8)
    grid = multiply(AX_FPM, a[:, None], b[None, :])
    assert grid.shape == (12, 12)
    assert_same_bits(grid[3], multiply(AX_FPM, np.full(12, a[3]), b))
    assert multiply(AX_FPM, a[:0], b[:0]).shape == (0,)
    assert multiply(AX_FPM, a.reshape(3, 4)[:, ::2], b.reshape(3, 4)[:, ::2]).shape == (3, 2)


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.uint16])
def test_another_dtype_is_refused(dtype):
    with pytest.raises(TypeError, match="a must be uint32 bit patterns of fp32"):
        multiply(AX_FPM, np.zeros(3, dtype), np.zeros(3, np.uint32))


def test_trace_tells_every_stage():
    stages = trace("ax_fpm", f32(0.856), f32(0.471))
    assert int(stages.tile_sums[0, 0, 0]) == 0x09
    shifts = 4 * (np.arange(6)[:, None] + np.arange(6)[None, :])
    total = sum(
        int(s) << int(n) for s, n in zip(stages.tile_sums[:, :, 0].reshape(-1), shifts.reshape(-1), strict=True)
    )
    assert total == int(stages.product[0]) == 0xDA273C418179
    assert len(stages.pp()) == 24
    text = stages.describe()
    for part in ("a=0x3f5b22d1", "sig=0xdb22d1", "0xda273c418179", "hidden_bit=47", "result         0x3eda273c"):
        assert part in text
    assert "result" in trace("fp32_ieee", f32(0.856), f32(0.471)).describe()
