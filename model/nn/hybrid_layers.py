"""Layers with weights and activations of k bits, k from 1 to 16 and the same for both, as QUANOS has them.

    weights      k >= 2   codes -(2^(k-1) - 1) .. 2^(k-1) - 1      step  top / (2^(k-1) - 1)
                 k = 1    codes -1, +1, 0 counting as positive     step  mean|w|
    activations  x >= 0   codes 0 .. 2^k - 1                       step  top / (2^k - 1)
                 signed   codes and step as of weights

One step a tensor; every code is the nearest one, half to even, the last one for all beyond. ``top`` is the largest
magnitude; but with at most 7 codes above 0 it is, where that is less, 1.224 (1 code), 1.952 (3) or 2.474 (7) times the
standard deviation of a normal distribution with the mean square of the values (twice that square where x >= 0: a ReLU
leaves half of them). These steps have the least square error there (Max, IRE Trans. Inf. Theory 6, 1960); with the
largest magnitude nearly all codes of 2 bits are 0, and deep networks do not learn.

The range of activations is that of the batch in training; its running estimate, a buffer with the momentum of batch
normalisation, is the fixed range of evaluation. Before any training the batch in hand gives the range in evaluation,
too. An input that had a negative value in training is signed from then on. The paper names widths but no quantiser:
this is ours.

In training a layer multiplies the values step * code in float32. In evaluation it multiplies the codes themselves:

    y = scale * sum(code of x * code of w) + bias          scale = step of x * step of w, rounded to float32

so that the sums are exact, and the layer is one of integers with one float32 product and sum on the way out, wherever
`bound` is at most 2^24. With wide codes (16 bits) it is not, and torch's float32 sums of codes are rounded; `sums` is
exact always. A 1-bit layer needs words of 2 bits for -1 and +1, and for the 0 of padding.

Gradients pass straight through every rounding, through the sign, and to weights everywhere; those to activations are 0
where these are clipped.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from axmac.model.spec import InputError

__all__ = ["MOST_BITS", "Codes", "HybridConv2d", "HybridLinear", "HybridMixin", "HybridShortcut", "Ranged"]

MOST_BITS = 16
_MOMENTUM = 0.1
_NORMAL_TOPS = {1: 1.224006, 3: 1.952309, 7: 2.473879}
"""By codes above 0: the last code, in standard deviations, of the uniform quantiser with the least square error."""


class Codes(NamedTuple):
    """What the integer MACs of a layer read: ``scale`` * (their sums) + bias is the layer's output.

    ``activations`` int32, of the shape of the input; ``weights`` int32, of the shape of the weight; ``scale`` a float32
    value; ``a_signed``: whether activations are signed.
    """

    activations: Tensor
    weights: Tensor
    scale: float
    a_signed: bool


class _Straight(torch.autograd.Function):
    """``value`` in place of x; the gradient is that of factor * x, 0 where ``inside`` (None: everywhere) is False."""

    @staticmethod
    def forward(ctx, _x: Tensor, value: Tensor, factor: float, inside: Tensor | None) -> Tensor:
        ctx.factor = factor
        ctx.save_for_backward(inside)
        return value.view_as(value)

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (inside,) = ctx.saved_tensors
        if ctx.factor != 1:
            gradient = gradient * ctx.factor
        return gradient if inside is None else gradient * inside, None, None, None


class _Grid(NamedTuple):
    """Codes ``low`` to ``high`` times ``step``; ``inverse`` is 1 / step, and 0 where all values are 0."""

    low: int
    high: int
    step: float
    inverse: float

    @classmethod
    def of(cls, top: float, bits: int, *, signed: bool) -> "_Grid":
        """The codes of ``bits`` bits, the last one at ``top``."""
        high = _highest(bits, signed=signed)
        return cls(-high if signed else 0, high, top / high, high / top if top else 0.0)

    def codes(self, x: Tensor, bits: int) -> Tensor:
        """The nearest codes of x, as float32."""
        if bits == 1 and self.low < 0:
            return torch.where(x >= 0, 1.0, -1.0)
        return (x.detach() * self.inverse).round_().clamp_(self.low, self.high)


def _highest(bits: int, *, signed: bool) -> int:
    return max(1, 2 ** (bits - 1) - 1) if signed else 2**bits - 1


def _top(x: Tensor, largest: float, bits: int, *, signed: bool) -> float:
    """Where the last code of x lies, whose largest magnitude is ``largest``."""
    if signed and bits == 1:
        return float(x.abs().mean())
    width = _NORMAL_TOPS.get(_highest(bits, signed=signed))
    if width is None:
        return largest
    mean_square = float(torch.linalg.vector_norm(x)) ** 2 / x.numel() * (1 if signed else 2)
    return min(largest, width * mean_square**0.5)


class Ranged(nn.Module):
    """What quantises activations: ``bits``, the running ``top`` as ``a_max``, and whether they are ``a_signed``."""

    bits: int
    a_max: Tensor
    a_signed: Tensor

    def set_bits(self, bits: int) -> None:
        """Sets the width; the first call adds the buffers. ``InputError`` for bits outside 1 to 16."""
        if not isinstance(bits, int) or isinstance(bits, bool) or not 1 <= bits <= MOST_BITS:
            raise InputError(f"bits must be 1 to {MOST_BITS}, not {bits!r}")
        self.bits = bits
        if "a_max" not in self._buffers:
            self.register_buffer("a_max", torch.zeros(()))
            self.register_buffer("a_signed", torch.zeros((), dtype=torch.bool))

    def activation_values(self, x: Tensor) -> Tensor:
        """Quantised activations, float32: in training by the range of the batch, which goes into the running one."""
        grid = self._seen(x.detach()) if self.training else self._fixed(x.detach())
        codes = grid.codes(x, self.bits)
        return _Straight.apply(x, codes.mul_(grid.step), 1.0, self._inside(x, grid))

    def activation_codes(self, x: Tensor) -> tuple[Tensor, float, bool]:
        """Codes of evaluation as float32, their step, and whether they are signed."""
        grid = self._fixed(x.detach())
        return (
            _Straight.apply(x, grid.codes(x, self.bits), grid.inverse, self._inside(x, grid)),
            grid.step,
            grid.low < 0,
        )

    def extra_repr(self) -> str:
        """The layer's own text and the bits."""
        return ", ".join(filter(None, [super().extra_repr(), f"bits={self.bits}"]))

    def _seen(self, x: Tensor) -> _Grid:
        top, signed = self._range(x)
        first = float(self.a_max) == 0
        self.a_signed.fill_(signed)
        self.a_max.fill_(top if first else (1 - _MOMENTUM) * float(self.a_max) + _MOMENTUM * top)
        return _Grid.of(top, self.bits, signed=signed)

    def _fixed(self, x: Tensor) -> _Grid:
        top, signed = float(self.a_max), bool(self.a_signed)
        if top == 0:
            top, signed = self._range(x)
        return _Grid.of(top, self.bits, signed=signed)

    def _range(self, x: Tensor) -> tuple[float, bool]:
        """Where the last code of x lies, and whether x is signed: it was before, or has a negative value."""
        low, high = (float(value) for value in x.aminmax())
        signed = bool(self.a_signed) or low < 0
        return _top(x, max(high, -low), self.bits, signed=signed), signed

    def _inside(self, x: Tensor, grid: _Grid) -> Tensor | None:
        """Where x is not clipped; None where nobody asks for gradients, and where nothing can be clipped."""
        clips = not self.training or grid.high in _NORMAL_TOPS
        if not (clips and x.requires_grad and torch.is_grad_enabled()) or (grid.low < 0 and self.bits == 1):
            return None
        below = x <= grid.high * grid.step
        return below if self.training and not grid.low else below.logical_and_(x >= grid.low * grid.step)


class HybridShortcut(Ranged):
    """An identity shortcut with quantised values; the class of ``nn.Identity`` after ``hybrid``."""

    def forward(self, x: Tensor) -> Tensor:
        """float32 of any shape."""
        return self.activation_values(x)


class HybridMixin(Ranged):
    """What the layers share; their parameters are the float ones, and training changes those."""

    def forward(self, x: Tensor) -> Tensor:
        """float32 to float32, as the layer it was made of."""
        if self.training:
            codes, step = self.weight_codes()
            weight = _Straight.apply(self.weight, codes.mul_(step), 1.0, None)
            return self.product(self.activation_values(x), weight, self.bias)
        activations, a_step, _ = self.activation_codes(x)
        codes, step = self.weight_codes()
        weight = _Straight.apply(self.weight, codes, 1 / step if step else 0.0, None)
        out = self.product(activations, weight, None) * _scale(a_step, step)
        return out if self.bias is None else out + self.bias.reshape(-1, *(1,) * (self.weight.ndim - 2))

    @torch.no_grad()
    def weight_codes(self) -> tuple[Tensor, float]:
        """Codes of the weights as float32, and their step."""
        top = _top(self.weight, float(self.weight.abs().max()), self.bits, signed=True)
        grid = _Grid.of(top, self.bits, signed=True)
        return grid.codes(self.weight, self.bits), grid.step

    @torch.no_grad()
    def codes(self, x: Tensor) -> Codes:
        """The integers that evaluation multiplies for the input x."""
        activations, a_step, signed = self.activation_codes(x)
        weights, step = self.weight_codes()
        return Codes(activations.to(torch.int32), weights.to(torch.int32), _scale(a_step, step), signed)

    @torch.no_grad()
    def sums(self, codes: Codes) -> Tensor:
        """The sums int64 of the products of codes, of the shape of the output; exact, for any width."""
        return self.product(codes.activations.double(), codes.weights.double(), None).to(torch.int64)

    def bound(self) -> int:
        """The largest magnitude of a sum of products, whatever the input; up to 2^24 the forward pass is exact."""
        codes, _ = self.weight_codes()
        return int(codes.double().flatten(1).abs().sum(1).max()) * _highest(self.bits, signed=bool(self.a_signed))

    def product(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution or linear map of the layer's geometry."""
        raise NotImplementedError


def _scale(a_step: float, step: float) -> float:
    return float(torch.tensor(a_step * step, dtype=torch.float32))


class HybridConv2d(HybridMixin, nn.Conv2d):
    """``nn.Conv2d`` made by ``hybrid``: float32 [B, C, H, W] to [B, filters, H', W']."""

    def product(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """As ``nn.Conv2d``."""
        return self._conv_forward(x, weight, bias)


class HybridLinear(HybridMixin, nn.Linear):
    """``nn.Linear`` made by ``hybrid``: float32 [..., in_features] to [..., out_features]."""

    def product(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """As ``nn.Linear``."""
        return F.linear(x, weight, bias)
