"""Networks of one hidden layer, N at once, whose weights are rounded to as many bits as each of them has."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["ACTIVATIONS", "Parameters", "initial", "logits", "losses", "margins", "predicted", "rounded"]


class _Step(torch.autograd.Function):
    """1 where z is at least 0, else 0; its gradient is that of the sigmoid, a surrogate of ours."""

    @staticmethod
    def forward(ctx, z: Tensor) -> Tensor:
        ctx.save_for_backward(z)
        return (z >= 0).to(z.dtype)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        value = ctx.saved_tensors[0].sigmoid()
        return gradient * value * (1 - value)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"step": _Step.apply, "sigmoid": torch.sigmoid, "relu": F.relu}
"""The paper's activations of the hidden layer."""


class Parameters(NamedTuple):
    """Weights and biases of N networks: [N, inputs, hidden], [N, 1, hidden], [N, hidden, outputs], [N, 1, outputs]."""

    w1: Tensor
    b1: Tensor
    w2: Tensor
    b2: Tensor

    def at(self, place: Tensor | Sequence[int]) -> "Parameters":
        """The parameters of some of the networks, copied."""
        return Parameters(*(part[place] for part in self))


def initial(sizes: tuple[int, int, int], generator: torch.Generator) -> Parameters:
    """One network of inputs, hidden and output units: weights uniform by Glorot and Bengio (2010), biases 0."""
    inputs, hidden, outputs = sizes
    parts = []
    for above, below in ((inputs, hidden), (hidden, outputs)):
        bound = math.sqrt(6 / (above + below))
        weights = (torch.rand(above, below, generator=generator) * 2 - 1) * bound
        parts += [weights.clamp(-1, 1)[None], torch.zeros(1, 1, below)]
    return Parameters(*parts)


def rounded(parameters: Parameters, bits: Tensor) -> Parameters:
    """Every value of network i, in [-1, 1], to the nearest of 2^bits[i] levels that lie evenly from -1 to 1.

    One bit: -1 and 1, and 0 becomes -1. A tie goes to the level of even number, counted from -1.
    """
    steps = (2.0 ** bits.to(parameters.w1.dtype) - 1)[:, None, None]
    return Parameters(*(((part + 1) * (steps / 2)).round_().mul_(2).div_(steps).sub_(1) for part in parameters))


def logits(parameters: Parameters, x: Tensor, activation: str, gain: float = 1.0) -> Tensor:
    """Outputs [N, B, outputs] before softmax or sigmoid for inputs [N, B, inputs].

    ``gain`` multiplies what the hidden activations take.
    """
    before = torch.baddbmm(parameters.b1, x, parameters.w1)
    hidden = ACTIVATIONS[activation](before if gain == 1 else before * gain)
    return torch.baddbmm(parameters.b2, hidden, parameters.w2)


def losses(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy [N, B] of outputs [N, B, classes], or binary one of [N, B, 1], for labels int64 [N, B]."""
    if outputs.shape[-1] == 1:
        return F.binary_cross_entropy_with_logits(outputs[..., 0], labels.to(outputs.dtype), reduction="none")
    return F.cross_entropy(outputs.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)


def margins(outputs: Tensor, labels: Tensor) -> Tensor:
    """The lead [N, B] of the best wrong output over the true one: it does not saturate as a loss does."""
    if outputs.shape[-1] == 1:
        return outputs[..., 0] * (1 - 2 * labels)
    true = outputs.gather(-1, labels[..., None])
    others = outputs.scatter(-1, labels[..., None], -math.inf)
    return others.amax(-1) - true[..., 0]


def predicted(outputs: Tensor) -> Tensor:
    """Classes int64 [N, B] of outputs [N, B, classes] or [N, B, 1]."""
    return (outputs[..., 0] > 0).long() if outputs.shape[-1] == 1 else outputs.argmax(-1)
