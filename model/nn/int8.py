"""Layers of int8 networks: integer products of a unit, sums and biases in int32, one rounding on the way out.

With the step s_x of the input, s_w[c] of each output channel's weights (the largest magnitude over 127), in float64:

    q_x = clip(round(x / s_x))     q_w = round(w / s_w[c])     q_b = round(b / (s_x s_w[c]))        clip to +-127
    acc = sum of unit(q_x, q_w) + q_b                                                              int32, exact
    y   = s_y clip(round(acc * (s_x s_w[c] / s_y)))  where a step s_y of the output is known,
    y   = acc * (s_x s_w[c])                          otherwise; y is float32

Every round is to the nearest integer, half to even. Tensors between layers are float32, s_y times integers: where s_y
is the next layer's s_x, that layer reads the same integers back, also through ReLU, pooling and flattening.

The gradient passes straight through every rounding, is that of the exact product, and 0 where a clip cuts. Weights and
biases stay float parameters. In training mode they are quantised in every call, so that training with the unit in the
loop changes them; in evaluation mode once, and again after a change that torch counts, or after ``eval()``.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from axmac.model import fast
from axmac.model.fast.tables import integer_table
from axmac.model.nn.calibration import LARGEST
from axmac.model.nn.kept import forget, kept
from axmac.model.spec import InputError, IntMul, Mac, as_spec

__all__ = ["Int8Conv1d", "Int8Conv2d", "Int8Conv3d", "Int8Linear", "Int8Mixin", "int8_unit", "quantized"]

_INT32_MAX = (1 << 31) - 1


def int8_unit(unit: IntMul | str) -> IntMul:
    """The spec of a unit for int8 networks. ``InputError`` for one that does not multiply signed integers of 8 bits."""
    spec = as_spec(unit)
    if not isinstance(spec, IntMul):
        raise InputError(f"{spec.id} multiplies floats: int8 networks need a unit of signed 8-bit integers, s8_...")
    if not spec.format.signed or spec.format.width != 8:
        raise InputError(f"{spec.id} does not multiply signed integers of 8 bits: use s8_{spec.product.label}")
    return spec


def quantized(values: Tensor, scale: Tensor | float) -> Tensor:
    """values / scale in float64, to the nearest integer, half to even, clipped to +-127; int8.

    ``InputError`` for NaN.
    """
    steps = (values.detach().double() / scale).round_()
    if bool(steps.isnan().any()):
        raise InputError("the input of an int8 layer holds NaN: integers have none")
    return steps.clamp_(-LARGEST, LARGEST).to(torch.int8)


class Int8Mixin:
    """What the int8 layers share: ``unit`` (an ``IntMul``), ``in_scale`` and ``out_scale`` (None where not known)."""

    unit: IntMul
    in_scale: float
    out_scale: float | None

    def set_unit(self, unit: IntMul | str, in_scale: float, out_scale: float | None = None) -> None:
        """Sets the unit and the steps. ``InputError`` as ``int8_unit``, and for steps that are not above 0."""
        for name, scale in (("in_scale", in_scale), ("out_scale", out_scale)):
            if not (scale is None and name == "out_scale") and not (isinstance(scale, float) and 0 < scale < np.inf):
                raise InputError(f"{name} must be a float above 0, not {scale!r}")
        self.unit, self.in_scale, self.out_scale = int8_unit(unit), in_scale, out_scale

    @property
    def mac(self) -> Mac:
        """The unit and its int32 sums."""
        return Mac(self.unit)

    def integers(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights int8 [channels, ...], biases int32 [channels], and scales s_x s_w float64 [channels] of the sums.

        Made by `kept`, so not to be changed. ``InputError`` for a bias that leaves int32.
        """
        return kept(self, self._integers, self.in_scale)

    def train(self, mode: bool = True) -> nn.Module:
        """As of any module. The integers are made anew at the next call."""
        forget(self)
        return super().train(mode)

    def _integers(self) -> tuple[Tensor, Tensor, Tensor]:
        weight = self.weight.detach()
        steps = weight.double().flatten(1).abs().amax(1) / LARGEST
        steps = torch.where(steps > 0, steps, 1.0)
        scales = self.in_scale * steps
        bias = torch.zeros_like(scales) if self.bias is None else (self.bias.detach().double() / scales).round()
        if bool((bias.abs() > _INT32_MAX).any()):
            raise InputError("a bias leaves int32: its channel has weights that are too small, set them to 0")
        return quantized(weight, steps.reshape(-1, *(1,) * (weight.ndim - 1))), bias.to(torch.int32), scales

    def bound(self) -> int:
        """The largest magnitude that a sum with its bias can reach, whatever the input: from weights and unit."""
        weights, bias, _ = self.integers()
        table = np.abs(integer_table(self.unit).astype(np.int64))
        table[:, 0x80] = 0  # -128 is no activation
        most = table.max(axis=1)[weights.numpy().view(np.uint8)]
        return int((most.reshape(len(most), -1).sum(axis=1) + np.abs(bias.numpy().astype(np.int64))).max())

    def extra_repr(self) -> str:
        """The layer's own text, the unit, and the steps."""
        steps = f"in_scale={self.in_scale!r}, out_scale={self.out_scale!r}"
        return f"{super().extra_repr()}, unit={self.unit.id}, {steps}, gradient=straight-through"


class _Product(torch.autograd.Function):
    """Output float32 of an int8 layer; ``layer.sums`` gives the integer sums, ``layer.gradients`` the exact ones."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, _bias: Tensor | None, layer: "_Int8Conv | Int8Linear") -> Tensor:
        if x.dtype != torch.float32:
            raise TypeError(f"x must be a float32 tensor, not {x.dtype}: convert it with .float()")
        steps, (weights, biases, scales) = quantized(x, layer.in_scale), layer.integers()
        along = (-1, *(1,) * layer.trailing)
        sums = layer.sums(steps, weights).double() + biases.double().reshape(along)
        ctx.inside = None
        if layer.out_scale is None:
            out = sums * scales.reshape(along)
        else:
            wanted = (sums * (scales / layer.out_scale).reshape(along)).round_()
            if x.requires_grad or weight.requires_grad:
                ctx.inside = wanted.abs() <= LARGEST
            out = wanted.clamp_(-LARGEST, LARGEST) * layer.out_scale
        ctx.layer = layer
        ctx.save_for_backward(x, steps, weights, scales)
        return out.float()

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple:
        x, steps, weights, scales = ctx.saved_tensors
        layer = ctx.layer
        if ctx.inside is not None:
            gradient = gradient * ctx.inside
        along = (-1, *(1,) * (weights.ndim - 1))
        weight = (weights.double() * (scales / layer.in_scale).reshape(along)).float()
        rounded = (steps.double() * layer.in_scale).float()
        of_x, of_weight, of_bias = layer.gradients(gradient, rounded, weight, ctx.needs_input_grad[:3])
        if of_x is not None:
            of_x = of_x * (x.double().div_(layer.in_scale).round_().abs_() <= LARGEST)
        return of_x, of_weight, of_bias, None


class _Int8Conv(Int8Mixin):
    """What the convolutions share: padding is 0, or what the layer's padding mode says, before it is quantised."""

    @property
    def trailing(self) -> int:
        """Axes of the result after its channels."""
        return len(self.stride)

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        out = _Product.apply(self.padded(x), weight, bias, self)
        return out if x.ndim == self.trailing + 2 else out.squeeze(0)

    def padded(self, x: Tensor) -> Tensor:
        """A batch [B, C, ...], with that padding of the layer which ``sums`` does not add itself."""
        whole = x if x.ndim == self.trailing + 2 else x.unsqueeze(0)
        if self._pads_itself():
            return whole
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        return F.pad(whole, self._reversed_padding_repeated_twice, mode=mode)

    def _pads_itself(self) -> bool:
        both = self._reversed_padding_repeated_twice
        return self.padding_mode == "zeros" and both[::2] == both[1::2]

    def _padding(self) -> tuple[int, ...]:
        return tuple(self._reversed_padding_repeated_twice[-2::-2]) if self._pads_itself() else (0,) * self.trailing

    def sums(self, x: Tensor, weights: Tensor) -> Tensor:
        """int32 [B, channels, ...] of x int8, which is quantised `padded`."""
        return fast.int_conv(self.unit, x, weights, self.stride, self._padding(), self.dilation, self.groups)

    def gradients(self, gradient: Tensor, x: Tensor, weight: Tensor, wanted: tuple) -> tuple[Tensor | None, ...]:
        """Of the exact convolution of x with weight: by x, by weight, by the bias; None where not wanted."""
        shape = [len(weight)] if wanted[2] else None
        geometry = (self.stride, self._padding(), self.dilation, False, [0] * self.trailing, self.groups)
        return torch.ops.aten.convolution_backward(gradient, x, weight, shape, *geometry, list(wanted))


class Int8Conv1d(_Int8Conv, nn.Conv1d):
    """``nn.Conv1d`` made by ``quantize``: float32 [B, C, L] or [C, L] in and out, integers inside."""


class Int8Conv2d(_Int8Conv, nn.Conv2d):
    """``nn.Conv2d`` made by ``quantize``: float32 [B, C, H, W] or [C, H, W] in and out, integers inside."""


class Int8Conv3d(_Int8Conv, nn.Conv3d):
    """``nn.Conv3d`` made by ``quantize``: float32 [B, C, D, H, W] or [C, D, H, W] in and out, integers inside."""


class Int8Linear(Int8Mixin, nn.Linear):
    """``nn.Linear`` made by ``quantize``: float32 [..., in_features] to [..., out_features], integers inside."""

    trailing = 0

    def forward(self, x: Tensor) -> Tensor:
        """As `axmac.model.nn.int8` says."""
        return _Product.apply(x, self.weight, self.bias, self)

    def padded(self, x: Tensor) -> Tensor:
        """x as it is."""
        return x

    def sums(self, x: Tensor, weights: Tensor) -> Tensor:
        """int32 [..., out_features] of x int8 [..., in_features]."""
        return fast.int_matmul(self.unit, x, weights.T)

    def gradients(self, gradient: Tensor, x: Tensor, weight: Tensor, wanted: tuple) -> tuple[Tensor | None, ...]:
        """Of the exact product of x and weight: by x, by weight, by the bias; None where not wanted."""
        rows = gradient.reshape(-1, len(weight))
        of_x = gradient @ weight if wanted[0] else None
        of_weight = rows.T @ x.reshape(-1, weight.shape[1]) if wanted[1] else None
        return of_x, of_weight, rows.sum(0) if wanted[2] else None
