"""Ours: approximate units in the convolutions of LeNet-5 only, as the Ax-FPM paper has them, and in all its layers."""

from axmac.model.study.unit_table import UnitTable

__all__ = ["STUDY"]

STUDY = UnitTable(
    "Units in the convolutions or in all layers of LeNet-5",
    "layers",
    tuple(
        (unit, layers, f"{name}, {layers}")
        for unit, name in (("ax_fpm", "Ax-FPM"), ("heap", "HEAP-like"))
        for layers in ("conv", "all")
    ),
)
