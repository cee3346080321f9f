import pytest

from axmac.model.spec import AMA5, FLOAT32, ArraySig, FpMul, InputError, as_spec, catalog
from axmac.model.spec.catalog import Catalog
from axmac.model.spec.designs import DESIGNS


def test_alias_and_id_name_one_spec():
    assert catalog["ax_fpm"] is catalog["fp32_array_ama5_t4"]
    assert catalog["ax_fpm"] == FpMul(FLOAT32, ArraySig(AMA5, 4))
    assert catalog["fp32"] is catalog["fp32_ieee"]


def test_every_design_is_listed_once_and_has_a_source():
    assert list(catalog) == [design.spec.id for design in DESIGNS]
    assert all(catalog.design(name).source for name in catalog)


def test_an_id_outside_the_list_is_read():
    assert catalog["fp32_array_ama1_t12_rne"].significand.tile == 12
    assert "fp32_array_ama1_t12_rne" in catalog
    assert "fp32_array_ama1_t5" not in catalog


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match="distinct ids and aliases"):
        Catalog((DESIGNS[0], DESIGNS[0]))


def test_as_spec():
    assert as_spec("ax_fpm") is as_spec(catalog["ax_fpm"])
    with pytest.raises(InputError, match="unknown unit 'ax_fpn'"):
        as_spec("ax_fpn")
    with pytest.raises(TypeError, match="spec must be"):
        as_spec(4)
    with pytest.raises(InputError, match="no named design"):
        catalog.design("fp32_array_ama1_t12")
