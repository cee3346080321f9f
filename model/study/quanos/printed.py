"""What the QUANOS paper prints (Panda, ISLPED 2020), and the energies per operation that follow from it.

The paper draws E_config of equation 5 in figure 1d without numbers. Its tables give them away: of a homogeneous network
equation 5 leaves one unknown, so E_config = (printed - memory) / MACs. Table III (VGG-19) gives those of `FACTORS`.
Table VI (ResNet-18) contradicts it: the same 8 bits would cost .44 on DG, and on DVAFS less than nothing, since the
printed energies (.13 and .023 mJ) are below that of the memory accesses alone (.24 and .12 mJ). Its values for 8 bits
are near those of a factor of table III that multiplies the memory accesses, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FACTORS", "RESNET18", "VGG19", "Printed", "Table", "solved"]


@dataclass(frozen=True)
class Printed:
    """A row: accuracy in percent, memory in Gbit, mJ by configuration; where widths differ, those and their mean."""

    accuracy: float
    memory: float
    energy: Mapping[str, float]
    bits: tuple[int, ...] = ()
    mean_bits: float | None = None


@dataclass(frozen=True)
class Table:
    """The rows by label; ``losses`` in points at eps 2, 8 and 16 / 255, by hardening, label and attack.

    ``gives_factors``: whether `FACTORS` come from it.
    """

    rows: Mapping[str, Printed]
    losses: Mapping[str, Mapping[str, Mapping[str, tuple[float, float, float]]]] = field(default_factory=dict)
    gives_factors: bool = False


def _mj(standard: float, dg: float, dvafs: float) -> dict[str, float]:
    return {"standard": standard, "DG": dg, "DVAFS": dvafs}


VGG19 = Table(
    {
        "16-bit": Printed(91.6, 0.32, _mj(1.47, 1.47, 1.47)),
        "8-bit": Printed(91.4, 0.16, _mj(0.75, 0.62, 0.47)),
        "5-bit": Printed(90.5, 0.10, _mj(0.49, 0.36, 0.29)),
        "QUANOS": Printed(90.7, 0.09, _mj(0.39, 0.29, 0.25), (9, 4, 5, 3, 3, 3, 4, 2, 4, 6, 9, 8, 9, 7, 3, 2, 2), 4.95),
    },
    {
        "fgsm": {
            "16-bit": {"fgsm": (10.6, 39.6, 54), "pgd": (7.6, 49, 81)},
            "QUANOS": {"fgsm": (9, 31, 43), "pgd": (7, 44, 72)},
        },
        "pgd": {
            "16-bit": {"fgsm": (12.6, 41, 56), "pgd": (11, 43, 67)},
            "QUANOS": {"fgsm": (8.5, 34.5, 52), "pgd": (6.5, 37.5, 65.5)},
        },
    },
    gives_factors=True,
)
"""Tables II, III and IV; CIFAR-10. 17 widths are printed for 16 convolutions, and the first 16 are used."""

RESNET18 = Table(
    {
        "16-bit": Printed(76.7, 0.18, _mj(1.44, 1.44, 1.44)),
        "8-bit": Printed(74, 0.09, _mj(0.75, 0.45, 0.13)),
        "4-bit": Printed(72.1, 0.05, _mj(0.40, 0.165, 0.023)),
        "QUANOS": Printed(
            72.8, 0.024, _mj(0.32, 0.17, 0.095), (9, 8, 7, 4, 5, 3, 4, 2, 3, 2, 3, 2, 2, 2, 2, 2, 2), 3.65
        ),
    },
    {
        "fgsm": {
            "4-bit": {"fgsm": (12.6, 43.6, 58.6), "pgd": (9.6, 66, 90)},
            "QUANOS": {"fgsm": (8.6, 37.6, 56.6), "pgd": (5.6, 19, 34)},
        },
        "pgd": {
            "4-bit": {"fgsm": (13, 21.3, 25.8), "pgd": (15.6, 26.6, 30.3)},
            "QUANOS": {"fgsm": (11.2, 16.3, 20), "pgd": (9, 10.4, 14.9)},
        },
    },
)
"""Tables V, VI and VII; CIFAR-100."""

FACTORS = {
    "DG": {16: 1.0, 8: 0.618, 5: 0.460},
    "DVAFS": {16: 1.0, 8: 0.188, 5: 0.160},
}
"""E_config by configuration and width, solved from table III; a width in between runs in the next wider mode."""


def solved(printed: float, memory: float, macs: float) -> float:
    """E_config of a homogeneous network from its printed energy and both terms of equation 4, in one unit."""
    return (printed - memory) / macs
