"""Ours: rows of AMA5 arrays from the activation, as in Ax-FPM, or from the weight: these products do not commute."""

from axmac.model.study.unit_table import UnitTable

__all__ = ["STUDY"]

STUDY = UnitTable(
    "Rows of AMA5 arrays from activation or weight, in the convolutions of LeNet-5",
    "order",
    tuple(
        (f"fp32_array_ama5_t{tile}{suffix}", "conv", f"t = {tile}, rows from the {operand}")
        for tile in (4, 24)
        for suffix, operand in (("", "activation"), ("_rw", "weight"))
    ),
)
