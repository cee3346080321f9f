"""Which kernel computes which unit."""

import re

import pytest

from axmac.model.fast.select import kernel_name, kernel_of, multiplier_of
from axmac.model.spec import InputError, Mac, catalog

NAMES = {
    "fp32_ieee": "native float32",
    "ax_fpm": "closed form, float64",
    "fp32_array_ama5_t24_xc_rw": "closed form, float64",
    "bf16_array_ama5_t4": "closed form, float32",
    "heap": "closed form, float64",
    "fp32_plain": "closed form, float32",
    "bf16_booth": "table, 128 x 128",
    "bf16_booth_to_fp32": "closed form, float32",
    "bf16_array_ama1_t8": "table, 128 x 128",
    "e5f3_plain": "table, 16 x 16",
    "fp32_array_ama5_t4_rne": "closed form, integer",
    "fp32_array_ama1_t4": "bit-sliced, 512 products at a time",
    "fp32_csa_ama5_t4": "closed form, float64",
    "fp16_csa_ama1_t11": "bit-sliced, 512 products at a time",
    "bf16_ieee": "golden, bit-sliced",
}


@pytest.mark.parametrize(("unit", "name"), NAMES.items())
def test_kernel_by_unit(unit, name):
    assert kernel_name(unit) == name


def test_every_catalog_design_has_a_kernel_and_the_ama5_tiles_have_closed_forms():
    names = {design: kernel_name(design) for design in catalog.floats}
    assert len(names) == len(catalog.floats)
    tiles = [design for design in names if re.fullmatch(r"(fp32|bf16)_array_ama5_t\d+(_xc)?", design)]
    assert len(tiles) >= 10
    assert all(names[design].startswith("closed form, float") for design in tiles)


def test_a_mac_a_spec_and_an_id_name_the_same_multiplier():
    spec = catalog["ax_fpm"]
    assert multiplier_of(Mac(spec)) == multiplier_of(spec) == multiplier_of("ax_fpm") == spec
    assert kernel_of(spec) is kernel_of(multiplier_of("fp32_array_ama5_t4"))


def test_refuses_what_float32_cannot_hold():
    with pytest.raises(InputError, match="e10f5_plain has exponents that float32 tensors cannot hold"):
        kernel_name("e10f5_plain")


def test_refuses_an_unknown_unit():
    with pytest.raises(InputError, match="unknown unit 'no_such'"):
        kernel_name("no_such")
