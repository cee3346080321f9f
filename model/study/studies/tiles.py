"""Ours: robustness of LeNet-5 against the tile size of AMA5 arrays, every divisor of 24; 4 is Ax-FPM."""

from axmac.model.study.unit_table import UnitTable

__all__ = ["STUDY"]

STUDY = UnitTable(
    "Tile sizes of AMA5 arrays in the convolutions of LeNet-5",
    "tiles",
    tuple((f"fp32_array_ama5_t{tile}", "conv", f"t = {tile}") for tile in (1, 2, 3, 4, 6, 8, 12, 24)),
)
