"""What an attack sees: a frozen network that counts its queries, and the goal to reach on it."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from axmac.model.spec import InputError

__all__ = ["Goal", "Victim"]

_AT_ONCE = 1024


class Victim(nn.Module):
    """A frozen copy of a network in evaluation mode; ``InputError`` for one in training mode.

    ``forward_images`` and ``backward_images`` count the images whose logits and whose input gradients were asked for:
    the queries of a black-box attack are the former.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        if module.training:
            raise InputError("the network is in training mode: call .eval() first")
        self.module = copy.deepcopy(module).requires_grad_(False)
        self.eval()
        self.forward_images = 0
        self.backward_images = 0

    def forward(self, images: Tensor) -> Tensor:
        """Logits [n, classes] of float32 images [n, C, H, W]. A network without a gradient has the gradient 0."""
        self.forward_images += len(images)
        logits = self.module(images)
        if images.requires_grad and torch.is_grad_enabled() and not logits.requires_grad:
            logits = logits + 0 * images.flatten(1).sum(1, keepdim=True)
        if logits.requires_grad:
            logits.register_hook(self._count_backward)
        return logits

    @torch.no_grad()
    def logits(self, images: Tensor) -> Tensor:
        """Logits without a graph, for any number of images: at most 1,024 at a time."""
        return torch.cat([self(part) for part in images.split(_AT_ONCE)])

    def _count_backward(self, gradient: Tensor) -> None:
        self.backward_images += len(gradient)


@dataclass(frozen=True)
class Goal:
    """What each of n images has to become: anything but ``labels``, or, where ``targeted``, exactly ``labels``."""

    labels: Tensor
    targeted: bool = False

    def __post_init__(self) -> None:
        if self.labels.dtype != torch.int64 or self.labels.dim() != 1:
            raise TypeError(f"labels must be int64 [n], not {self.labels.dtype} {list(self.labels.shape)}")

    def __getitem__(self, part: slice | Tensor) -> "Goal":
        """The goal of some of the images."""
        return Goal(self.labels[part], self.targeted)

    def reached(self, logits: Tensor) -> Tensor:
        """Which images are there: bool [n] from logits [n, classes]. Logits with a NaN reach no goal."""
        there = (logits.argmax(1) == self.labels) == self.targeted
        return there & ~logits.isnan().any(1)

    @property
    def sign(self) -> float:
        """+1 where the loss towards ``labels`` has to grow, -1 where it has to fall."""
        return -1.0 if self.targeted else 1.0
