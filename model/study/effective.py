"""Weights with which exact products come near to those of a unit: what of a unit is no more than other weights."""

import copy

import torch
from torch import Tensor, nn

from axmac.model.fast import multiply, slope_over_x

__all__ = ["effective_weights", "with_weights"]

_SAMPLES = 256


def effective_weights(unit: str, weights: Tensor) -> Tensor:
    """The v, for each of the weights w float32 of any shape, with least sum over x of (unit(x, w) - x v)^2.

    x are 256 activations spread evenly over one binade, each drawn within its piece from a fixed seed.
    """
    generator = torch.Generator().manual_seed(0)
    x = 1 + (torch.arange(_SAMPLES) + torch.rand(_SAMPLES, generator=generator)) / _SAMPLES
    products = multiply(unit, x, weights.reshape(-1, 1).contiguous()).double()
    return ((products @ x.double()) / (x.double() ** 2).sum()).float().reshape(weights.shape)


def with_weights(module: nn.Module, unit: str, how: str) -> nn.Module:
    """A copy with other weights in its convolutions: ``how`` is ``"effective"`` or ``"slopes"``.

    Slopes are those of the backward pass ``unit`` (see `axmac.model.fast.slopes`): products that rise with x as the
    unit's do, but for what they are at its mean.
    """
    made = copy.deepcopy(module)
    found = {"effective": effective_weights, "slopes": slope_over_x}[how]
    with torch.no_grad():
        for layer in made.modules():
            if isinstance(layer, nn.modules.conv._ConvNd):
                layer.weight.copy_(found(unit, layer.weight.detach()))
    return made
