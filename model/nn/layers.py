"""Layers whose products are those of a unit: forward bit-exact, backward by a named gradient.

The forward pass is ``axmac.model.fast``: sequential float32 accumulation over k = (c_in, kh, kw), then the bias once.
The gradient ``exact`` is that of the exact product: torch's own backward pass for the same layer. The gradient
``unit`` takes the least-squares slope of the unit's product over one binade of each operand (``fast.slope_operands``):
the same backward pass with other operands, at nearly the same cost.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from axmac.model import fast
from axmac.model.spec import FpMul, InputError, Mac

__all__ = ["GRADIENTS", "ApproxConv1d", "ApproxConv2d", "ApproxConv3d", "ApproxLinear", "ApproxMixin"]

GRADIENTS = ("exact", "unit")


def _operands(x: Tensor, weight: Tensor, mac: Mac, gradient: str) -> tuple[Tensor, Tensor]:
    """What the gradient of the weight and that of x multiply by."""
    return (x, weight) if gradient == "exact" else fast.slope_operands(mac, x, weight)


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
        x, weight = _operands(*ctx.saved_tensors, *ctx.unit)
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
        x, weight = _operands(*ctx.saved_tensors, *ctx.unit)
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
        both, dims = self._reversed_padding_repeated_twice, len(self.stride)
        before, after = tuple(both[-2::-2]), tuple(both[::-2])
        padding = before
        if self.padding_mode != "zeros" or before != after:
            mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
            x, padding = F.pad(x, both, mode=mode), (0,) * dims
        whole = x if x.ndim == dims + 2 else x.unsqueeze(0)
        geometry = (self.stride, padding, self.dilation, self.groups)
        out = _Conv.apply(whole, weight, self.mac, self.gradient, geometry)
        if bias is not None:
            out = out + bias.reshape(-1, *(1,) * dims)
        return out if x.ndim == dims + 2 else out.squeeze(0)


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
