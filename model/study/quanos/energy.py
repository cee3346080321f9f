"""Energy and memory of a network by the widths of its layers, as QUANOS counts them (Panda 2020, table I, equations 4
and 5): projections of a 45 nm process, without instructions, control and sharing of weights or inputs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from axmac.model.nn.hooks import watching
from axmac.model.nn.modes import evaluating

__all__ = ["WORD", "Energy", "Layer", "energy", "layers_of", "memory_bits", "mode_of", "same_size", "widths_of"]

WORD = 16
"""Bits of the widest operands of the accelerator; its energy of an operation is 1."""

_ACCESS = 2.5
"""pJ an access takes for each bit."""
_MULTIPLY, _ADD, _FULL = 3.1, 0.1, 32
"""pJ of a multiplication and an addition of 32 bits."""
_LAYERS = (nn.Conv2d, nn.Linear)


@dataclass(frozen=True)
class Layer:
    """A convolution or linear layer: I ``inputs``, O ``outputs``, k ``kernel``, maps of N (``image``) and M (``made``)
    pixels a side; kernel and maps of a linear layer are 1.
    """

    name: str
    inputs: int
    outputs: int
    kernel: int
    image: int
    made: int

    @property
    def weights(self) -> int:
        """k^2 I O."""
        return self.kernel**2 * self.inputs * self.outputs

    @property
    def accesses(self) -> int:
        """N_A = N^2 I + k^2 I O."""
        return self.image**2 * self.inputs + self.weights

    @property
    def macs(self) -> int:
        """N_C = M^2 I k^2 O."""
        return self.made**2 * self.weights


class Energy(NamedTuple):
    """pJ of one image."""

    memory: float
    macs: float

    @property
    def total(self) -> float:
        """Both."""
        return self.memory + self.macs


def layers_of(module: nn.Module, shape: tuple[int, int, int]) -> list[Layer]:
    """The layers that an image of ``shape`` (C, H, W) runs through, in that order, without the last one, which stays
    float; square kernels and maps, no groups. Projections of shortcuts are among them.
    """
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, _LAYERS)}
    found: list[Layer] = []

    def see(name: str, images: tuple[Tensor], made: Tensor) -> None:
        layer = layers[name]
        flat = isinstance(layer, nn.Linear)
        outputs, inputs = layer.weight.shape[:2]
        sizes = (1, 1, 1) if flat else (layer.kernel_size[0], images[0].shape[-1], made.shape[-1])
        found.append(Layer(name, inputs, outputs, *sizes))

    with watching(layers, see), evaluating(module), torch.no_grad():
        module(torch.zeros(1, *shape))
    return found[:-1]


def widths_of(module: nn.Module) -> dict[str, int]:
    """The width of each layer of a hybrid network by name, projections of shortcuts included."""
    return {
        name: layer.bits
        for name, layer in module.named_modules()
        if isinstance(layer, _LAYERS) and hasattr(layer, "bits")
    }


def energy(
    layers: Sequence[Layer],
    bits: Mapping[str, int],
    factors: Mapping[int, float] | None = None,
    *,
    of_word: bool = False,
) -> Energy:
    """pJ of one image: equation 4, or, with ``factors`` by width (E_config of equation 5), equation 5.

    Equation 5 multiplies the energy of k bits by a factor that is itself a share of that of `WORD` bits, so that the
    width counts twice; with ``of_word`` the factor multiplies the energy of `WORD` bits. A layer takes the factor of
    `mode_of` its width.
    """
    memory = sum(layer.accesses * _ACCESS * bits[layer.name] for layer in layers)
    macs = 0.0
    for layer in layers:
        width = bits[layer.name]
        factor = 1.0 if factors is None else factors[mode_of(width, factors)]
        macs += layer.macs * (_MULTIPLY * (WORD if of_word else width) / _FULL + _ADD) * factor
    return Energy(memory, macs)


def mode_of(width: int, factors: Mapping[int, float]) -> int:
    """The narrowest width of ``factors`` that holds ``width``; ``ValueError`` where none does."""
    wide = [mode for mode in factors if mode >= width]
    if not wide:
        raise ValueError(f"no mode holds {width} bits: there are {', '.join(map(str, sorted(factors)))}")
    return min(wide)


def memory_bits(layers: Sequence[Layer], bits: Mapping[str, int]) -> int:
    """Bits of all weights: the sum of I O k^2 k_b."""
    return sum(layer.weights * bits[layer.name] for layer in layers)


def same_size(layers: Sequence[Layer], bits: Mapping[str, int]) -> int:
    """The one width, at least 1, with which the weights take most nearly as much memory as with ``bits``; of two
    that are equally near the wider.
    """
    mean = memory_bits(layers, bits) / sum(layer.weights for layer in layers)
    return max(1, int(mean + 0.5))
