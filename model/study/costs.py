"""Tables of area, delay and energy: which units are compared, with which exact ones, and what the papers say.

Source: Guesmi et al., Defensive Approximation, ASPLOS 2021, tables 7 and 9, where energy and delay are shares of those
of an exact multiplier that is not described. So ours are given against each of several forms of the exact product.
"""

from dataclasses import dataclass, field

__all__ = ["COSTS", "CostTable"]

_TRUNCATING = ("fp32_csa_exact_t24", "fp32_booth_rtz", "fp32_plain_rtz")
"""Exact products, truncated and flushed as Ax-FPM does: carry-save array, Booth, and what synthesis makes of ``*``."""

_SIZES = ("4x4", "8x8", "16x16")
_TARGETS = ("ice40", "ecp5")


@dataclass(frozen=True)
class CostTable:
    """``units`` and the exact ones that they are compared with, ``against``; ``published`` shares by unit. Sizes of
    ``arrays`` of each, and ``fpga`` targets."""

    title: str
    part: str
    units: tuple[str, ...]
    against: tuple[str, ...]
    published: dict[str, dict[str, float]] = field(default_factory=dict)
    arrays: tuple[str, ...] = ()
    fpga: tuple[str, ...] = ()


COSTS = {
    "table7": CostTable(
        "Table 7: Ax-FPM and bfloat16 against exact float32",
        "core",
        ("ax_fpm", "heap", "bf16"),
        (*_TRUNCATING, "fp32_ieee"),
        {"ax_fpm": {"energy": 0.487, "delay": 0.29}, "bf16": {"energy": 0.4, "delay": 0.4}},
    ),
    "table9": CostTable(
        "Table 9: 24x24 significand multipliers",
        "significand",
        ("ax_fpm", "heap"),
        (*_TRUNCATING, "fp32_array_exact_t24"),
        {"ax_fpm": {"energy": 0.395, "delay": 0.235}, "heap": {"energy": 0.49, "delay": 0.46}},
    ),
    "arrays": CostTable(
        "Units of floats as systolic arrays and on FPGAs",
        "core",
        ("ax_fpm", "heap", "fp32_array_ama5_t24", "bf16"),
        ("fp32_booth_rtz", "fp32_ieee"),
        arrays=_SIZES,
        fpga=_TARGETS,
    ),
    "integers": CostTable(
        "Units of signed 8-bit integers, as systolic arrays and on FPGAs",
        "core",
        ("s8_drum_k3", "s8_drum_k4", "s8_scaletrim_h3_m0", "s8_scaletrim_h4_m4", "s8_scaletrim_h4_m8", "s8_trunc_k4"),
        ("s8_exact",),
        arrays=_SIZES,
        fpga=_TARGETS,
    ),
}
