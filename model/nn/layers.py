"""Layers whose products are those of a unit: forward bit-exact, backward by a named gradient.

The forward pass is ``axmac.model.fast``: sequential float32 accumulation over k = (c_in, kh, kw), then the bias once.
The gradient ``exact`` is that of the exact product: torch's own backward pass for the same layer.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from axmac.model import fast
from axmac.model.spec import FpMul, InputError, Mac

__all__ = ["GRADIENTS", "ApproxConv2d", "ApproxLinear", "ApproxMixin"]

GRADIENTS = ("exact",)


class _Conv2d(torch.autograd.Function):
    """Convolution by a unit; ``geometry`` = (stride, padding, dilation, groups)."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, mac: Mac, geometry: tuple) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.geometry = geometry
        return fast.conv2d(mac, x, weight, *geometry)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple:
        x, weight = ctx.saved_tensors
        stride, padding, dilation, groups = ctx.geometry
        wanted = [*ctx.needs_input_grad[:2], False]
        of_x, of_weight, _ = torch.ops.aten.convolution_backward(
            gradient, x, weight, None, stride, padding, dilation, False, [0, 0], groups, wanted
        )
        return of_x, of_weight, None, None


class _Linear(torch.autograd.Function):
    """Matrix product x @ weight.T by a unit."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, mac: Mac) -> Tensor:
        ctx.save_for_backward(x, weight)
        return fast.matmul(mac, x, weight.detach().T)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple:
        x, weight = ctx.saved_tensors
        of_x = gradient @ weight if ctx.needs_input_grad[0] else None
        rows = gradient.reshape(-1, weight.shape[0]).T
        of_weight = rows @ x.reshape(-1, weight.shape[1]) if ctx.needs_input_grad[1] else None
        return of_x, of_weight, None


class ApproxMixin:
    """What the approximate layers share: the unit ``mac``, the name of the ``gradient``, and both in the repr."""

    mac: Mac
    gradient: str

    def set_unit(self, unit: Mac | FpMul | str, gradient: str = "exact") -> None:
        """Sets the unit and the gradient. ``InputError`` for a name that is unknown."""
        if gradient not in GRADIENTS:
            raise InputError(f"gradient must be {' or '.join(map(repr, GRADIENTS))}, not {gradient!r}")
        self.mac = unit if isinstance(unit, Mac) else Mac(fast.multiplier_of(unit))
        self.kernel = fast.kernel_name(self.mac)
        self.gradient = gradient

    def extra_repr(self) -> str:
        """The layer's own text, the unit, the gradient and the kernel."""
        return f"{super().extra_repr()}, mac={self.mac.id}, gradient={self.gradient}, kernel={self.kernel!r}"


class ApproxConv2d(ApproxMixin, nn.Conv2d):
    """``nn.Conv2d`` with the products of ``unit`` (a Mac, a multiplier, or an id); all its other arguments.

    Images float32 [B, C, H, W] or [C, H, W]; weights and state dict are those of ``nn.Conv2d``.
    """

    def __init__(self, *args, unit: Mac | FpMul | str, gradient: str = "exact", **options) -> None:
        super().__init__(*args, **options)
        self.set_unit(unit, gradient)

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        left, right, top, bottom = self._reversed_padding_repeated_twice
        padding = (top, left)
        if self.padding_mode != "zeros" or (left, top) != (right, bottom):
            mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
            x, padding = F.pad(x, (left, right, top, bottom), mode=mode), (0, 0)
        images = x if x.ndim == 4 else x.unsqueeze(0)
        out = _Conv2d.apply(images, weight, self.mac, (self.stride, padding, self.dilation, self.groups))
        if bias is not None:
            out = out + bias[:, None, None]
        return out if x.ndim == 4 else out.squeeze(0)


class ApproxLinear(ApproxMixin, nn.Linear):
    """``nn.Linear`` with the products of ``unit`` (a Mac, a multiplier, or an id); all its other arguments."""

    def __init__(self, *args, unit: Mac | FpMul | str, gradient: str = "exact", **options) -> None:
        super().__init__(*args, **options)
        self.set_unit(unit, gradient)

    def forward(self, x: Tensor) -> Tensor:
        """float32 [..., in_features] to [..., out_features]."""
        out = _Linear.apply(x, self.weight, self.mac)
        return out if self.bias is None else out + self.bias
