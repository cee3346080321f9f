"""Layers whose products are those of a unit: forward bit-exact, backward by a named gradient.

The forward pass is ``axmac.model.fast``: sequential float32 accumulation over k = (c_in, kh, kw), then the bias once.
The gradient ``exact`` is that of the exact product: torch's own backward pass for the same layer. The gradient
``unit`` takes the least-squares slope of the unit's product over one binade of each operand (``fast.slope_over_x``):
the same backward pass with other operands, at nearly the same cost.
"""

from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from axmac.model import fast
from axmac.model.spec import FpMul, InputError, Mac

__all__ = ["GRADIENTS", "ApproxConv1d", "ApproxConv2d", "ApproxConv3d", "ApproxLinear", "ApproxMixin"]

GRADIENTS = ("exact", "unit")


def _operands(ctx: Any) -> tuple[Tensor, Tensor]:
    """What the gradient of the weight and that of x multiply by; only those that are wanted are made."""
    x, weight = ctx.saved_tensors
    mac, gradient = ctx.unit
    if gradient == "unit":
        of_x, of_weight = ctx.needs_input_grad[:2]
        x, weight = fast.slope_over_w(mac, x) if of_weight else x, fast.slope_over_x(mac, weight) if of_x else weight
    return x, weight


class _Conv(torch.autograd.Function):
    """Convolution by a unit; ``geometry`` = (stride, padding, dilation, groups)."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, mac: Mac, gradient: str, geometry: tuple) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.unit, ctx.geometry = (mac, gradient), geometry
        return fast.conv(mac, x, weight, *geometry)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple:
        x, weight = _operands(ctx)
        stride, padding, dilation, groups = ctx.geometry
        wanted = [*ctx.needs_input_grad[:2], False]
        of_x, of_weight, _ = torch.ops.aten.convolution_backward(
            gradient, x, weight, None, stride, padding, dilation, False, [0] * len(stride), groups, wanted
        )
        return of_x, of_weight, None, None, None


class _Linear(torch.autograd.Function):
    """Matrix product x @ weight.T by a unit."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, mac: Mac, gradient: str) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.unit = (mac, gradient)
        return fast.matmul(mac, x, weight.detach().T)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple:
        x, weight = _operands(ctx)
        of_x = gradient @ weight if ctx.needs_input_grad[0] else None
        rows = gradient.reshape(-1, weight.shape[0]).T
        of_weight = rows @ x.reshape(-1, weight.shape[1]) if ctx.needs_input_grad[1] else None
        return of_x, of_weight, None, None


class ApproxMixin:
    """What the approximate layers share: the unit ``mac``, the name of the ``gradient``, and both in the repr."""

    mac: Mac
    gradient: str

    def set_unit(self, unit: Mac | FpMul | str, gradient: str = "exact") -> None:
        """Sets unit and gradient. ``InputError`` for an unknown name or a gradient that the unit does not have."""
        if gradient not in GRADIENTS:
            raise InputError(f"gradient must be {' or '.join(map(repr, GRADIENTS))}, not {gradient!r}")
        self.mac = fast.mac_of(unit)
        if gradient == "unit":
            fast.check_slopes(self.mac)
        self.kernel = fast.kernel_name(self.mac)
        self.gradient = gradient

    def extra_repr(self) -> str:
        """The layer's own text, the unit, the gradient and the kernel."""
        return f"{super().extra_repr()}, mac={self.mac.id}, gradient={self.gradient}, kernel={self.kernel!r}"


class _ApproxConv(ApproxMixin):
    """What the convolutions share: torch's layer pads, the unit multiplies, the bias is added once."""

    def __init__(self, *args, unit: Mac | FpMul | str, gradient: str = "exact", **options) -> None:
        super().__init__(*args, **options)
        self.set_unit(unit, gradient)

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        dims = len(self.stride)
        whole = x if x.ndim == dims + 2 else x.unsqueeze(0)
        parts = [self._products(images, weight) for images in whole.split(self._at_once(whole))]
        out = parts[0] if len(parts) == 1 else torch.cat(parts)
        if bias is not None:
            out = out + bias.reshape(-1, *(1,) * dims)
        return out if x.ndim == dims + 2 else out.squeeze(0)

    def _at_once(self, x: Tensor) -> int:
        """Images to be padded at a time: all where gradients keep them anyway."""
        if torch.is_grad_enabled() or self._pads_symmetrically():
            return max(1, len(x))
        pads = self._reversed_padding_repeated_twice
        padded = [n + pads[-2 * i - 2] + pads[-2 * i - 1] for i, n in enumerate(x.shape[2:])]
        return max(1, fast.memory_limit() // (4 * x.shape[1] * prod(padded)))

    def _pads_symmetrically(self) -> bool:
        both = self._reversed_padding_repeated_twice
        return self.padding_mode == "zeros" and both[::2] == both[1::2]

    def _products(self, x: Tensor, weight: Tensor) -> Tensor:
        padding = tuple(self._reversed_padding_repeated_twice[-2::-2])
        if not self._pads_symmetrically():
            mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
            x, padding = F.pad(x, self._reversed_padding_repeated_twice, mode=mode), (0,) * len(self.stride)
        geometry = (self.stride, padding, self.dilation, self.groups)
        return _Conv.apply(x, weight, self.mac, self.gradient, geometry)


class ApproxConv1d(_ApproxConv, nn.Conv1d):
    """``nn.Conv1d`` with the products of ``unit`` (a Mac, a multiplier, or an id); all its other arguments.

    Signals float32 [B, C, W] or [C, W]; weights and state dict are those of ``nn.Conv1d``.
    """


class ApproxConv2d(_ApproxConv, nn.Conv2d):
    """As ``ApproxConv1d`` for ``nn.Conv2d`` and images [B, C, H, W] or [C, H, W]."""


class ApproxConv3d(_ApproxConv, nn.Conv3d):
    """As ``ApproxConv1d`` for ``nn.Conv3d`` and volumes [B, C, D, H, W] or [C, D, H, W]."""


class ApproxLinear(ApproxMixin, nn.Linear):
    """``nn.Linear`` with the products of ``unit`` (a Mac, a multiplier, or an id); all its other arguments."""

    def __init__(self, *args, unit: Mac | FpMul | str, gradient: str = "exact", **options) -> None:
        super().__init__(*args, **options)
        self.set_unit(unit, gradient)

    def forward(self, x: Tensor) -> Tensor:
        """float32 [..., in_features] to [..., out_features]."""
        out = _Linear.apply(x, self.weight, self.mac, self.gradient)
        return out if self.bias is None else out + self.bias
