"""DoReFa networks: layers that quantise their weights and activations (Zhou et al., arXiv 1606.06160).

The "defensive quantisation" of the Ax-FPM study. Such a network has to be trained as it is: weights are not scaled
back.
"""

import copy
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model.spec import InputError

__all__ = ["DorefaConv2d", "DorefaLinear", "DorefaReLU", "dorefa", "quantize", "quantize_weight"]


class _Straight(torch.autograd.Function):
    """``value`` in place of x; the gradient passes to x as if it were x."""

    @staticmethod
    def forward(_ctx, x: Tensor, value: Tensor) -> Tensor:
        return value.view_as(x)

    @staticmethod
    def backward(_ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def quantize(x: Tensor, bits: int) -> Tensor:
    """Values in [0, 1] to the nearest of 2^bits - 1 equal steps (equation 5); straight-through gradient."""
    steps = 2**bits - 1
    scaled = x * steps
    return _Straight.apply(scaled, scaled.round()) / steps


def quantize_weight(weight: Tensor, bits: int) -> Tensor:
    """Weights to odd multiples of 1 / (2^bits - 1) in [-1, 1] (equation 9), or for one bit to +-mean|w| (equation 8).

    0 counts as positive. The gradient passes straight through the rounding, and through the sign.
    """
    if bits == 1:
        return _Straight.apply(weight, torch.where(weight >= 0, 1.0, -1.0) * weight.abs().mean())
    squashed = weight.tanh()
    largest = squashed.abs().max()
    return 2 * quantize(squashed / (2 * (largest + (largest == 0))) + 0.5, bits) - 1


class _Dorefa:
    """What the quantised layers share: bits of the weights, and of the activations unless they stay as they are."""

    weight_bits: int
    activation_bits: int | None

    def operands(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Quantised activations, those outside [0, 1] at its ends, and quantised weights."""
        if self.activation_bits is not None:
            x = quantize(x.clamp(0, 1), self.activation_bits)
        return x, quantize_weight(self.weight, self.weight_bits)

    def extra_repr(self) -> str:
        """The layer's own text and the bits."""
        return f"{super().extra_repr()}, weight_bits={self.weight_bits}, activation_bits={self.activation_bits}"


class DorefaConv2d(_Dorefa, nn.Conv2d):
    """``nn.Conv2d`` made by ``dorefa``; its parameters are the float ones, and training changes those."""

    def forward(self, x: Tensor) -> Tensor:
        """float32 [B, C, H, W] to [B, filters, H', W']."""
        return self._conv_forward(*self.operands(x), self.bias)


class DorefaLinear(_Dorefa, nn.Linear):
    """``nn.Linear`` made by ``dorefa``; its parameters are the float ones, and training changes those."""

    def forward(self, x: Tensor) -> Tensor:
        """float32 [..., in_features] to [..., out_features]."""
        return F.linear(*self.operands(x), self.bias)


class DorefaReLU(nn.Module):
    """ReLU with quantised output: values outside [0, 1] at its ends, then the nearest of 2^bits - 1 equal steps."""

    def __init__(self, bits: int) -> None:
        super().__init__()
        self.bits = bits

    def forward(self, x: Tensor) -> Tensor:
        """float32 of any shape."""
        return quantize(x.clamp(0, 1), self.bits)

    def extra_repr(self) -> str:
        """The bits."""
        return f"bits={self.bits}"


_QUANTISED = {nn.Conv2d: DorefaConv2d, nn.Linear: DorefaLinear}


def dorefa(
    module: nn.Module, weight_bits: int, activation_bits: int | None = None, *, stay: Sequence[str] = ()
) -> nn.Module:
    """A copy of ``module`` whose convolutions and linear layers quantise weights and activations, all but ``stay``.

    The official network keeps its first and last layer; the Ax-FPM study only the last one. Weights are not scaled
    back, so that the copy has to be trained. Raises ``InputError`` for bits outside 1 to 16, for layers that do not
    exist, and where nothing is left to quantise.
    """
    for name, bits in (("weight_bits", weight_bits), ("activation_bits", activation_bits)):
        if bits is not None and not 1 <= bits <= 16:
            raise InputError(f"{name} must be 1 to 16, not {bits}")
    made = copy.deepcopy(module)
    layers = {name: layer for name, layer in made.named_modules() if type(layer) in _QUANTISED}
    unknown = [name for name in stay if name not in layers]
    if unknown:
        raise InputError(f"there is no layer {unknown[0]!r} to stay float: use {', '.join(layers)}")
    if not set(layers) - set(stay):
        raise InputError(f"{type(module).__name__} has no layer to quantise")
    for name, layer in layers.items():
        if name not in stay:
            layer.__class__ = _QUANTISED[type(layer)]
            layer.weight_bits, layer.activation_bits = weight_bits, activation_bits
    return made
