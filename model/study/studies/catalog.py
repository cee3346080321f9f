"""Ours: every float unit of the catalog in the convolutions of LeNet-5; `axmac report` sets it against energy."""

from axmac.model.spec import catalog
from axmac.model.study.unit_table import UnitTable

__all__ = ["STUDY"]

STUDY = UnitTable(
    "Every unit of the catalog in the convolutions of LeNet-5",
    "catalog",
    tuple((unit, "conv", next(iter(catalog.design(unit).aliases), unit)) for unit in catalog.floats),
)
