"""Ids and texts: injective, and each constructs its spec again."""

import itertools

import pytest

import axmac.model.spec
from axmac.model.spec import (
    AMA1,
    AMA5,
    BFLOAT16,
    EXACT,
    FLOAT16,
    FLOAT32,
    ArraySig,
    BoothSig,
    FpMul,
    FullAdder,
    InputError,
    PlainSig,
    by_column,
    parse_id,
)

WIRINGS = ["".join(letters) for letters in itertools.permutations("psc")]


def family():
    for number_format, cell, tile, topology, rows, wiring in itertools.product(
        (FLOAT32, BFLOAT16, FLOAT16),
        (EXACT, AMA1, AMA5, FullAdder("11110000", "00001111")),
        (1, 2, 3, 4, 8, 24),
        ("array", "csa"),
        ("activation", "weight"),
        WIRINGS,
    ):
        if number_format.sig_width % tile == 0:
            sig = ArraySig(cell, tile, topology=topology, rows=rows, wiring=wiring)
            for extra_carry, rounding in itertools.product(("lost", "counted"), ("rtz", "rne")):
                for result in {number_format, FLOAT32}:
                    yield FpMul(number_format, sig, rounding, extra_carry, result)
    for number_format, sig in itertools.product((FLOAT32, BFLOAT16), (PlainSig(), BoothSig())):
        yield FpMul(number_format, sig, subnormals="ieee")
        for rounding in ("rtz", "rne"):
            for result in {number_format, FLOAT32}:
                yield FpMul(number_format, sig, rounding, result_format=result)


def test_ids_are_injective_and_read_back():
    specs = list(family())
    assert len(specs) > 3000
    assert len({spec.id for spec in specs}) == len(set(specs)) == len(specs)
    assert all(parse_id(spec.id) == spec for spec in specs)


def test_text_constructs_the_spec_again():
    names = vars(axmac.model.spec)
    specs = [*family(), FpMul(FLOAT32, ArraySig(AMA5, 4, cell_map=by_column(4, AMA5, {6: EXACT})))]
    assert all(eval(repr(spec), names) == spec for spec in specs)
    assert len({spec.sha256 for spec in specs}) == len(specs)


def test_ids_of_the_contract():
    assert FpMul(FLOAT32, ArraySig(AMA5, 4)).id == "fp32_array_ama5_t4"
    assert FpMul(FLOAT32, PlainSig(), subnormals="ieee").id == "fp32_ieee"
    assert FpMul(BFLOAT16, BoothSig()).id == "bf16_booth"
    sig = ArraySig(AMA1, 4, rows="weight", wiring="spc", cell_map=by_column(4, AMA1, {6: EXACT}))
    full = FpMul(BFLOAT16, sig, rounding="rne", extra_carry="counted", result_format=FLOAT32).id
    assert full.startswith("bf16_array_ama1_t4_xc_rne_to_fp32_wspc_rw_m")
    assert len(full.rpartition("_m")[2]) == 8


def test_maps_differ_in_their_ids():
    columns = range(1, 7)
    sigs = [
        ArraySig(AMA5, 4, cell_map=by_column(4, AMA5, dict.fromkeys(chosen, EXACT)))
        for size in range(1, 6)
        for chosen in itertools.combinations(columns, size)
    ]
    assert len({FpMul(FLOAT32, sig).id for sig in sigs}) == len(sigs) == 62


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "unknown unit 'nonsense'"),
        ("fp32_array_ama5_t5", "tile 5 does not divide the significand width 24 of fp32"),
        ("fp32_array_ama6_t4", "unknown cell 'ama6'"),
        ("fp64_array_ama5_t4", "unknown number format 'fp64'"),
        ("fp32_array_ama5_t4_rtz", "written in full it is 'fp32_array_ama5_t4'"),
        ("fp32_array_ama5_t4_wpsc", "written in full it is 'fp32_array_ama5_t4'"),
        ("fp32_array_ama5_t4_mfb659b36", "unknown unit"),
        ("fp32_ieee_rtz", "subnormals='ieee' needs"),
        ("fp32_plain_xc", "extra_carry='counted' needs an array"),
    ],
)
def test_a_text_that_names_nothing_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_id(text)


def test_wrong_types_are_refused():
    with pytest.raises(TypeError, match="format must be a FloatFormat"):
        FpMul("fp32", PlainSig())
    with pytest.raises(TypeError, match="significand must be"):
        FpMul(FLOAT32, AMA5)
    with pytest.raises(InputError, match="result_format must be"):
        FpMul(FLOAT32, PlainSig(), result_format=BFLOAT16)
