"""What an image costs on layers of given widths: by the paper's equations and factors, and on MACs of our own."""

from typing import Any, NamedTuple

from torch import nn

from axmac.model.study.quanos.energy import WORD, Layer, energy, layers_of, memory_bits, same_size, widths_of
from axmac.model.study.quanos.measured import measured_factors
from axmac.model.study.quanos.printed import FACTORS

__all__ = ["Counted", "costs_beside_homogeneous", "costs_of"]


class Counted(NamedTuple):
    """The layers of a network and their widths by name."""

    layers: list[Layer]
    bits: dict[str, int]


def costs_of(counted: Counted) -> dict[str, Any]:
    """``memory``, bits of all weights; ``mean_bits`` over layers; and pJ of an image.

    ``standard`` by equation 4, of which ``share_of_memory`` are accesses to memory; by configuration ``printed``,
    equation 5 with the paper's factors, and ``measured``, energies of our MACs (None where nothing is measured).
    """
    layers, bits = counted
    measured = measured_factors()
    whole = energy(layers, bits)
    return {
        "memory": memory_bits(layers, bits),
        "mean_bits": sum(bits.values()) / len(bits),
        "standard": whole.total,
        "share_of_memory": whole.memory / whole.total,
        "printed": {name: energy(layers, bits, factors).total for name, factors in FACTORS.items()},
        "measured": measured
        and {name: energy(layers, bits, factors, of_word=True).total for name, factors in measured.items()},
    }


def costs_beside_homogeneous(module: nn.Module, shape: tuple[int, int, int]) -> list[dict[str, Any]]:
    """`costs_of` a hybrid network for images of ``shape`` with a ``label``: after those of 16 bits in all layers, and,
    where its layers differ, those of the homogeneous network whose weights take most nearly as much memory.
    """
    layers, bits = layers_of(module, shape), widths_of(module)
    size = same_size(layers, bits)
    homogeneous = {f"{WORD} bits": WORD}
    if len(set(bits.values())) > 1:
        homogeneous[f"{size} bits, nearest in memory"] = size
    rows = {label: dict.fromkeys(bits, width) for label, width in homogeneous.items()} | {"this network": bits}
    return [{"label": label, **costs_of(Counted(layers, widths))} for label, widths in rows.items()]
