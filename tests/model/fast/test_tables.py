"""Tables of significand products: golden's, kept on disk, and never believed when damaged."""

import numpy as np
import pytest

from axmac.model.fast import tables
from axmac.model.golden.significand import significand_product
from axmac.model.spec import catalog


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_CACHE", str(tmp_path))
    tables._load.cache_clear()
    yield tmp_path / "tables"
    tables._load.cache_clear()


@pytest.mark.parametrize("unit", ["bf16_array_ama1_t8", "bf16_array_ama5_t4_rw"])
@pytest.mark.usefixtures("folder")
def test_holds_every_product_by_weight_then_activation(unit):
    spec = catalog[unit]
    table = tables.product_table(spec)
    sig = np.arange(128, 256, dtype=np.uint64)
    expected = significand_product(spec.significand, 8, np.tile(sig, 128), np.repeat(sig, 128))
    assert table.shape == (128, 128)
    np.testing.assert_array_equal(table.reshape(-1), expected.astype(np.int64) << 32)


def test_reads_the_file_of_an_earlier_run(folder, monkeypatch):
    first = tables.product_table(catalog["bf16_array_ama1_t8"])
    assert len(list(folder.iterdir())) == 1
    tables._load.cache_clear()
    monkeypatch.setattr(tables.significand, "significand_product", None)
    np.testing.assert_array_equal(tables.product_table(catalog["bf16_array_ama1_t8"]), first)


@pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: bytes([raw[0] ^ 1]) + raw[1:], lambda _: b""])
def test_builds_a_damaged_file_again(folder, damage):
    first = tables.product_table(catalog["bf16_array_ama1_t8"])
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    tables._load.cache_clear()
    np.testing.assert_array_equal(tables.product_table(catalog["bf16_array_ama1_t8"]), first)
    assert path.read_bytes() == whole


def test_units_with_other_significands_have_other_files(folder):
    for unit in ("bf16_array_ama1_t8", "bf16_array_ama2_t8", "bf16_array_ama1_t8_xc"):
        tables.product_table(catalog[unit])
    assert len(list(folder.iterdir())) == 2


def test_works_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AXMAC_CACHE", str(tmp_path / "file"))
    tables._load.cache_clear()
    assert tables.product_table(catalog["bf16_array_ama1_t8"]).shape == (128, 128)
    tables._load.cache_clear()
