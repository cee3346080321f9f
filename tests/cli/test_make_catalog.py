"""The shipped catalog.json is what the sources give."""

import json
from importlib import resources

import pytest

from axmac.cli.make_catalog import entry_of
from axmac.model.spec import catalog

SHIPPED = json.loads(resources.files("axmac.model.spec").joinpath("catalog.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", catalog)
def test_entry_is_current(name):
    (shipped,) = [entry for entry in SHIPPED if entry["id"] == name]
    fresh = json.loads(json.dumps(entry_of(catalog.design(name))))
    measured, remeasured = shipped.pop("measured"), fresh.pop("measured")
    assert shipped == fresh, "run `make catalog`"
    assert measured == pytest.approx(remeasured, rel=1e-12)


def test_nothing_else_is_shipped():
    assert [entry["id"] for entry in SHIPPED] == list(catalog)
