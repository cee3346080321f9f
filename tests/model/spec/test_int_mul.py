"""Integer multipliers: ids are injective and read back, texts construct the spec again, wrong values get one line."""

import numpy as np
import pytest

import axmac.model.spec
from axmac.model.spec import (
    INT8,
    UINT8,
    Drum,
    ExactProduct,
    InputError,
    IntFormat,
    IntMul,
    ScaleTrim,
    TruncatedProduct,
    as_float_spec,
    catalog,
    parse_id,
)


def family():
    for width in range(4, 17):
        for signed in (False, True):
            operands = IntFormat(width, signed)
            yield IntMul(operands, ExactProduct())
            yield from (IntMul(operands, TruncatedProduct(columns)) for columns in range(1, 2 * width - 1))
            yield from (IntMul(operands, Drum(k)) for k in range(3, width))
            yield from (IntMul(operands, ScaleTrim(h, 0)) for h in range(2, width))
            if width > 4:
                yield from (IntMul(operands, ScaleTrim(h, m)) for h, m in ((3, 4), (4, 4), (4, 8)))


def test_ids_are_injective_and_read_back():
    specs = list(family())
    assert len(specs) > 900
    assert len({spec.id for spec in specs}) == len(set(specs)) == len(specs)
    assert all(parse_id(spec.id) == spec for spec in specs)
    assert {spec.id for spec in specs}.isdisjoint(catalog.floats)


def test_text_constructs_the_spec_again():
    names = vars(axmac.model.spec)
    specs = list(family())
    assert all(eval(repr(spec), names) == spec for spec in specs)
    assert len({spec.sha256 for spec in specs}) == len(specs)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (IntMul(UINT8, ExactProduct()), "u8_exact"),
        (IntMul(UINT8, TruncatedProduct(4)), "u8_trunc_k4"),
        (IntMul(UINT8, Drum(4)), "u8_drum_k4"),
        (IntMul(INT8, Drum(4)), "s8_drum_k4"),
        (IntMul(INT8, ScaleTrim(4, 8)), "s8_scaletrim_h4_m8"),
    ],
)
def test_ids_of_the_contract(spec, name):
    assert spec.id == name
    assert catalog[name] == spec
    assert spec.result_format == IntFormat(16, spec.format.signed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("u8_drum_k8", "k must be 3 to 7 for operands of 8 bits, not 8"),
        ("u8_drum_k2", "k must be at least 3"),
        ("u8_drum_k04", "unknown unit 'u8_drum_k04'"),
        ("u8_drum_k4 ", "unknown unit 'u8_drum_k4 '"),
        ("u8_trunc_k15", "k must be 1 to 14 for operands of 8 bits"),
        ("u8_trunc_k0", "use the exact product"),
        ("u8_scaletrim_h3_m8", "no constants for h3 m8: use m0 or one of h3 m4, h4 m4, h4 m8"),
        ("u8_scaletrim_h8_m0", "h must be 2 to 7 for operands of 8 bits"),
        ("u17_exact", "operands must have 4 to 16 bits, not 17"),
        ("s64_exact", "width must be 2 to 32, not 64"),
        ("u8_array_ama5_t4", "unknown unit"),
        ("u08_exact", "unknown unit"),
        ("u" + "9" * 5000 + "_exact", "unknown unit"),
    ],
    ids=lambda value: value[:24],
)
def test_a_text_that_names_nothing_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_id(text)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: IntMul("u8", ExactProduct()), "format must be an IntFormat"),
        (lambda: IntMul(UINT8, "exact"), "product must be"),
        (lambda: Drum("4"), "k must be an integer"),
        (lambda: TruncatedProduct(True), "columns must be an integer"),
        (lambda: ScaleTrim(4.0, 0), "h must be an integer"),
        (lambda: IntFormat(8, 1), "signed must be"),
        (lambda: IntFormat("8", False), "width must be an integer"),
    ],
)
def test_wrong_types_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_ends_of_the_formats():
    assert (UINT8.min, UINT8.max, UINT8.largest_magnitude) == (0, 255, 255)
    assert (INT8.min, INT8.max, INT8.largest_magnitude) == (-128, 127, 128)


def test_where_floats_are_needed_an_integer_unit_gets_one_line():
    with pytest.raises(InputError, match="u8_drum_k4 multiplies integers"):
        as_float_spec("u8_drum_k4")
    assert as_float_spec("ax_fpm") is catalog["ax_fpm"]


@pytest.mark.parametrize(("h", "segments"), [(3, 4), (4, 4), (4, 8)])
def test_constants_of_scaletrim_are_the_mean_error_of_the_line_in_each_segment(h, segments):
    """From the definition, over the pairs 1..255: floating point and no code of the project."""
    value = np.arange(1, 256)
    exponent = np.floor(np.log2(value))
    fraction = value / 2**exponent - 1
    cut = np.floor(fraction * 2**h) / 2**h
    total = cut[:, None] + cut[None]
    left = (1 + fraction[:, None]) * (1 + fraction[None]) - (1 + 1.25 * total)
    segment = np.floor(total * segments / 2).astype(int)
    means = [left[segment == k].mean() * 256 for k in range(segments)]
    assert tuple(round(float(mean)) for mean in means) == ScaleTrim(h, segments).constants


def line_of(h):
    """Operands 1..255 by the definition, in floating point: S of every pair and the exact product over 2^(nA + nB)."""
    value = np.arange(1, 256)
    fraction = value / 2 ** np.floor(np.log2(value)) - 1
    cut = np.floor(fraction * 2**h) / 2**h
    return cut[:, None] + cut[None], (1 + fraction[:, None]) * (1 + fraction[None])


@pytest.mark.parametrize(("h", "slope"), [(3, 1.4063), (4, 1.3306)])
def test_slope_of_scaletrim_by_least_squares(h, slope):
    """Published for the reconstruction; the unit takes 1 + 2^-2 in its place."""
    total, exact = line_of(h)
    assert (total * (exact - 1)).sum() / (total**2).sum() == pytest.approx(slope, abs=0.00006)


@pytest.mark.parametrize("h", [3, 4, 5, 6])
def test_a_quarter_is_the_power_of_two_with_the_least_error(h):
    total, exact = line_of(h)
    errors = {power: np.abs((1 + total * (1 + 2.0**-power)) / exact - 1).mean() for power in range(1, 7)}
    assert min(errors, key=errors.get) == 2
